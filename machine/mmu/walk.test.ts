/**
 * Address translation as code sees it: which address is reached, and what faults with which cause and address.
 * Expected values from the Privileged Architecture, "Virtual Address Translation Process" and "Sv39", "Sv48", "Sv57".
 */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, PTE } from '../spec/riscv.ts';
import { ACCESS_FAULT, ACCESSES, attempt, DATA, PAGE_FAULT, TABLES, VALUE, world } from '../testkit/access-attempt.ts';
import { ALL, PageTable, type PageTableLevels } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

/** An address that shares no entry with the code, not even in the root. */
const ELSEWHERE: Record<PageTableLevels, bigint> = { 3: 1n << 37n, 4: 1n << 40n, 5: 1n << 49n };

describe.each([
  ['Sv39', 3],
  ['Sv48', 4],
  ['Sv57', 5],
] as const)('%s', (_, levels) => {
  const sizes = Array.from({ length: levels }, (_unused, level) => level);

  it.each(sizes)('maps a leaf at level %i', (level) => {
    const w = world(levels);
    const size = 1n << BigInt(12 + 9 * level);
    const virtual = ELSEWHERE[levels];
    // A leaf that is larger than RAM begins below RAM.
    w.table.map(virtual, (DATA / size) * size, ALL, level);
    expect(attempt(w, 'load', virtual + (DATA % size))).toBeUndefined();
    expect(w.p.x('a0')).toBe(VALUE);
    expect(attempt(w, 'fetch', virtual + (DATA % size))).toBeUndefined();
  });

  it.each(sizes.slice(1))('refuses a leaf at level %i that is not aligned to its size', (level) => {
    const w = world(levels);
    const virtual = ELSEWHERE[levels];
    for (let bit = 0; bit < 9 * level; bit++) {
      w.p.store(w.table.entry(virtual, level), 8, (1n << BigInt(10 + bit)) | ALL);
      expect([bit, attempt(w, 'load', virtual)]).toEqual([bit, EXCEPTION.loadPage]);
    }
  });

  it('refuses addresses whose upper bits are no sign', () => {
    const top = BigInt(11 + 9 * levels);
    const w = world(levels);
    const negative = -(1n << top);
    w.table.map(BigInt.asUintN(64, negative), DATA);
    w.table.map(0n, DATA);
    expect(attempt(w, 'load', negative)).toBeUndefined();
    expect(attempt(w, 'load', 0n)).toBeUndefined();
    for (let bit = top; bit < 64n; bit++) {
      for (const access of ACCESSES) {
        expect(attempt(w, access, 1n << bit)).toBe(bit === 63n && top === 63n ? undefined : PAGE_FAULT[access]);
        expect(attempt(w, access, BigInt.asUintN(64, negative ^ (1n << bit)))).toBe(PAGE_FAULT[access]);
      }
    }
  });
});

describe('an entry', () => {
  const virtual = 0x4000_0000n;

  it.each([
    ['is not valid', ALL & ~PTE.V],
    ['is writable and not readable', ALL & ~PTE.R],
    ['is writable only', PTE.V | PTE.W | PTE.A | PTE.D],
    ...Array.from({ length: 7 }, (_, i) => [`has reserved bit ${54 + i}`, ALL | (1n << BigInt(54 + i))] as const),
  ] as const)('faults where it %s', (_, flags) => {
    for (const access of ACCESSES) {
      const w = world();
      w.table.map(virtual, DATA, flags);
      expect(attempt(w, access, virtual)).toBe(PAGE_FAULT[access]);
      expect(w.p.trap?.tval).toBe(virtual);
    }
  });

  it.each([
    ['A', PTE.A],
    ['D', PTE.D],
    ['U', PTE.U],
    ['N', 1n << 63n],
    ['PBMT', 1n << 61n],
  ] as const)('that points to a table faults with %s', (_, bit) => {
    const w = world();
    w.table.map(virtual, DATA);
    expect(attempt(w, 'load', virtual)).toBeUndefined();
    const pointer = w.table.entry(virtual, 1);
    w.p.store(pointer, 8, w.p.load(pointer, 8) | bit);
    expect(attempt(w, 'load', virtual)).toBe(EXCEPTION.loadPage);
  });

  it('of the last level faults where it points on', () => {
    const w = world();
    w.table.map(virtual, DATA, PTE.V);
    expect(attempt(w, 'load', virtual)).toBe(EXCEPTION.loadPage);
  });

  it('ignores G and the two bits for software', () => {
    const w = world();
    w.table.map(virtual, DATA, ALL | PTE.G | (3n << 8n));
    expect(attempt(w, 'load', virtual)).toBeUndefined();
  });
});

