/**
 * Stores that others see late: what RVWMO allows shows, and what it forbids never does. The programs are litmus tests of two harts; the names are those of
 * Alglave, Maranget and Tautschnig, "Herding cats" (2014), which RISC-V's Unprivileged ISA uses as well (appendix "RVWMO Explanatory Material").
 */
import { describe, expect, it } from 'vitest';
import { DelayableStores, type Schedule } from './index.ts';
import { translateSoon } from './testkit/both-engines.ts';
import { PRINT_AND_FINISH, ScheduledRun } from './testkit/scheduled-run.ts';

/** x is the word at s1, y the one 64 bytes further; t1 is 1, and t2 the address of a word that nobody else uses. What the writer does begins at 6 ns. */
function twoHarts(writer: string, reader: string): string {
  return `
  csrr s0, mhartid
  lui s1, 0x40200
  slli s1, s1, 1
  li t1, 1
  addi t2, s1, 256
  bnez s0, reader
${writer}
park:
  wfi
  j park
reader:
${reader}
${PRINT_AND_FINISH}`;
}

const late = (length: number, at = 6): Schedule => [{ delays: 'store', hart: 0, at, for: length }];

/** "MP": the reader waits for y, and prints x then. */
const READS_X_AFTER_Y = `
  lw t0, 64(s1)
  beqz t0, reader
  fence r, rw
  lw a0, 0(s1)`;
const messagePassing = (between: string) => twoHarts(`sw t1, 0(s1)\n${between}\nsw t1, 64(s1)`, READS_X_AFTER_Y);
const printed = (source: string, schedule: Schedule) => new ScheduledRun(source, schedule).outcome().console;

