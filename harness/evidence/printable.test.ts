import { expect, it } from 'vitest';
import { printable, quoted } from './printable.ts';

it('shows what a terminal would act on, and leaves the rest', () => {
  expect(printable('plain, grüß, 漢字 | █ \\')).toBe('plain, grüß, 漢字 | █ \\');
  expect(printable('a\r\n\tb\x1b[0m\x07\x7f\x9b')).toBe('a\\r\\n\\tb\\x1b[0m\\x07\\x7f\\x9b');
  expect(printable('\u202e\u200b\u2028\ud800')).toBe('\\u{202e}\\u{200b}\\u{2028}\\u{d800}');
});

it('shows what a runner of a CI would take for a command, wherever a line may begin with it', () => {
  expect(printable('::error::x')).toBe('\\x3a:error::x');
  expect(printable(' \u00a0::set-output name=a::b.c')).toBe(' \u00a0\\x3a:set-output name=a::b.c');
  expect(printable('##vso[task.complete] ##[error]x ##teamcity[x] ###[y]')).toBe(
    '\\x23#vso[task.complete] \\x23#[error]x \\x23#teamcity[x] #\\x23#[y]',
  );
  expect(printable('core::fmt::write ## heading [1]')).toBe('core::fmt::write ## heading [1]');
});

it('bounds the length in characters, without cutting one in two', () => {
  expect(printable('abcdef', 3)).toBe('abc…');
  expect(printable('😀😀😀', 2)).toBe('😀😀…');
  expect(quoted('abc', 3)).toBe('"abc"');
});
