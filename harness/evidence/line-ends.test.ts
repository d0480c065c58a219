import { expect, it } from 'vitest';
import { withPlainLineEnds } from './line-ends.ts';

function plain(text: string): string {
  return new TextDecoder().decode(withPlainLineEnds(new TextEncoder().encode(text)));
}

it.each([
  ['', ''],
  ['one\ntwo\n', 'one\ntwo\n'],
  ['one\r\ntwo\r\r\r\n', 'one\ntwo\n'],
  ['over\rwritten\r\n\r', 'over\rwritten\n\r'],
  ['\r\r\rx\n', '\r\r\rx\n'],
  ['\r\n\r\n', '\n\n'],
])('%j shows as %j', (written, shown) => {
  expect(plain(written)).toBe(shown);
});

it('of a console that is full of carriage returns are found in one pass', () => {
  // An expression that begins anew at each of them would take minutes.
  const returns = new Uint8Array(8 * 1024 * 1024).fill(0x0d);
  expect(withPlainLineEnds(returns)).toHaveLength(returns.length);
});