describe('the bits that hardware sets', () => {
  const virtual = 0x4000_0000n;
  const clean = ALL & ~(PTE.A | PTE.D);

  it.each([
    ['fetch', PTE.A],
    ['load', PTE.A],
    ['store', PTE.A | PTE.D],
  ] as const)('after a %s', (access, set) => {
    const w = world();
    w.table.map(virtual, DATA, clean);
    const entry = w.table.entry(virtual);
    const before = w.p.load(entry, 8);
    expect(attempt(w, access, virtual)).toBeUndefined();
    expect(w.p.load(entry, 8)).toBe(before | set);
  });

  it('include D when a store follows a load of the same page', () => {
    const w = world();
    w.table.map(virtual, DATA, clean);
    attempt(w, 'load', virtual);
    w.p.run(1);
    expect(w.p.load(w.table.entry(virtual), 8) & (PTE.A | PTE.D)).toBe(PTE.A | PTE.D);
  });

  it('stay as they are where the access faults', () => {
    const w = world();
    w.table.map(virtual, DATA, clean & ~PTE.W);
    expect(attempt(w, 'store', virtual)).toBe(EXCEPTION.storePage);
    expect(w.p.load(w.table.entry(virtual), 8) & (PTE.A | PTE.D)).toBe(0n);
  });
});

describe('access faults', () => {
  it.each(ACCESSES)('are raised by a %s where the page is outside RAM', (access) => {
    const w = world();
    w.table.map(0x4000_0000n, 0x7000_0000n);
    expect(attempt(w, access, 0x4000_0008n)).toBe(ACCESS_FAULT[access]);
    expect(w.p.trap?.tval).toBe(0x4000_0008n);
  });

  // By the specification this is an access fault. QEMU raises a page fault, and kernels must run here as on QEMU.
  it.each(ACCESSES)('are not raised by a %s where a page table is outside RAM: that is a page fault', (access) => {
    const w = world();
    w.p.store(w.table.entry(0x4000_0000n, 1), 8, ((0x7000_0000n >> 12n) << 10n) | PTE.V);
    expect(attempt(w, access, 0x4000_0008n)).toBe(PAGE_FAULT[access]);
  });
});

describe('an access across two pages', () => {
  const [first, second] = [0x4000_0000n, 0x4000_1000n];
  const at = second - 3n;

  it('reaches two frames that are not neighbours', () => {
    const w = world();
    w.table.map(first, DATA);
    w.table.map(second, 0x8001_0000n);
    expect(attempt(w, 'store', at)).toBeUndefined();
    expect([w.p.load(DATA + 4093n, 4) & 0xffffffn, w.p.load(0x8001_0000n, 4), w.p.load(0x8001_0004n, 1)]).toEqual([
      VALUE & 0xffffffn,
      (VALUE >> 24n) & 0xffffffffn,
      (VALUE >> 56n) & 0xffn,
    ]);
    expect(attempt(w, 'load', at)).toBeUndefined();
    expect(w.p.x('a0')).toBe(VALUE);
  });

  it.each([
    ['load', first, at],
    ['load', second, second],
    ['store', first, at],
    ['store', second, second],
  ] as const)('faults: a %s, page %i missing, tval %i', (access, missing, tval) => {
    const w = world();
    w.table.map(first === missing ? second : first, DATA);
    expect(attempt(w, access, at)).toBe(PAGE_FAULT[access]);
    expect(w.p.trap?.tval).toBe(tval);
    // No byte was stored.
    expect(w.p.load(DATA + 4093n, 2)).toBe(0n);
  });

  it('needs permission on both', () => {
    const w = world();
    w.table.map(first, DATA);
    w.table.map(second, 0x8001_0000n, PTE.V | PTE.R | PTE.A);
    expect(attempt(w, 'store', at)).toBe(EXCEPTION.storePage);
    expect(w.p.trap?.tval).toBe(second);
    expect(w.p.load(DATA + 4093n, 2)).toBe(0n);
  });
});