describe('a delayed store', () => {
  it.each([
    ['nothing', ''],
    ['a fence that does not order stores', 'fence r, rw'],
    ['an atomic without release', 'amoadd.w zero, t1, (t2)'],
    ['an atomic with acquire', 'amoadd.w.aq zero, t1, (t2)'],
    ['its own load of what it has stored', 'lw t0, 0(s1)'],
    ['SFENCE.VMA', 'sfence.vma'],
  ])('is overtaken by a later one: between them is %s', (_, between) => {
    expect(printed(messagePassing(between), [])).toBe('1');
    expect(printed(messagePassing(between), late(50_000))).toBe('0');
  });

  it.each([
    ['fence w, w', 'fence w, w'],
    ['fence rw, w', 'fence rw, w'],
    ['fence', 'fence'],
    ['an atomic with release', 'amoadd.w.rl zero, t1, (t2)'],
    ['an atomic on the same word', 'amoadd.w zero, zero, (s1)'],
    ['LR on the same word', 'lr.w zero, (s1)'],
  ])('is ordered by %s', (_, between) => {
    expect(printed(messagePassing(between), late(50_000))).toBe('1');
  });

  it('is seen when its time is over, so that a hart that waits for it waits no longer, and nothing is called a hang', () => {
    const waits = twoHarts('sw t1, 0(s1)', '  lw a0, 0(s1)\n  beqz a0, reader');
    const { result, console, time } = new ScheduledRun(waits, late(700_000)).outcome();
    expect({ result, console }).toEqual({ result: { reason: 'exit', code: 0 }, console: '1' });
    expect(time).toBeGreaterThan(700_000);
    expect(time).toBeLessThan(700_100);
  });

  it('is seen by the hart itself at once', () => {
    const own = twoHarts(
      'sw t1, 0(s1)\nlw a0, 0(s1)\nsw a0, 64(s1)\nfence\nsw t1, 128(s1)',
      'lw t0, 128(s1)\nbeqz t0, reader\nfence\nlw a0, 64(s1)',
    );
    expect(printed(own, late(50_000))).toBe('1');
  });

  it('never shows after a later one to the same word: both are seen at once', () => {
    const twice = twoHarts('sw t1, 0(s1)\nli t1, 2\nsw t1, 0(s1)', '  lw a0, 0(s1)\n  beqz a0, reader');
    expect(printed(twice, late(50_000))).toBe('2');
  });

  it('is one with a store that overlaps it: no part of either is seen alone', () => {
    const reader = '  lhu t0, 2(s1)\n  beqz t0, reader\n  fence\n  lhu a0, 6(s1)\n  srli a0, a0, 15';
    expect(printed(twoHarts('sh t1, 6(s1)\nli t1, -1\nsd t1, 2(s1)', reader), late(50_000))).toBe('1');
  });

  it('comes after what the other one has stored meanwhile, for both', () => {
    const both = twoHarts('sw t1, 0(s1)', 'li t1, 2\nsw t1, 0(s1)\nwait:\n  lw a0, 0(s1)\n  addi t0, a0, -2\n  beqz t0, wait');
    const run = new ScheduledRun(both, late(50_000));
    expect(run.outcome()).toMatchObject({ console: '1' });
  });

  it('leaves atomics of the other one whole', () => {
    expect(printed(twoHarts('sw t1, 0(s1)', 'li t1, 4\namoadd.w a0, t1, (s1)'), late(50_000))).toBe('0');
    expect(
      printed(
        twoHarts('sw t1, 0(s1)', 'li t1, 4\namoadd.w a0, t1, (s1)\nwait:\nlw a0, 0(s1)\nand t0, a0, t1\nbnez t0, wait'),
        late(50_000),
      ),
    ).toBe('1');
  });

  it('makes an SC of the other one fail when it is seen after its LR', () => {
    const pause = '  li t0, 100000\npause:\n  addi t0, t0, -1\n  bnez t0, pause';
    expect(printed(twoHarts('sw t1, 0(s1)', `lr.w t3, (s1)\n${pause}\nsc.w a0, t1, (s1)`), late(50_000))).toBe('1');
    expect(printed(twoHarts('sw t1, 0(s1)', `lr.w t3, (s1)\n${pause}\nsc.w a0, t1, (s1)`), late(500_000))).toBe('0');
  });

  it('is the first one from its time on, and none if none comes soon', () => {
    const program = messagePassing('');
    expect(printed(program, late(50_000, 1))).toBe('0');
    expect(printed(program, late(50_000, 7))).toBe('1');
    const waits = (rounds: number) =>
      messagePassing('').replace('sw t1, 0(s1)', `li t3, ${rounds}\nwait:\naddi t3, t3, -1\nbnez t3, wait\nsw t1, 0(s1)`);
    expect(printed(waits(400), late(50_000, 6))).toBe('0');
    expect(printed(waits(600), late(50_000, 6))).toBe('1');
  });

  it('does not keep a proof from being one, nor make one that is wrong', () => {
    const never = twoHarts('sw t1, 0(s1)\nforever:\nlw t0, 64(s1)\nbeqz t0, forever', '  lw a0, 128(s1)\n  beqz a0, reader');
    const { result, time } = new ScheduledRun(never, late(1_000_000)).outcome(1e12);
    expect(result).toEqual({ reason: 'hang' });
    expect(time).toBeGreaterThan(1_000_000);
    expect(time).toBeLessThan(100_000_000);
  });
});

describe('stores that may be delayed', () => {
  const found = (source: string) => {
    const run = new ScheduledRun(source, []);
    const accesses = new DelayableStores();
    run.machine.logAccesses(accesses);
    run.outcome();
    return accesses.points().map(({ hart, time, address, until }) => ({ hart, time, place: address - 0x8040_0000n, until }));
  };
  const x = { hart: 0, time: 6, place: 0n };

  it('are those that the hart may overtake before it comes to what orders them', () => {
    expect(found(messagePassing('nop'))).toEqual([{ ...x, until: Number.POSITIVE_INFINITY }]);
    expect(found(messagePassing('fence w, w'))).toEqual([]);
    expect(found(messagePassing('amoadd.w.rl zero, t1, (t2)'))).toEqual([]);
    expect(found(messagePassing('fence r, rw').replace('\npark', '\nfence w, r\npark'))).toEqual([{ ...x, until: 9 }]);
  });

  it('are not those that nobody else sees, nor those that the hart does not overtake', () => {
    expect(found(messagePassing('').replace('sw t1, 0(s1)', 'sw t1, 8(s1)'))).toEqual([]);
    expect(found(messagePassing('').replace('sw t1, 64(s1)', 'fence\nsw t1, 64(s1)'))).toEqual([]);
  });
});

