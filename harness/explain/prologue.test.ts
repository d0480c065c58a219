/** Calls of kernels that have symbols, but neither frame pointers nor call frame information. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hex } from '../bytes/hex.ts';
import { storeKey } from '../evidence/explanation.ts';
import { readElf } from '../run/elf.ts';
import { explainKernel as explained } from '../testkit/explained-kernel.ts';
import { withoutSections } from '../testkit/sample-kernels.ts';
import { StackWalker } from './call-stack.ts';
import { Budget } from './dwarf/budget.ts';
import { frameAt } from './prologue.ts';

const kernel = (name: string) => new Uint8Array(readFileSync(join(import.meta.dirname, 'testdata', `${name}.elf`)));
const FRAMES = '.debug_frame';
const addressOf = (bytes: Uint8Array, name: string) => readElf(bytes).symbols.find((symbol) => symbol.name === name)!.address;

/** Names of the functions that led to the last store into `sector`. */
function callsOf(bytes: Uint8Array): (string | null)[] {
  const question = { address: hex(addressOf(bytes, 'sector')), length: 8, before: 100_000 };
  const store = explained(bytes, () => [question]).explanations!.stores[storeKey(question)];
  if (store?.by !== 'kernel') throw new Error(`stored by ${store?.by}`);
  expect(store.stack.notes).toEqual([]);
  return store.stack.places.flatMap(({ frames }) => frames.map((frame) => frame.function));
}

it('are found by how each function begins, as call frame information has them', () => {
  const bytes = kernel('origins-O2');
  const calls = callsOf(withoutSections(bytes, [FRAMES]));
  // kernel_main leaves by a jump to request, so _start is next.
  expect(calls).toEqual(['set_sector', 'request', '_start']);
  expect(calls).toEqual(callsOf(bytes));
});

it('are not looked for in a function that no symbol names', () => {
  const elf = readElf(kernel('origins-O2'));
  expect(frameAt({ ...elf, symbols: [] }, addressOf(kernel('origins-O2'), 'request'))).toBeUndefined();
});

it('know how much of a prologue has been executed', () => {
  const bytes = kernel('origins-O0');
  const elf = readElf(bytes);
  const request = addressOf(bytes, 'request');
  // First addi sp, sp, -96, a compressed instruction; then ra and s0 go to its upper end.
  expect(frameAt(elf, request)).toEqual({ size: 0n, saved: new Map() });
  expect(frameAt(elf, request + 2n)).toEqual({ size: 96n, saved: new Map() });
  const inside = frameAt(elf, request + 16n)!;
  expect([...inside.saved]).toEqual([
    [1, -8n],
    [8, -16n],
  ]);
  expect(inside.size).toBe(96n);
});

it('go on through a call that is the last instruction of the code, as that of a panic may be', () => {
  const elf = readElf(kernel('origins-O2'));
  const pc = addressOf(kernel('origins-O2'), 'request');
  const end = elf.code.at(-1)!.high;
  const registers = Array.from({ length: 32 }, (_, register) => (register === 1 ? end : 0x8030_0000n));
  const isCode = (address: bigint) => address < end;
  const walker = new StackWalker(elf, new Budget(), isCode);
  expect(walker.walk({ pc, registers, stack: new Uint8Array(4096) }).addresses.slice(0, 2)).toEqual([pc, end]);
});
