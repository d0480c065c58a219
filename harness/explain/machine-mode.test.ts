/** Kernels that start in M mode, without firmware: what their reports say of mistakes in going to S mode, and of traps that M mode handles. */
import { describe, expect, it } from 'vitest';
import { RAM_BASE } from '../../machine/spec/virt-board.ts';
import { machineModeKernel } from '../testkit/interrupt-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';

const POWER_OFF = 'li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n ends: j ends';
const ALL_MEMORY = 'li t0, -1\n srli t0, t0, 10\n csrw pmpaddr0, t0\n li t0, 0xf\n csrw pmpcfg0, t0';
const TO_SUPERVISOR = 'li t0, 0x1800\n csrc mstatus, t0\n li t0, 0x800\n csrs mstatus, t0';

/** Goes to S mode, which does something and powers off. */
const kernel = ({
  pmp = ALL_MEMORY,
  mode = TO_SUPERVISOR,
  vectors = 'la t0, vector\n csrw mtvec, t0\n csrw stvec, t0',
  delegate = '-1',
  inSupervisor = '',
} = {}) => {
  const source = `${vectors}
      li t0, ${delegate}
      csrw medeleg, t0
    ${pmp}
    ${mode}
      la t0, supervisor
      csrw mepc, t0
      mret
      .align 2
    supervisor: nop
    ${inSupervisor}
    ${POWER_OFF}
      .align 2
    vector: j vector`;
  return toldOf(machineModeKernel(source), {
    machine: {
      cpu: 'rv64',
      memory: 2 ** 24,
      bios: 'none',
      initrd: null,
      loader: [],
      harts: 1,
      clock: 1,
      fillRam: 0,
      append: '',
      drives: [],
      transport: 'modern',
      rng: null,
      network: null,
      fwCfg: null,
      flash: null,
    },
  });
};

it('begins at the start of RAM, and powers off where all is right', () => {
  expect(RAM_BASE).toBe(0x8000_0000);
  expect(kernel()).toMatchObject({ stop: 'exit', says: '' });
});

describe('physical memory protection', () => {
  it('that was never set up keeps S mode from its code', () => {
    const { says } = kernel({ pmp: '' });
    expect(says).toMatch(/instruction access fault at address 0x800000[0-9a-f]+: the kernel's code is there/);
    expect(says).toMatch(
      /physical memory protection \(PMP\) does not let S mode execute what is at 0x800000[0-9a-f]+: .* pmpaddr0 = 0x3fffffffffffff and pmpcfg0 = 0xf/,
    );
    expect(says).not.toMatch(/there is no code|firmware/);
  });

  it('that allows no writing keeps S mode from its stack', () => {
    const { says } = kernel({ pmp: ALL_MEMORY.replace('0xf', '0xd'), inSupervisor: 'la sp, vector\n sd ra, -8(sp)' });
    expect(says).toContain('does not let S mode write what is at 0x8000');
    expect(says).not.toMatch(/stack has run|has not set its stack pointer|firmware/);
  });
});

describe('the trap vector', () => {
  const crash = 'li t0, 0x40000000\n lw t0, 0(t0)';

  it('of M mode is named where M mode handles the exception', () => {
    const { says } = kernel({ vectors: 'la t0, vector\n csrw stvec, t0', delegate: '0', inSupervisor: crash });
    expect(says).toContain(
      'the trap vector was never set: mtvec is still 0x0, as at the start. M mode handles this exception, since its bit in medeleg is 0',
    );
    expect(says).not.toContain('stvec is still');
    const inMachine = kernel({ vectors: `la t0, vector\n csrw stvec, t0\n ${crash}` });
    expect(inMachine.says).toContain('mtvec is still 0x0, as at the start. An exception of M mode goes there; stvec is for S mode');
  });

  it('of S mode is named where that handles it', () => {
    const { says } = kernel({ vectors: 'la t0, vector\n csrw mtvec, t0', inSupervisor: crash });
    expect(says).toContain('the trap vector was never set: stvec is still 0x0, as at the start');
    expect(says).not.toContain('mtvec');
  });
});

it('sret with an address that was written to mepc is not said to take it', () => {
  const { says } = kernel({ inSupervisor: '', mode: 'la t0, supervisor\n csrw mepc, t0\n li t0, 0x100\n csrc sstatus, t0\n sret' });
  expect(says).toContain('sret went to 0x0');
  expect(says).not.toMatch(/auipc|there is the kernel's code|the kernel's code is there|user program/);
  expect(says).toContain(
    'sepc held 0x0, and the kernel had written an address to mepc, which is where mret goes: is mret meant in the place of this return?',
  );
});

describe('a call (ecall) without firmware', () => {
  const PRINTS = 'li a7, 1\n li a0, 65\n ecall';
  /** In M mode, with a handler that does something and powers off. */
  const inMachine = (first: string, handler: string) =>
    kernel({ vectors: `la t0, called\n csrw mtvec, t0\n ${first}\n ${POWER_OFF}\n .align 2\n called: ${handler}\n ${POWER_OFF}` });

  it('that the handler makes as well began the cascade', () => {
    const { says, places } = inMachine(`la sp, supervisor\n prints: ${PRINTS}`, `addi sp, sp, -16\n sd ra, 8(sp)\n ${PRINTS}`);
    expect(says).toMatch(
      /^the first of [0-9,]+ exceptions, after 7 instructions: a call \(ecall\) of M mode, by the instruction at 0x[0-9a-f]+: ecall/,
    );
    expect(says).toContain("there is no firmware here that would answer it (the rubric's bios is none)");
    expect(places['trapped at']).toBe('prints');
  });

  it('whose handler faults is the first exception, in S mode as well', () => {
    const { says } = inMachine(PRINTS, 'lw t0, 0(zero)');
    expect(says).toMatch(/^the first of 3 exceptions, .*: a call \(ecall\) of M mode/);
    const { says: supervisor } = kernel({ vectors: 'la t0, vector\n csrw stvec, t0', delegate: '0', inSupervisor: PRINTS });
    expect(supervisor).toContain(': a call (ecall) of S mode, by the instruction at');
    expect(supervisor).toContain('the trap vector was never set: mtvec is still 0x0');
  });

  it.each([
    ['powers off', 'nop'],
    ['returns', 'csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0\n mret'],
  ])('is none where the handler %s', (_, handler) => {
    expect(inMachine(PRINTS, handler)).toMatchObject({ stop: 'exit', says: '' });
  });

  it('is none in a kernel that loads a bad address later', () => {
    const { says } = inMachine(
      `${PRINTS}\n li t0, 0x40000000\n lw t0, 0(t0)`,
      'csrr t0, mcause\n li t1, 11\n bne t0, t1, off\n csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0\n mret\n off:',
    );
    expect(says).toMatch(/^the last exception, .*: load access fault at address 0x40000000/);
  });
});

describe('U mode', () => {
  const csr = 'csrr t0, sstatus';

  it('in which the kernel runs by mistake is not taken for a user program', () => {
    const { says } = kernel({ mode: 'li t0, 0x1800\n csrc mstatus, t0', inSupervisor: csr });
    expect(says).toContain('illegal instruction');
    expect(says).toContain("that is code of the kernel's own file, and the hart is in U mode: if no user program is meant");
    expect(says).not.toContain('in a user program');
    expect(kernel({ inSupervisor: csr })).toMatchObject({ stop: 'exit', says: '' });
  });
});
