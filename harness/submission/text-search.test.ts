import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textFile } from './text-search.ts';

const text = (...bytes: number[]) => textFile('a.txt', Uint8Array.from(bytes), '00').text;

describe('the text of a file', () => {
  it.each([
    ['UTF-8', [0x68, 0xc3, 0xa9], 'h\u00e9'],
    ['UTF-8 with a byte-order mark', [0xef, 0xbb, 0xbf, 0x68], 'h'],
    ['UTF-16, the low byte first', [0xff, 0xfe, 0x68, 0, 0x0d, 0, 0x0a, 0], 'h\n'],
    ['UTF-16, the high byte first', [0xfe, 0xff, 0, 0x68, 0x20, 0xac], 'h\u20ac'],
    ['line ends of Windows', [0x68, 0x0d, 0x0a], 'h\n'],
    ['bytes that are not UTF-8', [0x68, 0xff], 'h\ufffd'],
    ['nothing', [], ''],
  ])('%s', (_, bytes, expected) => {
    expect(text(...bytes)).toBe(expected);
  });

  it.each([
    ['a zero byte', [0x68, 0]],
    ['UTF-16 without a mark', [0x68, 0, 0x69, 0]],
    ['an ELF file', [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]],
  ])('is none: %s', (_, bytes) => {
    expect(textFile('a.txt', Uint8Array.from(bytes), '00')).toMatchObject({ text: null, problem: 'a.txt is not a text file' });
  });

  it('of any bytes has no zero and no byte-order mark, or there is a problem', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((rest) => Uint8Array.of(0xff, 0xfe, ...rest)),
      fc.uint8Array({ maxLength: 64 }).map((rest) => Uint8Array.of(0xfe, 0xff, ...rest)),
    );
    fc.assert(
      fc.property(bytes, (any) => {
        const found = textFile('a.txt', any, '00');
        expect(found.bytes).toBe(any.length);
        expect(found.text === null).toBe(found.problem !== null);
        expect(found.text ?? '').not.toMatch(/\0|\r\n/);
        expect(JSON.parse(JSON.stringify(found))).toEqual(found);
      }),
    );
  });
});
