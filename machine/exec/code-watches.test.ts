/** Executions of watched instructions are counted exactly, whatever else is done with their code; the program runs as it does unwatched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CodeWatch } from '../layout/code-watches.ts';
import { readTally } from '../layout/tally.ts';
import type { Machine, MachineOptions } from '../machine.ts';
import { PTE } from '../spec/riscv.ts';
import { assemble } from '../testkit/assembler.ts';
import { compare, DATA, every, translateSoon } from '../testkit/both-engines.ts';
import { ALL, PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';
import { createMachine } from '../virt-machine.ts';

let asBefore = () => {};
beforeAll(() => {
  asBefore = translateSoon();
});
afterAll(() => asBefore());

const reached = (p: Program): readonly number[] => readTally(p.hart.state).reached;

/** Watches labels; `from`: the labels between which the caller lies. */
function watchLabels(p: Program, ...labels: readonly (string | { readonly at: string; readonly from: readonly [string, string] })[]): void {
  const watches = labels.map((label): CodeWatch => {
    if (typeof label === 'string') return { at: [p.address(label)], from: null, tells: false };
    const [low, high] = label.from.map((one) => p.address(one)) as [bigint, bigint];
    return { at: [p.address(label.at)], from: [{ low, high }], tells: false };
  });
  p.hart.engine.watchCode(watches, () => {});
}

/** Calls `function` 300 times from `one`, and 200 times from `other`. */
const CALLS = `
      li s0, 300
one:  call function
      addi s0, s0, -1
      bnez s0, one
      li s0, 200
other: call function
      addi s0, s0, -1
      bnez s0, other
last: j last
function: addi a0, a0, 3
      addi a1, a0, 1
      ret${DATA}`;

describe('a watched instruction', () => {
  it('is counted in translated code as in interpreted code, in all and by caller', () => {
    const prepare = (p: Program) =>
      watchLabels(p, 'function', { at: 'function', from: ['one', 'other'] }, { at: 'function', from: ['other', 'last'] }, 'data');
    const both = compare(CALLS, every(97, 9_000), { prepare });
    for (const p of Object.values(both)) expect(reached(p)).toEqual([500, 300, 200, 0]);
    expect(both.translated.x('a0')).toBe(1500n);
    // Three rules for each call.
    expect(both.translated.hart.engine.workDone().counts['watched-calls']).toBe(1500);
  });

  it('takes the time that it takes unwatched', () => {
    const [watched, plain] = [new Program(CALLS), new Program(CALLS)];
    watchLabels(watched, 'function');
    for (const p of [watched, plain]) p.run(4_000);
    expect([watched.x('s0'), watched.pc, watched.hart.retired()]).toEqual([plain.x('s0'), plain.pc, plain.hart.retired()]);
  });

  it('is counted for the caller whose last instruction is the call', () => {
    const p = new Program('first: call function\nsecond: nop\nend: j end\nfunction: nop\n j end');
    watchLabels(p, { at: 'function', from: ['first', 'second'] }, { at: 'function', from: ['second', 'end'] });
    p.run(100);
    expect(reached(p)).toEqual([1, 0]);
  });

  it('is counted when its code changes, and does what it is now', () => {
    const other = assemble('addi a0, a0, 100').bytes.reduceRight((bits, byte) => bits * 256 + byte, 0);
    const source = `
      la a1, function
      li a2, ${other}
      li s0, 400
again: call function
      call function
      sw a2, 0(a1)
      fence.i
      call function
      addi s0, s0, -1
      bnez s0, again
end:  j end
function: addi a0, a0, 1
      ret${DATA}`;
    const { translated, interpreted } = compare(source, every(1_000, 12_000), { prepare: (p) => watchLabels(p, 'function') });
    for (const p of [translated, interpreted]) {
      expect(reached(p)).toEqual([1200]);
      expect(p.x('a0')).toBe(2n + 1198n * 100n);
    }
  });

  it('is counted in skipped rounds of a loop', () => {
    const run = (skips: boolean) => {
      const p = new Program('again: call function\n j again\nfunction: ret');
      p.hart.engine.loops.enabled = skips;
      watchLabels(p, 'function');
      const alarm = p.hart.engine.clock.alarm(() => {});
      alarm.at = 8_000_000;
      p.run(8_000_000);
      return { count: reached(p), skipped: p.hart.engine.loops.skippedTime };
    };
    const [skipping, running] = [run(true), run(false)];
    expect(skipping.skipped).toBeGreaterThan(1_000_000);
    expect(running.skipped).toBe(0);
    expect(skipping.count).toEqual(running.count);
  });

  it('is counted where it crosses a page, and wherever the page is mapped', () => {
    const source = `
      call function
      li t0, 0x100ffe
      jalr ra, 0(t0)
end:  j end
      .org 0x80000ffe
function: lui a0, 5
      ret`;
    const p = new Program(source);
    const table = new PageTable(p, 3, 0x8004_0000n);
    table.map(0x8000_0000n, 0x8000_0000n, ALL & ~PTE.U);
    table.map(0x8000_1000n, 0x8000_1000n, ALL & ~PTE.U);
    table.map(0x10_0000n, 0x8000_0000n, ALL & ~PTE.U);
    table.map(0x10_1000n, 0x8000_1000n, ALL & ~PTE.U);
    watchLabels(p, 'function');
    table.enter(0x8000_0000n);
    p.run(50);
    expect([p.trap, p.pc, reached(p)]).toEqual([undefined, p.address('end'), [2]]);
  });

  it('can end the run right after it, and is counted once', () => {
    const p = new Program(CALLS);
    const told: number[] = [];
    const watch = { at: [p.address('function')], from: null, tells: true };
    p.hart.engine.watchCode([watch], (number) => {
      told.push(number);
      if (told.length === 250) p.hart.engine.stop();
    });
    p.run(9_000);
    expect([told.length, p.pc, reached(p)]).toEqual([250, p.address('function') + 4n, [250]]);
    p.run(9_000);
    expect([told.length, new Set(told), reached(p)]).toEqual([500, new Set([0]), [500]]);
  });
});