describe('satp and SFENCE.VMA', () => {
  const source = `csrw satp, a1\n csrr a2, satp\nend: j end`;

  it.each([
    ['Sv39', 8n, true],
    ['Sv48', 9n, true],
    ['Sv57', 10n, true],
    ['a reserved mode', 1n, false],
  ])('satp takes %s: %s', (_, mode, taken) => {
    const p = new Program(source);
    const value = (mode << 60n) | (0x1234n << 44n) | 0x80040n;
    p.setX('a1', value);
    p.runTo('end');
    expect(p.x('a2')).toBe(taken ? value : 0n);
  });

  it('a changed entry is seen after the fence', () => {
    const p = new Program(
      `ld a0, 0(a1)\n sd a2, 0(a3)\n sfence.vma\n ld a4, 0(a1)\nend: j end\n .org ${DATA}\n .dword 1\n .org ${DATA + 0x1000n}\n .dword 2`,
    );
    const table = new PageTable(p, 3, TABLES);
    table.map(0x3000_0000n, 0x8000_0000n);
    table.map(0x4000_0000n, DATA);
    table.map(0x5000_0000n, TABLES, ALL, 0);
    for (let page = 0n; page < 8n; page++) table.map(0x5000_0000n + page * 4096n, TABLES + page * 4096n);
    p.setX('a1', 0x4000_0000n);
    p.setX('a2', (((DATA + 0x1000n) >> 12n) << 10n) | ALL);
    p.setX('a3', 0x5000_0000n + table.entry(0x4000_0000n) - TABLES);
    table.enter(0x3000_0000n);
    p.run(4);
    expect(p.trap).toBeUndefined();
    expect([p.x('a0'), p.x('a4')]).toEqual([1n, 2n]);
  });

  it.each([1n, 40n, 300n])('changed entries are seen after the fence, however many pages the TLB holds: %i', (pages) => {
    // Loads from each page and stores to it, exchanges the entries of the first and the last page, and loads from both.
    const p = new Program(
      `
      mv t0, a1
again: ld t1, 0(t0)
      sd t0, 8(t0)
      li t2, 4096
      add t0, t0, t2
      bltu t0, a2, again
      ld t1, 0(a3)
      ld t2, 0(a4)
      sd t2, 0(a3)
      sd t1, 0(a4)
      sfence.vma
      ld a5, 8(a1)
      ld a6, 8(a7)
end:  j end`,
      { ramBytes: 0x80_0000 },
    );
    const table = new PageTable(p, 3, 0x8040_0000n);
    const first = 0x4000_0000n;
    const last = first + (pages - 1n) * 4096n;
    table.map(0x3000_0000n, 0x8000_0000n);
    for (let n = 0n; n < pages; n++) table.map(first + n * 4096n, 0x8010_0000n + n * 4096n);
    const entryAt = (virtual: bigint) => 0x5000_0000n + table.entry(virtual) - 0x8040_0000n;
    for (let page = 0n; page < 16n; page++) table.map(0x5000_0000n + page * 4096n, 0x8040_0000n + page * 4096n);
    p.setX('a1', first);
    p.setX('a2', first + pages * 4096n);
    p.setX('a3', entryAt(first));
    p.setX('a4', entryAt(last));
    p.setX('a7', last);
    table.enter(0x3000_0000n);
    p.run(Number(pages) * 5 + 20);
    expect(p.trap).toBeUndefined();
    expect([p.x('a5'), p.x('a6')]).toEqual([last, first]);
  });
});
