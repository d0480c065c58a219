/** Svnapot and Svpbmt: the bits at the top of a page table entry. Reference: Privileged Architecture, "Svnapot", "Svpbmt"; menvcfg.PBMTE as QEMU 10 has it. */
import { describe, expect, it } from 'vitest';
import { walkPageTable } from '../debug/inspect.ts';
import { ENVCFG, EXCEPTION, PRIVILEGE, PTE } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program, type ProgramOptions } from '../testkit/program.ts';

/** 64 KiB, aligned: page n of it holds n. */
const BLOCK = 0x8001_0000n;
const VIRTUAL = 0x4001_0000n;
const PAGE = PTE.V | PTE.R | PTE.W | PTE.A | PTE.D;
const N = 1n << 63n;
const type = (number: bigint) => number << 61n;
const { loadPage } = EXCEPTION;

/** What a load of page `page` of the block gives, whose entries have these bits at the top, and at the bottom of the page number; or its fault. */
function load(bits: bigint, options: ProgramOptions & { page?: bigint; number?: bigint; menvcfg?: bigint } = {}) {
  const { page = 0n, number = 0n, menvcfg } = options;
  const p = new Program('start: ld a0, 0(a1)\n end: j end', options);
  if (menvcfg !== undefined) setMenvcfg(p, menvcfg);
  const table = new PageTable(p, 3, 0x8004_0000n);
  table.map(0x4000_0000n, 0x8000_0000n);
  for (let n = 0n; n < 16n; n++) {
    p.store(BLOCK + n * 4096n, 8, n);
    table.map(VIRTUAL + n * 4096n, BLOCK + number * 4096n, PAGE | bits);
  }
  p.setX('a1', VIRTUAL + page * 4096n);
  table.enter(0x4000_0000n);
  expect(p.hart.state.small('privilege')).toBe(PRIVILEGE.supervisor);
  const { end } = walkPageTable(p.hart.state, VIRTUAL + page * 4096n);
  p.run(1);
  const outcome = p.trap?.cause ?? p.x('a0');
  // What explanations show is where the hart has gone.
  expect('physical' in end ? p.load(end.physical, 8) : end.problem).toBe(typeof outcome === 'bigint' ? outcome : 'reserved');
  return outcome;
}

function setMenvcfg(p: Program, value: bigint): void {
  const writer = new Program(`li t0, ${value}\n csrw menvcfg, t0\n end: j end`).runTo('end');
  for (const slot of ['menvcfg', 'setsAccessed', 'reservedPte'] as const) p.hart.state.set(slot, writer.csr(slot));
}

describe('Svnapot', () => {
  it.each([0n, 1n, 7n, 8n, 15n])('maps page %i of 64 KiB by one entry for all', (page) => {
    expect(load(N, { page, number: 8n })).toBe(page);
  });

  it.each([0n, 1n, 2n, 4n, 9n, 12n])('has no other sizes: a page number that ends in %i faults', (number) => {
    expect(load(N, { number })).toBe(loadPage);
  });

  it('is off where the hart does not have it', () => expect(load(N, { number: 8n, svnapot: false })).toBe(loadPage));
});

describe('Svpbmt', () => {
  it.each([0n, 1n, 2n])('type %i of memory makes no difference here', (n) => expect(load(type(n), { number: 3n })).toBe(3n));
  it('type 3 is reserved', () => expect(load(type(3n))).toBe(loadPage));

  it('is on from the start, and off without PBMTE, or where the hart does not have it', () => {
    expect(new Program('nop').csr('menvcfg') & ENVCFG.PBMTE).toBe(ENVCFG.PBMTE);
    expect(load(type(1n), { menvcfg: ENVCFG.ADUE })).toBe(loadPage);
    expect(load(type(1n), { menvcfg: ENVCFG.ADUE | ENVCFG.PBMTE })).toBe(0n);
    expect(load(type(1n), { svpbmt: false })).toBe(loadPage);
    expect(
      new Program('li t0, -1\n csrw menvcfg, t0\n csrr a0, menvcfg\n end: j end', { svpbmt: false }).runTo('end').x('a0') & ENVCFG.PBMTE,
    ).toBe(0n);
  });
});

it.each([N, type(1n), type(2n)])('a pointer to the next table must not have such bits: %i', (bits) => {
  const p = new Program('start: ld a0, 0(a1)\n end: j end');
  const table = new PageTable(p, 3, 0x8004_0000n);
  table.map(0x4000_0000n, 0x8000_0000n);
  table.map(0x4020_0000n, BLOCK, PAGE);
  const root = 0x8004_0000n + 8n;
  const pointer = p.load(root, 8);
  const middle = ((pointer >> 10n) << 12n) + 8n;
  p.store(middle, 8, p.load(middle, 8) | bits);
  p.setX('a1', 0x4020_0000n);
  table.enter(0x4000_0000n);
  p.run(1);
  expect(p.trap?.cause).toBe(loadPage);
});
