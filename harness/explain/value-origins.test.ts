/** Where stored values were made, in testdata/origins.c: as the compiler wrote it without optimization, and with it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hex } from '../bytes/hex.ts';
import { storeKey } from '../evidence/explanation.ts';
import { readElf } from '../run/elf.ts';
import { explainKernel as explained } from '../testkit/explained-kernel.ts';
import { isWorthNaming } from './value-origins.ts';

const DATA = join(import.meta.dirname, 'testdata');
const linesOf = (file: string) => {
  const lines = readFileSync(join(DATA, file), 'utf8').split('\n');
  return (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
};
const lineOf = linesOf('origins.c');

/** Who stored the value at `offset` bytes after a variable. */
function storeAt(build: string, variable: string, offset: number, length: number) {
  const bytes = new Uint8Array(readFileSync(join(DATA, `${build}.elf`)));
  const symbol = readElf(bytes).symbols.find(({ name }) => name === variable)!;
  const question = { address: hex(symbol.address + BigInt(offset)), length, before: 100_000 };
  const store = explained(bytes, () => [question]).explanations!.stores[storeKey(question)];
  if (store?.by !== 'kernel') throw new Error(`stored by ${store?.by}`);
  return store;
}

/** What made it: its value, and line and function of each place. */
function origins(build: string, variable: string, offset: number, length: number) {
  return (storeAt(build, variable, offset, length).origins ?? []).map(({ value, stack }) => {
    const frames = stack.places.flatMap((place) => place.frames).filter(({ line }) => line !== null);
    return [value, ...frames.map(({ line, function: name }) => `${line} ${name}`)];
  });
}

const CALLER = `${lineOf('request(7)')} kernel_main`;
/** Offsets in a table of descriptors of 16 bytes. */
const LENGTH = 8;
const FLAGS = 12;
const NEXT = 14;

describe('a value that is stored in a helper', () => {
  it('comes from the line that put it into an array of the caller', () => {
    expect(origins('origins-O0', 'table', 16 + LENGTH, 4)).toEqual([['0x1f4', `${lineOf('chain[1].length = 500')} request`, CALLER]]);
  });

  it('comes from there in optimized code, too, where the caller is left by a jump', () => {
    expect(origins('origins-O2', 'table', 16 + LENGTH, 4)).toEqual([['0x1f4', `${lineOf('chain[1].length = 500')} request`]]);
  });

  it('comes from there through what the helper makes of it', () => {
    // The store is of 1 | 1 << 1. What was made elsewhere is the 1 that is moved, and not the value that was stored.
    expect(origins('origins-O0', 'table', 16 + FLAGS, 2)).toEqual([[null, `${lineOf('chain[1].writable = 1')} request`, CALLER]]);
  });

  it('comes from the calculation in the caller', () => {
    expect(origins('origins-O0', 'sector', 0, 8)).toEqual([['0x8', `${lineOf('first + 1')} request`, CALLER]]);
  });

  it('is not told twice where the optimizer makes it on the line of the call', () => {
    expect(origins('origins-O2', 'sector', 0, 8)).toEqual([]);
  });

  it.each(['origins-O0', 'origins-O2'])('is said to come from nowhere else where the store’s own line has it (%s)', (build) => {
    expect(origins(build, 'table', 32 + FLAGS, 2)).toEqual([]);
  });

  it('comes from the line that chose an argument', () => {
    const at = lineOf('unsigned short next =');
    const [made] = origins('origins-O0', 'table', 32 + NEXT, 2);
    expect([`${at} request`, `${at + 1} request`]).toContain(made![1]);
    expect(made![0]).toBe('0x1234');
  });
});

it('a value is followed back over thousands of instructions', () => {
  expect(origins('far', 'table', 16 + FLAGS, 2)).toEqual([['0x123', `${linesOf('arguments.c')('data.flags = 0x123')} kernel_main`]]);
});

describe.each(['inlined', 'inlined-5'])('an argument that only the debug information still knows (%s)', (build) => {
  const heldIn = (descriptor: number, offset: number, length: number) => {
    const held = storeAt(build, 'table', 16 * descriptor + offset, length).heldIn;
    return held && [held.name, held.value, held.declared.places[0]!.frames[0]!.line, held.declared.places[0]!.frames[0]!.function];
  };
  const line = linesOf('arguments.c');

  it('is named by the variable that has it, and a second part of the same descriptor', () => {
    expect(heldIn(1, FLAGS, 2)).toEqual(['data_buffer', '0x2', line('data_buffer = '), 'request']);
    expect(heldIn(2, FLAGS, 2)).toEqual(['status_buffer', '0x2', line('status_buffer = '), 'request']);
  });

  it('is not named where the variable does not have it: NEXT is the helper’s own', () => {
    expect(heldIn(0, FLAGS, 2)).toBeUndefined();
  });
});

describe('a constant', () => {
  const place = (address: string, function_: string, line: number) => ({
    address,
    frames: [{ function: function_, file: 'a.rs', line, inlined: false, library: false }],
  });
  const stack = (...places: ReturnType<typeof place>[]) => ({ places, leftOut: 0, notes: [] });
  const caller = place('0x300', 'main', 30);
  /** Stored in `copy`, which `write` has called. */
  const store = stack(place('0x100', 'copy', 1), place('0x200', 'write', 20), caller);
  const madeAt = (made: ReturnType<typeof stack>, { isUsedLate }: { isUsedLate: boolean }) =>
    isWorthNaming(
      { origin: { value: '0x1', instruction: 'addi s4, zero, 1', stack: made }, isConstant: true, isUsedLate, isLoaded: false },
      store,
    );

  it('that the function has kept for other uses is not said to be made there', () => {
    expect(madeAt(stack(place('0x1f0', 'write', 12), caller), { isUsedLate: true })).toBe(false);
  });

  it('that is passed on at once is, and so is one of a function that has returned', () => {
    expect(madeAt(stack(place('0x1f0', 'write', 12), caller), { isUsedLate: false })).toBe(true);
    expect(madeAt(stack(place('0x400', 'flags', 40), place('0x1e0', 'write', 11), caller), { isUsedLate: true })).toBe(true);
  });
});
