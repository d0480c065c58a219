import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ConsoleWatch } from './console-watch.ts';

/** Offsets just after each match. */
function matches(text: string, stream: string): number[] {
  const watch = new ConsoleWatch(text);
  return [...new TextEncoder().encode(stream)].flatMap((byte, at) => (watch.push(byte) ? [at + 1] : []));
}

it('sees the text with its last byte, wherever it begins', () => {
  expect(matches('Shell...', 'xx[INIT] Starting Shell...\n')).toEqual([26]);
  expect(matches('aab', 'aaaab')).toEqual([5]);
  expect(matches('abcabd', 'abcabcabd')).toEqual([9]);
  expect(matches('never', 'nevenever')).toEqual([9]);
});

it('starts anew after a match: a prompt is not found twice in the same bytes', () => {
  expect(matches('aa', 'aaaa')).toEqual([2, 4]);
  expect(matches('# ', '~ # ls\n~ # ')).toEqual([4, 11]);
});

it('compares bytes, so characters beyond ASCII match', () => {
  expect(matches('✓', 'a✓')).toEqual([4]);
});

it('agrees with indexOf', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 6 });
  const stream = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 60 });
  fc.assert(
    fc.property(text, stream, (needle, haystack) => {
      const expected: number[] = [];
      for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) expected.push(at + needle.length);
      expect(matches(needle, haystack)).toEqual(expected);
    }),
  );
});
