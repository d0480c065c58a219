/**
 * Several harts: programs on the board, in M mode without firmware and in S mode on the built-in SBI. Each ends by itself and prints what it found. If
 * QEMU 10 is installed, it runs the same programs with as many harts, and must print the same. A test of the schedule of ours has no such twin.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lacks } from '../testing/tools.ts';
import type { Machine, RunResult } from './machine.ts';
import { assemble } from './testkit/assembler.ts';
import { translateSoon } from './testkit/both-engines.ts';
import { createMachine } from './virt-machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'bootgrade-harts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `print REGISTER` prints a digit or a letter from `a`; `finish` powers off. Shared words lie from 0x80400000 on, in s1. */
const MACROS: Readonly<Record<string, (operand: string) => string>> = {
  print: (register) => `li t5, 0x10000000\naddi t6, ${register}, 48\nsb t6, 0(t5)`,
  finish: () => 'li t5, 0x100000\nli t6, 0x5555\nsw t6, 0(t5)\nj .',
  sbi: (numbers) => {
    const [extension, fid] = numbers.split(' ');
    return `li a7, ${extension}\nli a6, ${fid}\necall`;
  },
};
const expand = (source: string): string =>
  source.replace(/^\s*(print|finish|sbi)\b *(.*)$/gm, (_, name: string, operand: string) => MACROS[name]!(operand.trim()));

const HSM = '0x48534d';
const IPI = '0x735049';
const RFENCE = '0x52464e43';

interface HartProgram {
  readonly harts: number;
  readonly bios: 'none' | 'builtin';
  readonly source: string;
  readonly prints: string;
}

const START = 'csrr s0, mhartid\nli s1, 0x80400000';

/** S mode: a0 is the hart that boots, which QEMU's firmware picks at random; the other one of two is started by it, at `other`. */
const START_OTHER = `
  mv s0, a0
  li s1, 0x80400000
  li t0, 1
  sub s2, t0, s0
  mv a0, s2
  la a1, other
  li a2, 42
  sbi ${HSM} 0
`;