/** Harts that store, fence and read each other's words in loops, and print what they have read. */
const MIXED = `
  csrr s0, mhartid
  lui s1, 0x40200
  slli s1, s1, 1
  slli t0, s0, 6
  add s2, s1, t0
  xori t0, s0, 1
  slli t0, t0, 6
  add s3, s1, t0
  li s4, 3000
  li s5, 0
round:
  sw s4, 0(s2)
  lw t0, 0(s3)
  slli t1, s5, 5
  sub t1, t1, s5
  add s5, t1, t0
  andi t2, s4, 1023
  bnez t2, more
  fence
more:
  addi s4, s4, -1
  bnez s4, round
  li t1, 1
  addi t2, s1, 512
  slli t0, s0, 3
  add t0, t0, s1
  sd s5, 256(t0)
  fence rw, w
  amoadd.w zero, t1, (t2)
  bnez s0, park
wait:
  lw t0, 0(t2)
  addi t0, t0, -2
  bnez t0, wait
  fence
  ld a0, 256(s1)
  ld t0, 264(s1)
  xor a0, a0, t0
  li t0, 16
  li t5, 0x10000000
digit:
  andi t1, a0, 15
  addi t1, t1, 65
  sb t1, 0(t5)
  srli a0, a0, 4
  addi t0, t0, -1
  bnez t0, digit
  li t5, 0x100000
  li t6, 0x5555
  sw t6, 0(t5)
park:
  wfi
  j park`;
const STORES: Schedule = [
  ...[500, 8_010, 12_000, 18_100].map((at) => ({ delays: 'store', hart: 0, at, for: 3_000 }) as const),
  ...[700, 11_000, 15_000].map((at) => ({ delays: 'store', hart: 1, at, for: 17_000 }) as const),
  { hart: 1, at: 13_000, for: 5_000 },
];
const TIMES = [1, 501, 502, 4_001, 5_000, 9_999, 10_000, 12_345, 15_000, 21_000];

describe('a run with delayed stores', () => {
  const whole = () => new ScheduledRun(MIXED, STORES).outcome();

  it('is different from one without', () => {
    expect(whole().result).toEqual({ reason: 'exit', code: 0 });
    expect(whole().console).not.toBe(
      new ScheduledRun(
        MIXED,
        STORES.filter((item) => !('delays' in item)),
      ).outcome().console,
    );
  });

  it('is the same wherever it is stopped on the way, and when it is logged', () => {
    const run = new ScheduledRun(MIXED, STORES);
    for (const time of TIMES) run.machine.run(time);
    expect(run.outcome()).toEqual(whole());
    const logged = new ScheduledRun(MIXED, STORES);
    logged.machine.logAccesses({ take: () => undefined });
    expect(logged.outcome()).toEqual(whole());
  });

  it('goes on from a snapshot in the middle of it, also of a different machine, and from a moment', () => {
    for (const time of TIMES) {
      const first = new ScheduledRun(MIXED, STORES);
      first.machine.run(time);
      const snapshot = first.machine.snapshot();
      expect(first.outcome(), `the same machine, ${time}`).toEqual(whole());
      const second = new ScheduledRun(MIXED, []);
      second.machine.restore(snapshot);
      expect(second.outcome(), `a different machine, ${time}`).toEqual(whole());
      const third = new ScheduledRun(MIXED, STORES);
      third.machine.run(time);
      const moment = third.machine.keepMoment();
      third.outcome();
      third.machine.restore(moment);
      third.console = '';
      expect(third.outcome(), `a moment, ${time}`).toEqual(whole());
    }
  });

  it('goes back to a moment from where all see a store that was delayed then', () => {
    const waits = new ScheduledRun(twoHarts('sw t1, 0(s1)\nsfence.vma', '  lw a0, 0(s1)\n  beqz a0, reader'), late(50_000));
    waits.machine.run(20_000);
    const moment = waits.machine.keepMoment();
    const first = waits.outcome();
    waits.machine.restore(moment);
    waits.console = '';
    expect(first.time).toBeGreaterThan(50_000);
    expect(waits.outcome()).toEqual(first);
  });

  it('is the same interpreted and translated', () => {
    const interpreted = whole();
    const asBefore = translateSoon();
    try {
      expect(whole()).toEqual(interpreted);
    } finally {
      asBefore();
    }
  });

  it('delays at guest time, also where an instruction takes longer', () => {
    const slow = (schedule: Schedule) => new ScheduledRun(messagePassing(''), schedule, { clock: 8 }).outcome().console;
    expect(slow(late(400_000, 6 * 8))).toBe('0');
    expect(slow(late(400_000, 7 * 8))).toBe('1');
  });
});