describe('on the board', () => {
  const board = (source: string, options: Partial<MachineOptions> = {}): Machine => {
    const { bytes, symbols } = assemble(source);
    const watch = { at: [symbols.get('function')!], from: null, tells: false };
    const ignore = () => {};
    return createMachine({
      cpu: 'rv64',
      memory: 16 << 20,
      drives: [],
      kernel: bytes,
      bios: 'none',
      watched: [watch],
      onConsole: ignore,
      live: false,
      ...options,
    });
  };
  const FOR_EVER = 'again: call function\n call function\n addi s0, s0, 1\n j again\nfunction: addi a0, a0, 1\n ret';

  it('a run that goes on from a snapshot, or from a moment, counts as one that does not', () => {
    const whole = board(FOR_EVER);
    whole.run(90_000);
    const one = board(FOR_EVER);
    one.run(30_000);
    const kept = one.keepMoment({ decoded: false });
    one.run(60_000);
    one.restore(kept);
    one.run(40_000);
    const snapshot = one.snapshot();
    one.run(50_000);
    const other = board(FOR_EVER);
    other.run(1_000);
    for (const machine of [one, other]) {
      machine.restore(snapshot);
      machine.run(90_000);
      expect(machine.tally().reached).toEqual(whole.tally().reached);
    }
    // Rounds of eight instructions, with two calls in each.
    expect(whole.tally().reached[0]).toBe(22_500);
  });

  it('ends a run of several harts at the call that is told of', () => {
    const source = 'li s0, 10\nagain: call function\n addi s0, s0, -1\n bnez s0, again\nend: wfi\n j end\nfunction: nop\n ret';
    let calls = 0;
    const machine: Machine = board(source, {
      harts: 3,
      watched: [{ at: [assemble(source).symbols.get('function')!], from: null, tells: true }],
      onReached: () => {
        if (++calls === 17) machine.pause();
      },
    });
    expect(machine.run(1_000_000)).toEqual({ reason: 'paused' });
    expect([calls, machine.tally().reached]).toEqual([17, [17]]);
    machine.run(1_000_000);
    expect([calls, machine.tally().reached]).toEqual([30, [30]]);
  });

  it('counts for all harts together', () => {
    const machine = board('li s0, 10\nagain: call function\n addi s0, s0, -1\n bnez s0, again\nend: wfi\n j end\nfunction: nop\n ret', {
      harts: 3,
    });
    machine.run(1_000_000);
    expect(machine.tally().reached).toEqual([30]);
  });
});