const PROGRAMS: Readonly<Record<string, HartProgram>> = {
  'every hart starts at reset, and knows its number': {
    harts: 4,
    bios: 'none',
    source: `${START}
      slli t0, s0, 2
      add t0, t0, s1
      addi t1, s0, 1
      sw t1, 0(t0)
      bnez s0, park
    wait:
      lw t0, 0(s1)
      lw t1, 4(s1)
      lw t2, 8(s1)
      lw t3, 12(s1)
      add t0, t0, t1
      add t0, t0, t2
      add t0, t0, t3
      li t1, 10
      bne t0, t1, wait
      lw a0, 12(s1)
      print a0
      finish
    park:
      wfi
      j park`,
    prints: '4',
  },
  'atomic additions of all harts are all there': {
    harts: 3,
    bios: 'none',
    source: `${START}
      li s2, 3000
      li t1, 1
    add:
      amoadd.w zero, t1, (s1)
      addi s2, s2, -1
      bnez s2, add
      amoadd.w zero, t1, 4(s1)
      bnez s0, park
    wait:
      lw t0, 4(s1)
      li t1, 3
      bne t0, t1, wait
      lw t0, 0(s1)
      li t1, 9000
      sub t0, t0, t1
      seqz a0, t0
      print a0
      finish
    park:
      wfi
      j park`.replace('amoadd.w zero, t1, 4(s1)', 'addi t3, s1, 4\namoadd.w zero, t1, (t3)'),
    prints: '1',
  },
  'a lock of LR and SC excludes the others': {
    harts: 3,
    bios: 'none',
    source: `${START}
      addi s3, s1, 64
      li s2, 2000
    again:
      li t1, 1
    acquire:
      lr.w t0, (s1)
      bnez t0, acquire
      sc.w t0, t1, (s1)
      bnez t0, acquire
      fence rw, rw
      lw t2, 0(s3)
      addi t2, t2, 1
      sw t2, 0(s3)
      fence rw, rw
      sw zero, 0(s1)
      addi s2, s2, -1
      bnez s2, again
      addi t3, s1, 128
      amoadd.w zero, t1, (t3)
      bnez s0, park
    wait:
      lw t0, 128(s1)
      li t1, 3
      bne t0, t1, wait
      lw t0, 0(s3)
      li t1, 6000
      sub t0, t0, t1
      seqz a0, t0
      print a0
      finish
    park:
      wfi
      j park`,
    prints: '1',
  },
  'a software interrupt wakes the hart that it is sent to, and no other one': {
    harts: 3,
    bios: 'none',
    source: `${START}
      bnez s0, sleep
      li s2, 0x2000000
    others:
      lw t0, 0(s1)
      li t1, 2
      bne t0, t1, others
      li t2, 20000
    pause:
      addi t2, t2, -1
      bnez t2, pause
      li t1, 1
      sw t1, 8(s2)
    wait:
      lw t0, 4(s1)
      beqz t0, wait
      lw t1, 4(s2)
      lw t2, 8(s2)
      lw a0, 4(s1)
      print a0
      print t1
      print t2
      finish
    sleep:
      csrwi mie, 8
      li t1, 1
      amoadd.w zero, t1, (s1)
      wfi
      li t2, 0x2000000
      slli t3, s0, 2
      add t2, t2, t3
      sw zero, 0(t2)
      addi t3, s1, 4
      li t1, 1
      sll t1, t1, s0
      amoadd.w zero, t1, (t3)
      j .`,
    prints: '400',
  },
  'the timer interrupts the hart whose comparator is due': {
    harts: 2,
    bios: 'none',
    source: `${START}
      li s2, 0x2004000
      li t0, -1
      slli t1, s0, 3
      add t2, s2, t1
      sd t0, 0(t2)
      bnez s0, sleep
    wait:
      lw t0, 0(s1)
      beqz t0, wait
      lw a0, 0(s1)
      print a0
      finish
    sleep:
      li t3, 0x200bff8
      ld t4, 0(t3)
      addi t4, t4, 1000
      sd t4, 0(t2)
      li t0, 128
      csrw mie, t0
      wfi
      csrr t0, mip
      srli t0, t0, 7
      andi t0, t0, 1
      sw t0, 0(s1)
      j .`,
    prints: '1',
  },
  'the console interrupts a hart through the contexts of that hart alone': {
    harts: 2,
    bios: 'none',
    source: `${START}
      bnez s0, sleep
    wait:
      lw t0, 0(s1)
      beqz t0, wait
      li t1, 0xc000000
      li t2, 1
      sw t2, 40(t1)
      li t1, 0xc002000
      li t2, 0x400
      sw t2, 0x100(t1)
      li t1, 0x10000000
      li t2, 2
      sb t2, 1(t1)
    taken:
      lw t0, 4(s1)
      beqz t0, taken
      csrr t1, mip
      srli t1, t1, 11
      andi t1, t1, 1
      print t0
      print t1
      finish
    sleep:
      li t0, 0x800
      csrw mie, t0
      li t0, 1
      sw t0, 0(s1)
      wfi
      li t1, 0xc202000
      lw t0, 4(t1)
      srli t0, t0, 1
      sw t0, 4(s1)
      j .`,
    prints: '50',
  },
  'code that one hart changes is executed by another one after FENCE.I': {
    harts: 2,
    bios: 'none',
    source: `${START}
      la s2, changed
      bnez s0, other
    wait:
      lw t0, 0(s1)
      beqz t0, wait
      li t0, 0x00700513
      sw t0, 0(s2)
      fence rw, rw
      li t0, 1
      sw t0, 4(s1)
    result:
      lw a0, 8(s1)
      beqz a0, result
      print a0
      finish
    other:
      call changed
      sw a0, 0(s1)
    told:
      lw t0, 4(s1)
      beqz t0, told
      fence.i
      call changed
      sw a0, 8(s1)
      j .
    changed:
      addi a0, zero, 1
      ret`,
    prints: '7',
  },
  'HSM starts a hart with its number and a value, and says that it runs and when it has stopped': {
    harts: 2,
    bios: 'builtin',
    source: `
      mv s0, a0
      li t0, 1
      sub a0, t0, a0
      sbi ${HSM} 2
      print a1
      mv a0, s0
      ${START_OTHER}
      print a0
    wait:
      lw t0, 0(s1)
      beqz t0, wait
      lw t0, 4(s1)
      sub t0, t0, s2
      print t0
      lw t0, 0(s1)
      addi t0, t0, -42
      print t0
      mv a0, s2
      la a1, other
      sbi ${HSM} 0
      neg a0, a0
      print a0
      sw zero, 0(s1)
    stopped:
      mv a0, s2
      sbi ${HSM} 2
      li t0, 1
      bne a1, t0, stopped
      print a1
      li a0, 9
      sbi ${HSM} 2
      neg a0, a0
      print a0
      mv a0, s2
      li a1, 0x80000000
      sbi ${HSM} 0
      neg a0, a0
      print a0
      finish
    other:
      li s1, 0x80400000
      sw a0, 4(s1)
      csrr t0, satp
      add a1, a1, t0
      sw a1, 0(s1)
    go:
      lw t0, 0(s1)
      bnez t0, go
      sbi ${HSM} 1
      j .`,
    // Stopped; started; its number; the value; ALREADY_AVAILABLE; stopped; INVALID_PARAM; INVALID_ADDRESS.
    prints: '10006135',
  },
  'an IPI of the SBI interrupts the harts of its mask': {
    harts: 2,
    bios: 'builtin',
    source: `${START_OTHER}
    wait:
      lw t0, 0(s1)
      beqz t0, wait
      li a0, 1
      mv a1, s2
      sbi ${IPI} 0
      print a0
    taken:
      lw t0, 4(s1)
      beqz t0, taken
      print t0
      csrr t0, sip
      andi t0, t0, 2
      print t0
      li a0, 1
      li a1, 7
      sbi ${IPI} 0
      neg a0, a0
      print a0
      finish
    other:
      li s1, 0x80400000
      csrwi sie, 2
      li t0, 1
      sw t0, 0(s1)
    sleep:
      wfi
      csrr t0, sip
      andi t0, t0, 2
      beqz t0, sleep
      sw t0, 4(s1)
      j .`,
    prints: '0203',
  },
  'a remote fence makes another hart see a page table that was changed': {
    harts: 2,
    bios: 'builtin',
    source: `${START_OTHER}
    wait:
      lw t0, 0(s1)
      beqz t0, wait
      li t2, 0x80411000
      li t0, 0x202000cf
      sd t0, 0(t2)
      fence rw, rw
      li a0, 1
      mv a1, s2
      li a2, 0
      li a3, -1
      sbi ${RFENCE} 1
      print a0
      li t0, 1
      sw t0, 4(s1)
    result:
      lw t0, 8(s1)
      beqz t0, result
      lw t1, 0(s1)
      print t1
      print t0
      finish
    other:
      li s1, 0x80400000
      li t0, 0x80600000
      li t1, 3
      sw t1, 0(t0)
      li t0, 0x80800000
      li t1, 5
      sw t1, 0(t0)
      # The root table at 0x80410000: the third gibibyte is RAM itself, the second one has a table at 0x80411000.
      li t0, 0x80410000
      li t1, 0x200000cf
      sd t1, 16(t0)
      li t1, 0x20104401
      sd t1, 8(t0)
      li t0, 0x80411000
      li t1, 0x201800cf
      sd t1, 0(t0)
      li t0, 0x8000000000080410
      csrw satp, t0
      sfence.vma
      li t3, 0x40000000
      lw t1, 0(t3)
      sw t1, 0(s1)
    told:
      lw t0, 4(s1)
      beqz t0, told
      lw t1, 0(t3)
      sw t1, 8(s1)
      j .`,
    prints: '035',
  },
};

