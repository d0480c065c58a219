/**
 * What registers keep of what is written (WARL). Reference: Privileged Architecture, each register's section; masks as read from
 * QEMU 10's rv64 without the hypervisor, except where a test says why ours differ.
 */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, PRIVILEGE } from '../spec/riscv.ts';
import { Program } from '../testkit/program.ts';

const ALL = (1n << 64n) - 1n;

/** What a register reads after a value was written over another. */
function written(csr: string, value: bigint, before = 0n): bigint {
  const p = new Program(`li t0, ${before}\n csrw ${csr}, t0\n li t0, ${value}\n csrw ${csr}, t0\n csrr a0, ${csr}\n end: j end`);
  return p.runTo('end').x('a0');
}

describe('all ones leave', () => {
  it.each([
    ['senvcfg', 0xf1n],
    ['menvcfg', 0xe000_0000_0000_00f1n],
    ['mcounteren', 0x7ffffn],
    ['scounteren', 0x7ffffn],
    ['mscratch', ALL],
    ['mcause', ALL],
    ['mtval', ALL],
    ['stval', ALL],
    // QEMU keeps bit 0, but by the specification it is read-only zero.
    ['mepc', ALL - 1n],
    ['sepc', ALL - 1n],
    // QEMU also takes causes and interrupts of the hypervisor, and the call from M mode, which cannot be delegated.
    ['medeleg', 0xb3ffn],
    ['mideleg', 0x222n],
    ['mie', 0xaaan],
    // No trigger is there.
    ['tselect', 0n],
    ['tdata1', 0n],
    // A write with a reserved mode is ignored as a whole.
    ['satp', 0n],
    ['mtvec', 0n],
    ['stvec', 0n],
  ])('%s with 0x%s', (csr, kept) => expect(written(csr, ALL)).toBe(kept));

  it('mstatus with all that this hart has; MPP takes no reserved mode', () => {
    expect(written('mstatus', ALL)).toBe(0x8000_000a_007e_79aan);
    expect(written('mstatus', 2n << 11n, 1n << 11n) & 0x1800n).toBe(0x0800n);
  });

  it('misa unchanged', () => expect(written('misa', ALL)).toBe(written('misa', 0n)));
});

describe('satp', () => {
  const mode = (n: bigint): bigint => (n << 60n) | 0x80123n;

  it('takes Bare, Sv39, Sv48 and Sv57, and keeps what it has for other modes', () => {
    for (const n of [8n, 9n, 10n]) expect(written('satp', mode(n))).toBe(mode(n));
    for (const n of [1n, 7n, 11n, 15n]) expect(written('satp', mode(n), mode(8n))).toBe(mode(8n));
  });

  it.each([
    [3, [8n]],
    [4, [8n, 9n]],
  ] as const)('takes modes of up to %i levels where the hart has no more', (levels, modes) => {
    for (const n of [8n, 9n, 10n]) {
      const p = new Program(`li t0, ${mode(n)}\n csrw satp, t0\n csrr a0, satp\n end: j end`, { pageTableLevels: levels });
      expect(p.runTo('end').x('a0')).toBe((modes as readonly bigint[]).includes(n) ? mode(n) : 0n);
    }
  });
});

it.each([machineOnly('tselect'), machineOnly('menvcfg'), machineOnly('mcountinhibit'), machineOnly('pmpcfg0')])('%s is M mode’s', (csr) => {
  const p = new Program(`csrr a0, ${csr}`);
  p.hart.state.setSmall('privilege', PRIVILEGE.supervisor);
  p.hart.core.refresh();
  p.run(1);
  expect(p.trap?.cause).toBe(EXCEPTION.illegalInstruction);
});

function machineOnly(csr: string): [string] {
  return [csr];
}
