/**
 * Where a call of the interpreter ends does not show: the same program run in one piece, in pieces of one instruction and in others leaves
 * the same registers, page tables and work. Slices end at other times when code is translated, and when a run is explained.
 *
 * That a hart need not see a changed page table before SFENCE.VMA: RISC-V Privileged Architecture, "Supervisor Memory-Management Fence
 * Instruction". That it never sees it while code goes on in its page is our choice.
 */
import { expect, it } from 'vitest';
import { DECODED_MAP } from '../layout/memory-map.ts';
import { PTE } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const PIECES = [1, 2, 3, 7, 40, 1000];

/** Runs programs that `make` makes for 2000 instructions, each in pieces of its own; gives one of them. */
function inPieces(make: () => Program): Program {
  const programs = PIECES.map((length) => {
    const p = make();
    p.hart.engine.loops.enabled = false;
    while (p.hart.now() < 2000) p.run(Math.min(length, 2000 - p.hart.now()));
    return p;
  });
  const [first, ...others] = programs.map((p) => ({
    registers: Array.from({ length: 32 }, (_, n) => p.hart.state.x(n)),
    pc: p.pc,
    trap: p.trap,
    retired: p.hart.retired(),
    tables: p.bytes(TABLES, 0x4000).join(),
    work: p.hart.engine.workDone(),
  }));
  for (const other of others) expect(other).toEqual(first);
  return programs[0]!;
}

const TABLES = 0x8004_0000n;
/** Where code runs: `a1` holds the address of its page table entry, and `a2` what it is to write there. The page is also seen at 0x20001000. */
const CODE = 0x1000_0000n;

function mapped(source: string, entry: (flags: bigint) => bigint): Program {
  const p = new Program(source);
  const table = new PageTable(p, 3, TABLES);
  for (let page = 0n; page < 4n; page++) table.map(CODE + page * 4096n, 0x8000_0000n + page * 4096n);
  table.map(0x2000_0000n, table.entry(CODE) & ~4095n);
  table.map(0x2000_1000n, 0x8000_0000n);
  p.setX('a1', 0x2000_0000n + (table.entry(CODE) & 4095n));
  p.setX('a2', entry(p.load(table.entry(CODE), 8)));
  table.enter(CODE);
  return p;
}

it('code goes on in its page after the page table has lost it', () => {
  const source = `
      sd a2, 0(a1)
      auipc t1, 0
again: addi a0, a0, 1
      jalr t2, 12(t1)
      addi a4, a4, 1
      li t3, 300
      bltu a0, t3, again
end:  j end`;
  const p = inPieces(() => mapped(source, (entry) => entry & ~PTE.X));
  expect([p.x('a0'), p.trap]).toEqual([300n, undefined]);
});

it('code goes on in its page after the TLB has forgotten everything', () => {
  // Page 2 is executed, and then stored to until it is taken for data.
  const source = `
      li t1, 0x10002000
      jalr ra, 0(t1)
      sd a2, 0(a1)
again: addi a0, a0, 1
      sd zero, 8(t1)
      li t3, 200
      bltu a0, t3, again
      auipc t1, 0
      jalr t2, 8(t1)
end:  j end
      .org 0x80002000
      ret`;
  const p = inPieces(() => mapped(source, (entry) => entry & ~PTE.X));
  expect([p.x('a0'), p.trap]).toEqual([200n, undefined]);
  // Given up, which is what makes the TLB forget.
  expect(p.hart.state.view.getUint32(DECODED_MAP + 8, true)).toBe(0);
});

it('a page whose code goes on is not marked as accessed again', () => {
  const source = 'sd a2, 0(a1)\n again: addi a0, a0, 1\n ld a3, 0(a1)\n j again';
  const p = inPieces(() => mapped(source, (entry) => entry & ~PTE.A));
  expect(p.x('a3') & (PTE.V | PTE.A)).toBe(PTE.V);
});

it('a fetch from the page that code runs on into is counted once', () => {
  const p = inPieces(() => new Program('j last\n .org 0x80000ff8\nlast: addi a0, a0, 1\n addi a0, a0, 1\n addi a0, a0, 1\nend: j end'));
  expect(p.x('a0')).toBe(3n);
  expect(p.hart.engine.workDone().counts['slow-fetches']).toBe(1);
});

it('a page that is executed is not taken for data, whatever the page table says by then', () => {
  // It is seen as page 3 from the first store on; it stores to itself, and then goes to page 1, whose code lies at the same offsets.
  const source = `
      li t1, 0x20001000
      li t0, 0x10001040
      li t3, 200
      sd a2, 0(a1)
      j again
      .org 0x80000040
again: addi a0, a0, 1
      sd zero, 256(t1)
      bltu a0, t3, again
      jr t0
      .org 0x80001040
      addi a5, a5, 1
      addi a5, a5, 1
      addi a5, a5, 1
end:  j end`;
  const p = inPieces(() => mapped(source, (entry) => entry + (3n << 10n)));
  expect([p.x('a0'), p.x('a5'), p.trap]).toEqual([200n, 3n, undefined]);
});
