/** Several harts that loop: when the run is proved to hang, and when it must go on. */
import { describe, expect, it } from 'vitest';
import type { RunResult } from './machine.ts';
import { assemble } from './testkit/assembler.ts';
import { createMachine } from './virt-machine.ts';

const MILLISECOND = 1e6;
/** Shared words lie from here on, in s1; each hart's number is in s0. */
const START = 'csrr s0, mhartid\nli s1, 0x80400000';
const FINISH = 'li t5, 0x100000\nli t6, 0x5555\nsw t6, 0(t5)\nj .';

interface Given {
  readonly source: string;
  readonly harts?: number;
  readonly slices?: number;
}

function machineOf({ source, harts = 2 }: Given) {
  const kernel = assemble(`${START}\n${source}`, 0x8000_0000n).bytes;
  return createMachine({ harts, bios: 'none', kernel, cpu: 'rv64', memory: 32 << 20, drives: [], live: false, onConsole: () => undefined });
}

function run(given: Given, limit = 50 * MILLISECOND): RunResult & { readonly time: number } {
  const machine = machineOf(given);
  let result: RunResult;
  do result = machine.run(Math.min(limit, machine.now() + (given.slices ?? limit)));
  while (result.reason === 'time' && machine.now() < limit);
  const time = machine.now();
  machine.release();
  return { ...result, time };
}

/** Takes the lock at `register`, in which it spins. */
const acquire = (register: string) => `li t1, 1\nspin_${register}:\namoswap.w.aq t0, t1, (${register})\nbnez t0, spin_${register}`;

/** Hart 0 takes a and then b, hart 1 takes b and then a, and both wait in between until the other one has its first lock. */
const DEADLOCK = `
  addi s2, s1, 64
  addi s3, s1, 128
  li t2, 2
  beqz s0, ordered
  mv t0, s2
  mv s2, s3
  mv s3, t0
ordered:
  ${acquire('s2')}
  amoadd.w zero, t1, (s1)
both:
  lw t0, 0(s1)
  bltu t0, t2, both
  ${acquire('s3')}
  ${FINISH}`;

describe('several harts that loop are a proved hang', () => {
  it.each([
    ['in the smallest loop', 'j .'],
    ['at each other, for what neither will store', 'li t0, 1\nwait:\nlw t0, 0(s1)\nbeqz t0, wait'],
    ['in a deadlock of two locks', DEADLOCK],
    ['in a loop of LR that never comes to its SC', 'li t0, 1\nsw t0, 0(s1)\nwait:\nlr.w t0, (s1)\nbnez t0, wait\nsc.w t1, t0, (s1)'],
    [
      'one of which stores on its own stack, in calls',
      `bnez s0, wait
       addi sp, s1, 1024
     again:
       call one
       call two
       j again
     one:
       addi sp, sp, -16
       sd ra, 0(sp)
       call leaf
       ld ra, 0(sp)
       addi sp, sp, 16
       ret
     two:
       addi sp, sp, -16
       sd ra, 0(sp)
       call leaf
       ld ra, 0(sp)
       addi sp, sp, 16
     leaf:
       ret
     wait:
       lw t0, 0(s1)
       beqz t0, wait`,
    ],
  ])('%s', (_, source) => {
    for (const harts of [2, 3, 8]) {
      const { reason, time } = run({ source, harts });
      expect([reason, time < MILLISECOND], `${harts} harts`).toEqual(['hang', true]);
    }
  });

  it('also where a third one waits for an interrupt', () => {
    expect(run({ source: 'li t0, 2\nbne s0, t0, loop\nsleep:\nwfi\nj sleep\nloop:\nj loop', harts: 3 })).toMatchObject({ reason: 'hang' });
  });

  it('at the same time wherever the run is stopped on the way, and from whatever snapshot it goes on', () => {
    const stack = 'addi sp, s1, 1024\nslli t0, s0, 6\nadd sp, sp, t0\nagain:\nsd ra, 0(sp)\nsd s1, 0(sp)\nj again';
    for (const source of [DEADLOCK, stack]) {
      const whole = run({ source });
      for (const slices of [777, 10_000, 23_456]) expect(run({ source, slices })).toEqual(whole);
      for (const time of [190_000, whole.time - 20_000, whole.time - 10_000]) {
        const first = machineOf({ source });
        first.run(time);
        const second = machineOf({ source });
        second.restore(first.snapshot());
        expect([second.run(50 * MILLISECOND), second.now()], `from ${time}`).toEqual([{ reason: whole.reason }, whole.time]);
      }
    }
  });
});

describe('several harts are no hang', () => {
  it.each([
    ['where one counts in memory', 'bnez s0, wait\nagain:\nlw t0, 64(s1)\naddi t0, t0, 1\nsw t0, 64(s1)\nj again\nwait:\nj wait'],
    ['where one counts in a register', 'bnez s0, wait\nagain:\naddi t0, t0, 1\nj again\nwait:\nj wait'],
    ['where one looks at the time', 'bnez s0, wait\nagain:\ncsrr t0, cycle\nj again\nwait:\nj wait'],
    [
      'where one sends interrupts to the other',
      'bnez s0, wait\nli t1, 0x2000004\nli t0, 1\nagain:\nsw t0, 0(t1)\nsw zero, 0(t1)\nj again\nwait:\nj wait',
    ],
  ])('%s: the run goes on to its limit', (_, source) => {
    expect(run({ source }, 2 * MILLISECOND).reason).toBe('time');
  });

  /** Ends only after so many rounds of a loop, far later than proofs are tried first. */
  const countdown = (then: string) => `li t2, 3000000\ncount:\naddi t2, t2, -1\nbnez t2, count\n${then}`;

  it.each([
    [
      'where one ends the wait of the other one later',
      `bnez s0, wait\n${countdown('li t0, 1\nsw t0, 0(s1)\nj .')}\nwait:\nlw t0, 0(s1)\nbeqz t0, wait\n${FINISH}`,
    ],
    [
      'where one stores a value, back and forth, that the other one looks at',
      // In each turn this loop, of 1111 instructions, gets one instruction further: after some 300 turns one ends between the two stores.
      `li t1, 1
       bnez s0, wait
       li t3, 150
     before:
       addi t3, t3, -1
       bnez t3, before
     again:
       sw t1, 0(s1)
       sw zero, 0(s1)
       nop
       li t3, 553
     delay:
       addi t3, t3, -1
       bnez t3, delay
       j again
     wait:
       lw t0, 0(s1)
       beqz t0, wait
       ${FINISH}`,
    ],
    [
      'where a timer is set that ends the wait',
      `bnez s0, wait
       la t0, handler
       csrw mtvec, t0
       li t0, 0x2004000
       li t1, 30000
       sd t1, 0(t0)
       li t0, 128
       csrw mie, t0
       csrsi mstatus, 8
     wait:
       j wait
       .align 2
     handler:
       ${FINISH}`,
    ],
  ])('%s', (_, source) => {
    const { reason, time } = run({ source });
    expect([reason, time > MILLISECOND]).toEqual(['exit', true]);
  });

  it('where they wait for a key, which somebody may type', () => {
    const source = 'li s2, 0x10000000\nbnez s0, wait\nagain:\nlbu t0, 5(s2)\nandi t0, t0, 1\nbeqz t0, again\nwait:\nj wait';
    expect(run({ source })).toMatchObject({ reason: 'waiting-for-input' });
  });
});
