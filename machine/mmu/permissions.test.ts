/**
 * Who may do what with a page, and that a page which one mode has used does not become accessible to another mode.
 * Expected values from the Privileged Architecture, "Virtual Address Translation Process", step 5, and the paragraphs on SUM and MXR.
 */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, PRIVILEGE, PTE, STATUS } from '../spec/riscv.ts';
import { ACCESSES, type Access, attempt, DATA, PAGE_FAULT, TABLES, VALUE, world } from '../testkit/access-attempt.ts';
import { ALL, PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const { user, supervisor, machine } = PRIVILEGE;

describe('permissions', () => {
  const bits = (names: string): bigint => [...names].reduce((flags, name) => flags | PTE[name as keyof typeof PTE], 0n);
  const LEAVES = ['R', 'RW', 'X', 'RX', 'RWX'].flatMap((names) => [names, `${names}U`]);

  /** Step 5 of the translation process, and the paragraphs on SUM and MXR. */
  function allowed(leaf: string, access: Access, privilege: number, { sum, mxr }: { sum: boolean; mxr: boolean }): boolean {
    const forUser = leaf.includes('U');
    if (privilege === user && !forUser) return false;
    if (privilege === supervisor && forUser && (access === 'fetch' || !sum)) return false;
    if (access === 'fetch') return leaf.includes('X');
    return access === 'store' ? leaf.includes('W') : leaf.includes('R') || (mxr && leaf.includes('X'));
  }

  it.each(LEAVES)('of a leaf with %s are those of the specification', (leaf) => {
    const w = world();
    const virtual = 0x4000_0000n;
    w.table.map(virtual, DATA, bits(leaf) | PTE.V | PTE.A | PTE.D);
    const wrong: string[] = [];
    for (const access of ACCESSES)
      for (const privilege of [user, supervisor])
        for (const sum of [false, true])
          for (const mxr of [false, true]) {
            const expected = allowed(leaf, access, privilege, { sum, mxr }) ? undefined : PAGE_FAULT[access];
            const status = (sum ? STATUS.SUM : 0n) | (mxr ? STATUS.MXR : 0n);
            const actual = attempt(w, access, virtual, { privilege, status });
            if (actual !== expected) wrong.push(`${access} at ${privilege}, SUM ${sum}, MXR ${mxr}: ${actual}, not ${expected}`);
            if (access === 'fetch') continue;
            // The same from M mode through MPRV.
            const lent = attempt(w, access, virtual, { privilege: machine, status: status | STATUS.MPRV | (BigInt(privilege) << 11n) });
            if (lent !== expected) wrong.push(`${access} by MPRV at ${privilege}, SUM ${sum}, MXR ${mxr}: ${lent}, not ${expected}`);
          }
    expect(wrong).toEqual([]);
  });

  it('change at once with mstatus, without a fence', () => {
    const p = new Program(
      `ld a0, 0(a1)\n csrs sstatus, a2\n ld a0, 0(a1)\n csrc sstatus, a2\n ld a0, 0(a1)\n .org ${DATA}\n .dword ${VALUE}`,
    );
    for (const [flags, bit] of [
      [PTE.R | PTE.U, STATUS.SUM],
      [PTE.X, STATUS.MXR],
    ] as const) {
      const table = new PageTable(p, 3, TABLES);
      table.map(0x3000_0000n, 0x8000_0000n);
      table.map(0x4000_0000n, DATA, flags | PTE.V | PTE.A);
      p.setX('a1', 0x4000_0000n);
      p.setX('a2', bit);
      table.enter(0x3000_0004n);
      p.run(3);
      expect(p.trap).toBeUndefined();
      p.run(1);
      expect(p.trap).toEqual({ cause: EXCEPTION.loadPage, interrupt: false, tval: 0x4000_0000n, pc: 0x3000_0010n });
    }
  });

  it('do not hold in M mode, which has no translation', () => {
    const w = world();
    expect(attempt(w, 'load', DATA, { privilege: machine })).toBeUndefined();
    expect(attempt(w, 'load', 0x4000_0000n, { privilege: machine })).toBe(EXCEPTION.loadAccess);
    // Nor with MPRV and M in MPP; and MPRV does not apply to fetches.
    expect(attempt(w, 'load', DATA, { privilege: machine, status: STATUS.MPRV | STATUS.MPP })).toBeUndefined();
    expect(attempt(w, 'fetch', DATA, { privilege: machine, status: STATUS.MPRV })).toBeUndefined();
  });
});

describe('what one mode has used before', () => {
  const virtual = 0x4000_0000n;

  /** M mode, which borrows S mode's rights, then U mode's, to load from a1. */
  const borrowed = `csrw mstatus, a2\n ld a0, 0(a1)\n csrw mstatus, a3\n ld a0, 0(a1)\nend: j end\n .org ${DATA}\n .dword ${VALUE}`;
  const as = (privilege: number): bigint => STATUS.MPRV | (BigInt(privilege) << 11n);

  it.each([
    ['S mode', 'U mode', ALL, supervisor, user],
    ['U mode', 'S mode', ALL | PTE.U, user, supervisor],
  ] as const)('as data in %s is not open to %s', (_, __, flags, first, then) => {
    const p = new Program(borrowed);
    const table = new PageTable(p, 3, TABLES);
    table.map(virtual, DATA, flags);
    p.setX('a1', virtual);
    p.setX('a2', as(first));
    p.setX('a3', as(then));
    table.enter(p.pc, machine);
    p.run(2);
    expect([p.trap, p.x('a0')]).toEqual([undefined, VALUE]);
    p.run(2);
    expect(p.trap?.cause).toBe(EXCEPTION.loadPage);
  });

  it('as data in M mode lies elsewhere in S mode', () => {
    const p = new Program(
      `ld a0, 0(a1)\n mret\n .org ${DATA}\n .dword 1\n .org ${DATA + 0x1000n}\n .dword 2\n .org ${DATA + 0x2000n}\n ld a2, 0(a1)`,
    );
    const table = new PageTable(p, 3, TABLES);
    table.map(DATA, DATA + 0x1000n);
    table.map(virtual, DATA + 0x2000n);
    p.setX('a1', DATA);
    p.hart.state.set('mepc', virtual);
    p.hart.state.set('mstatus', p.csr('mstatus') | (1n << 11n));
    table.enter(p.pc, machine);
    p.run(3);
    expect([p.trap, p.x('a0'), p.x('a2')]).toEqual([undefined, 1n, 2n]);
  });

  it('as code in S mode is none in U mode', () => {
    const p = new Program('sret\n nop');
    const table = new PageTable(p, 3, TABLES);
    table.map(virtual, 0x8000_0000n);
    p.hart.state.set('sepc', virtual + 4n);
    table.enter(virtual);
    p.run(2);
    expect(p.trap).toEqual({ cause: EXCEPTION.instructionPage, interrupt: false, tval: virtual + 4n, pc: virtual + 4n });
  });
});
