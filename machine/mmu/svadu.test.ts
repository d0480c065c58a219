/** Svadu and Svade: who sets the A and D bits. Reference: Privileged Architecture, "Svadu", "Svade"; which holds after a reset as in QEMU 10. */
import { describe, expect, it } from 'vitest';
import { ENVCFG, EXCEPTION, PTE } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const DATA = 0x8000_2000n;
const VIRTUAL = 0x4000_5000n;
const PAGE = PTE.V | PTE.R | PTE.W | PTE.X;
const { A, D } = PTE;
const { loadPage, storePage, instructionPage } = EXCEPTION;

interface Outcome {
  readonly cause: number | undefined;
  /** The A and D bits afterwards. */
  readonly bits: bigint;
}

function attempt(line: string, bits: bigint, options: { adue?: boolean; svadu?: boolean; svade?: boolean }): Outcome {
  const p = new Program(
    `${options.adue === undefined ? '' : `li t0, ${ENVCFG.ADUE}\n ${options.adue ? 'csrs' : 'csrc'} menvcfg, t0\n`} start: ${line}\n end: j end\n .org ${DATA}\n .dword 0x8082`,
    { svadu: options.svadu ?? true, svade: options.svade ?? false },
  );
  p.runTo('start');
  const table = new PageTable(p, 3, 0x8004_0000n);
  table.map(0x4000_0000n, 0x8000_0000n);
  table.map(VIRTUAL, DATA, PAGE | bits);
  p.setX('a1', VIRTUAL);
  table.enter(0x4000_0000n + p.address('start') - 0x8000_0000n);
  p.run(1);
  // The jump is done before the fetch at its target faults.
  if (line.startsWith('jalr')) p.run(1);
  return { cause: p.trap?.cause, bits: p.load(table.entry(VIRTUAL), 8) & (A | D) };
}

const LOAD = 'ld a0, 0(a1)';
const STORE = 'sd a0, 0(a1)';
const ATOMIC = 'amoor.d a0, zero, (a1)';
const FETCH = 'jalr ra, 0(a1)';

describe('with ADUE the hart does', () => {
  it.each([
    [LOAD, 0n, A],
    [FETCH, 0n, A],
    [STORE, 0n, A | D],
    [STORE, A, A | D],
    [ATOMIC, A, A | D],
    [LOAD, D, A | D],
  ])('%s, from %i to %i', (line, before, after) => {
    expect(attempt(line, before, { adue: true })).toEqual({ cause: undefined, bits: after });
  });
});

describe('without ADUE software does, after a page fault', () => {
  it.each([
    [LOAD, 0n, loadPage],
    [LOAD, D, loadPage],
    [LOAD, A, undefined],
    [FETCH, 0n, instructionPage],
    [FETCH, A, undefined],
    [STORE, A, storePage],
    [STORE, D, storePage],
    [STORE, A | D, undefined],
    [ATOMIC, A, storePage],
    [ATOMIC, A | D, undefined],
  ])('%s at %i', (line, bits, cause) => expect(attempt(line, bits, { adue: false })).toEqual({ cause, bits }));
});

it('without Svadu there is no such bit, and the hart does it, as QEMU', () => {
  expect(attempt(STORE, 0n, { adue: false, svadu: false })).toEqual({ cause: undefined, bits: A | D });
  const p = new Program('li t0, -1\n csrw menvcfg, t0\n csrr a0, menvcfg\n end: j end', { svadu: false });
  expect(p.runTo('end').x('a0') & ENVCFG.ADUE).toBe(0n);
});

describe('Svade', () => {
  const accessedBits = (options: { adue?: boolean; svadu?: boolean }) => attempt(LOAD, 0n, { ...options, svade: true });
  it('leaves it to software', () => expect(accessedBits({ svadu: false })).toEqual({ cause: loadPage, bits: 0n }));
  it('does so until Svadu is turned on, which without Svade is on from the start', () => {
    expect(accessedBits({})).toEqual({ cause: loadPage, bits: 0n });
    expect(accessedBits({ adue: true })).toEqual({ cause: undefined, bits: A });
    expect(attempt(LOAD, 0n, {})).toEqual({ cause: undefined, bits: A });
  });
});