interface Outcome {
  readonly result: RunResult;
  readonly console: string;
  readonly time: number;
  readonly instructions: bigint;
}

class HartRun {
  readonly machine: Machine;
  console = '';

  constructor({ harts, bios, source }: HartProgram, work?: number) {
    const kernel = assemble(expand(source), BASE[bios]).bytes;
    this.machine = createMachine({
      harts,
      bios,
      kernel,
      cpu: 'rv64',
      memory: 32 << 20,
      drives: [],
      live: false,
      work,
      onConsole: (byte) => (this.console += String.fromCharCode(byte)),
    });
  }

  outcome(limit = 1e9): Outcome {
    const result = this.machine.run(limit);
    return { result, console: this.console, time: this.machine.now(), instructions: this.machine.instructions() };
  }
}

const BASE = { none: 0x8000_0000n, builtin: 0x8020_0000n } as const;

describe('several harts', () => {
  it.each(Object.entries(PROGRAMS))('%s', (_, program) => {
    const { result, console } = new HartRun(program).outcome();
    expect([console, result]).toEqual([program.prints, { reason: 'exit', code: 0 }]);
  });

  it.skipIf(lacks('QEMU 10')).each(Object.entries(PROGRAMS))('on QEMU: %s', (name, { harts, bios, source, prints }) => {
    const kernel = join(folder, `${Object.keys(PROGRAMS).indexOf(name)}.bin`);
    writeFileSync(kernel, assemble(expand(source), BASE[bios]).bytes);
    const firmware = bios === 'none' ? 'none' : 'default';
    const options = ['-machine', 'virt', '-m', '32', '-smp', String(harts), '-bios', firmware, '-kernel', kernel, '-nographic'];
    const { stdout, status } = spawnSync('qemu-system-riscv64', options, { encoding: 'utf8', timeout: 60_000, input: '' });
    expect([status, stdout.slice(-prints.length)]).toEqual([0, prints]);
  });

  describe('the schedule is a function of guest time', () => {
    const LOCK = 'a lock of LR and SC excludes the others';
    const TIMES = [1, 777, 9_999, 10_000, 10_001, 23_456, 41_017];

    it.each([LOCK, 'an IPI of the SBI interrupts the harts of its mask', 'the timer interrupts the hart whose comparator is due'])(
      'wherever a run is stopped on the way: %s',
      (name) => {
        const whole = new HartRun(PROGRAMS[name]!).outcome();
        const run = new HartRun(PROGRAMS[name]!);
        for (const time of TIMES) run.machine.run(time);
        expect(run.outcome()).toEqual(whole);
      },
    );

    it.each([LOCK, 'a remote fence makes another hart see a page table that was changed'])(
      'and whatever snapshot it goes on from: %s',
      (name) => {
        const whole = new HartRun(PROGRAMS[name]!).outcome();
        for (const time of TIMES) {
          const first = new HartRun(PROGRAMS[name]!);
          first.machine.run(time);
          const snapshot = first.machine.snapshot();
          const [printed, second] = [first.console, new HartRun(PROGRAMS[name]!)];
          expect(first.outcome(), `the same machine, ${time}`).toEqual(whole);
          second.machine.restore(snapshot);
          second.console = printed;
          expect(second.outcome(), `another machine, ${time}`).toEqual(whole);
          first.machine.restore(snapshot);
          first.console = printed;
          expect(first.outcome(), `back again, ${time}`).toEqual(whole);
        }
      },
    );

    it.each(Object.keys(PROGRAMS))('interpreted and translated: %s', (name) => {
      const whole = new HartRun(PROGRAMS[name]!).outcome();
      const asBefore = translateSoon();
      try {
        expect(new HartRun(PROGRAMS[name]!).outcome()).toEqual(whole);
      } finally {
        asBefore();
      }
    });
  });

  it.each(Object.keys(PROGRAMS))('do the same while their accesses are logged: %s', (name) => {
    const whole = new HartRun(PROGRAMS[name]!).outcome();
    const run = new HartRun(PROGRAMS[name]!);
    const harts = new Set<number>();
    run.machine.logAccesses({
      take(batch) {
        for (let n = 0; n < batch.length; n++) harts.add(batch.hart(n));
      },
    });
    expect(run.outcome()).toEqual(whole);
    expect(harts.size).toBe(PROGRAMS[name]!.harts);
  });

  it('that all wait for ever are idle', () => {
    const { result } = new HartRun({ harts: 3, bios: 'none', source: 'csrw mie, zero\nsleep:\nwfi\nj sleep', prints: '' }).outcome();
    expect(result).toEqual({ reason: 'idle' });
  });

  it('of which one loops while the others wait are a proved hang', () => {
    const source = 'csrr s0, mhartid\nbnez s0, sleep\nloop:\nj loop\nsleep:\nwfi\nj sleep';
    expect(new HartRun({ harts: 3, bios: 'none', source, prints: '' }).outcome().result).toEqual({ reason: 'hang' });
  });

  it('count the instructions of all, and not the time in which a hart waits', () => {
    const source = (harts: string) =>
      `csrr s0, mhartid\n${harts}\nli t0, 1000\nloop:\naddi t0, t0, -1\nbnez t0, loop\nsleep:\nwfi\nj sleep`;
    const counted = (harts: number, only: string) =>
      new HartRun({ harts, bios: 'none', source: source(only), prints: '' }).outcome(1e6).instructions;
    expect(counted(1, 'nop')).toBe(2004n);
    expect(counted(4, 'nop')).toBe(4n * 2004n);
    expect(counted(4, 'bnez s0, sleep')).toBe(2004n + 3n * 3n);
  });

  it('whose timers end each turn at once are ended by the meter of work, not by the clock of the host', () => {
    const source =
      'li s1, 0x200bff8\ncsrr s0, mhartid\nslli s0, s0, 3\nli s2, 0x2004000\nadd s2, s2, s0\nagain:\nld t0, 0(s1)\naddi t0, t0, 1\nsd t0, 0(s2)\nj again';
    const run = new HartRun({ harts: 8, bios: 'none', source, prints: '' }, 2e7);
    const { result, time } = run.outcome();
    expect(result).toEqual({ reason: 'work' });
    expect(time).toBeLessThan(1e8);
    expect(run.machine.workDone().counts['short-turns']).toBeGreaterThan(1000);
  });
});
