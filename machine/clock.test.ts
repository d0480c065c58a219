/** A machine whose instructions take more than a nanosecond: every clock of it goes by that, and nothing else is different. */
import { describe, expect, it } from 'vitest';
import { createMachine, type Machine } from './index.ts';
import { assemble } from './testkit/assembler.ts';

function machineOf(source: string, clock?: number): Machine {
  return createMachine({
    cpu: 'rv64',
    memory: 16 << 20,
    clock,
    drives: [],
    bios: 'none',
    kernel: assemble(source).bytes,
    onConsole: () => {},
    live: false,
  });
}

const [T0, T1, T2, S0, S1, S2] = [5, 6, 7, 8, 9, 18];
const POWER_OFF = 'li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n j .';
/** 1,000 rounds of three instructions; translated, as it is run often. */
const ROUNDS = 'li t2, 1000\n rounds: nop\n addi t2, t2, -1\n bnez t2, rounds';

describe('an instruction of 10 ns', () => {
  it('takes that time of the clock, of cycle, time and mtime, and one of instret', () => {
    const counters = (before: string, after: string) => `${before}\n${ROUNDS}\n${after}`;
    const csr = (name: string) => machineOf(`${counters(`csrr s0, ${name}`, `csrr s1, ${name}`)}\n${POWER_OFF}`, 10);
    const passed = (machine: Machine) => {
      expect(machine.run(1e9)).toMatchObject({ reason: 'exit', code: 0 });
      return machine.debug.register(S1) - machine.debug.register(S0);
    };
    // One of the two reads, li and the rounds.
    expect(passed(csr('cycle'))).toBe(10n * 3002n);
    expect(passed(csr('instret'))).toBe(3002n);
    // Of 100 ns each; the first read is in the first tick.
    expect(passed(csr('time'))).toBe(300n);
    const mtime = machineOf(`li s2, 0x200bff8\n${counters('ld s0, 0(s2)', 'ld s1, 0(s2)')}\n${POWER_OFF}`, 10);
    expect(passed(mtime)).toBe(300n);
    expect(BigInt(mtime.now())).toBe(10n * mtime.instructions());
  });

  it('makes a wait for the time cheap: so many instructions less', () => {
    const wait = `csrr t0, time\n li t1, 20000\n add t1, t1, t0\n again: csrr t0, time\n bltu t0, t1, again\n${POWER_OFF}`;
    const [one, ten] = [machineOf(wait), machineOf(wait, 10)];
    for (const machine of [one, ten]) expect(machine.run(1e9)).toMatchObject({ reason: 'exit', code: 0 });
    expect(one.instructions() / ten.instructions()).toBe(9n);
    expect(Math.abs(ten.now() - 2_000_000)).toBeLessThan(200);
  });

  it.each([
    ['sleeps', 'wfi'],
    ['does nothing in a loop, whose rounds are skipped', 'nop\n nop'],
    ['counts in a loop', 'addi s1, s1, 1'],
  ])('is interrupted by the timer at its time while it %s', (_, body) => {
    const source = `la t0, handler\n csrw mtvec, t0\n li s2, 0x200bff8\n ld t0, 0(s2)\n li t1, 70001\n add t0, t0, t1\n li t2, 0x2004000\n sd t0, 0(t2)
      li t1, 128\n csrs mie, t1\n csrsi mstatus, 8\n loop: ${body}\n j loop\n .align 2\n handler: ld s0, 0(s2)\n sub s0, s0, t0\n${POWER_OFF}`;
    const runs = [true, false].map((skips) => {
      const machine = machineOf(source, 10);
      machine.debug.skipsLoops = skips;
      expect(machine.run(1e9)).toMatchObject({ reason: 'exit', code: 0 });
      // The handler's first instruction is run in the tick for which the timer is set.
      expect(machine.debug.register(S0)).toBe(0n);
      return [machine.now(), machine.instructions(), machine.debug.register(S1)];
    });
    expect(runs[0]).toEqual(runs[1]);
    expect(runs[0]![0]).toBeGreaterThan(7_000_000);
    expect(runs[0]![0]).toBeLessThan(7_001_000);
  });

  it('ends a run at the first instruction after a time that no instruction begins at, and goes on from a snapshot', () => {
    const source = `${ROUNDS}\n${POWER_OFF}`;
    const machine = machineOf(source, 10);
    expect(machine.run(101)).toEqual({ reason: 'time' });
    expect([machine.now(), machine.instructions()]).toEqual([110, 11n]);
    const moment = machine.snapshot();
    machine.run(1e9);
    const end = [machine.now(), machine.instructions(), machine.debug.register(T2)];
    const other = machineOf(source, 10);
    other.restore(moment);
    other.run(1e9);
    expect([other.now(), other.instructions(), other.debug.register(T2)]).toEqual(end);
  });

  it('tells the time of an exception, and proves a hang', () => {
    const machine = machineOf('nop\n nop\n la t0, vector\n csrw mtvec, t0\n .word 0\n .align 2\n vector: j vector', 10);
    expect(machine.run(1e9)).toEqual({ reason: 'hang' });
    expect(machine.debug.lastException()?.time).toBe(60);
    expect(machine.debug.loop()?.period).toBe(1);
  });
});

it('is one of a nanosecond where nothing is said', () => {
  const machine = machineOf(`${ROUNDS}\n${POWER_OFF}`);
  machine.run(1e9);
  expect(BigInt(machine.now())).toBe(machine.instructions());
  expect([T0, T1].map((register) => machine.debug.register(register))).toEqual([0x10_0000n, 0x5555n]);
  expect(S2).toBe(18);
});
