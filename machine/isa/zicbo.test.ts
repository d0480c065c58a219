/** Cache-block operations. Reference: Unprivileged ISA, "CMO"; causes and addresses compared with QEMU 10. */
import { describe, expect, it } from 'vitest';
import { ENVCFG, EXCEPTION, PRIVILEGE } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const { user, supervisor, machine } = PRIVILEGE;
const DATA = 0x8000_2000n;
const OPERATIONS = ['cbo.inval', 'cbo.clean', 'cbo.flush', 'cbo.zero'] as const;
const ENABLE = {
  'cbo.inval': ENVCFG.CBIE,
  'cbo.clean': ENVCFG.CBCFE,
  'cbo.flush': ENVCFG.CBCFE,
  'cbo.zero': ENVCFG.CBZE,
} as const;
const EVERYTHING = ENVCFG.CBIE | ENVCFG.CBCFE | ENVCFG.CBZE;

const program = (line: string): Program => {
  const p = new Program(`${line}\n end: j end\n .org ${DATA}\n .dword ${Array.from({ length: 24 }, (_, i) => i + 1).join(', ')}`);
  p.setX('a1', DATA + 64n + 13n);
  return p;
};

it('CBO.ZERO clears the block that holds the address, and no other byte', () => {
  const p = program('cbo.zero (a1)').runTo('end');
  const words = Array.from({ length: 24 }, (_, i) => p.load(DATA + BigInt(8 * i), 8));
  expect(words).toEqual(Array.from({ length: 24 }, (_, i) => (i >= 8 && i < 16 ? 0n : BigInt(i + 1))));
});

it('CBO.ZERO into code is seen by the next instruction', () => {
  const p = new Program('la a1, there\n jalr ra, 0(a1)\n cbo.zero (a1)\n jalr ra, 0(a1)\n .org 0x80000040\n there: ret');
  p.run(20);
  expect(p.trap).toMatchObject({ cause: EXCEPTION.illegalInstruction, pc: p.address('there') });
});

it.each(['cbo.inval', 'cbo.clean', 'cbo.flush'])('%s changes nothing', (name) => {
  const p = program(`${name} (a1)`);
  const before = p.bytes(DATA, 192);
  expect(p.runTo('end').bytes(DATA, 192)).toEqual(before);
});

describe.each(OPERATIONS)('%s', (name) => {
  const attempt = (privilege: number, m: bigint, s: bigint): number | undefined => {
    const p = program(`${name} (a1)`);
    p.hart.state.set('menvcfg', m);
    p.hart.state.set('senvcfg', s);
    p.hart.state.setSmall('privilege', privilege);
    p.hart.core.refresh();
    p.run(1);
    return p.trap?.cause;
  };
  const { illegalInstruction } = EXCEPTION;
  const [on, others] = [ENABLE[name], EVERYTHING & ~ENABLE[name]];

  it('is M mode’s always, S mode’s by menvcfg, U mode’s by senvcfg as well', () => {
    expect(attempt(machine, 0n, 0n)).toBeUndefined();
    expect([attempt(supervisor, on, 0n), attempt(supervisor, others, EVERYTHING)]).toEqual([undefined, illegalInstruction]);
    expect([attempt(user, on, on), attempt(user, on, others), attempt(user, others, on)]).toEqual([
      undefined,
      illegalInstruction,
      illegalInstruction,
    ]);
  });

  it('faults as a store, at the block', () => {
    const p = program(`${name} (a1)`);
    const table = new PageTable(p, 3, 0x8004_0000n);
    table.map(0x4000_0000n, 0x8000_0000n);
    p.setX('a1', 0x5000_0047n);
    p.hart.state.set('menvcfg', EVERYTHING);
    table.enter(0x4000_0000n);
    p.run(1);
    expect(p.trap).toMatchObject({ cause: EXCEPTION.storePage, tval: 0x5000_0040n });
  });
});

it('a block that can only be read may be cleaned, but not cleared', () => {
  for (const [name, cause] of [
    ['cbo.clean', undefined],
    ['cbo.zero', EXCEPTION.storePage],
  ] as const) {
    const p = program(`${name} (a1)`);
    const table = new PageTable(p, 3, 0x8004_0000n);
    table.map(0x4000_0000n, 0x8000_0000n);
    table.map(0x5000_0000n, DATA, 0x43n);
    p.setX('a1', 0x5000_0000n);
    p.hart.state.set('menvcfg', EVERYTHING);
    table.enter(0x4000_0000n);
    p.run(1);
    expect(p.trap?.cause).toBe(cause);
  }
});

it('prefetches do nothing, wherever they point', () => {
  // ORI to x0 with 0, 1 and 3 in the low bits of the offset: prefetch.i, prefetch.r, prefetch.w.
  const p = new Program('ori zero, a1, 0\n ori zero, a1, 1\n ori zero, a1, 3\n end: j end');
  expect(p.runTo('end').trap).toBeUndefined();
});
