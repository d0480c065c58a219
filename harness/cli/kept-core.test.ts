import { setFlagsFromString } from 'node:v8';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { codeOf, withKeptCode } from './kept-core.ts';

/** A module that exports `answer`, which returns 42. */
const BYTES = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 10, 1, 6],
  ...[...Buffer.from('answer'), 0, 0, 10, 6, 1, 4, 0, 0x41, 42, 0x0b],
]);

const answer = (module: WebAssembly.Module | undefined) => module && (new WebAssembly.Instance(module).exports['answer'] as () => number)();

describe('the code that is kept of a module', () => {
  // V8 keeps what its optimizing compiler has made, which here is to be the first one. What it refuses depends on the flags.
  setFlagsFromString('--no-liftoff');
  afterAll(() => setFlagsFromString('--liftoff'));
  const module = new WebAssembly.Module(BYTES);
  answer(module);
  const kept = codeOf(module);

  it('makes a module that does the same', () => {
    expect(answer(withKeptCode(BYTES, kept))).toBe(42);
  });

  it('is not used where there is none', () => {
    expect(withKeptCode(BYTES, undefined)).toBeUndefined();
    expect(withKeptCode(BYTES, new Uint8Array(0))).toBeUndefined();
  });

  it('is not used where a part of it is missing', () => {
    for (const length of [1, 4, 5, kept.length - 1]) expect(withKeptCode(BYTES, kept.slice(0, length))).toBeUndefined();
  });

  it('is not used where V8 refuses it, as code of a different version or processor', () => {
    const changed = kept.slice();
    for (let at = 8; at < 20; at++) changed[at]! ^= 0xff;
    expect(withKeptCode(BYTES, changed)).toBeUndefined();
  });

  it('is not used where V8 has no such call', () => {
    const made = vi.fn();
    vi.stubGlobal(
      'Function',
      class {
        constructor() {
          made();
          throw new SyntaxError('Unexpected token %');
        }
      },
    );
    try {
      expect(withKeptCode(BYTES, kept)).toBeUndefined();
      expect(made).toHaveBeenCalled();
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("leaves V8's own calls out of reach", () => {
    withKeptCode(BYTES, kept);
    expect(() => new Function('return %IsBeingInterpreted()')).toThrow(SyntaxError);
  });
});
