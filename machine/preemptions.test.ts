/** Harts that are preempted at an instruction: what that makes of a kernel without locks, and that it is a function of guest time alone. */
import { describe, expect, it } from 'vitest';
import type { Preemption } from './index.ts';
import { assemble } from './testkit/assembler.ts';
import { translateSoon } from './testkit/both-engines.ts';
import { PRINT_AND_FINISH, ScheduledRun } from './testkit/scheduled-run.ts';

/** Both harts add 1 to the same word, without a lock: the load is each hart's fifth instruction, the store its seventh. */
const BOTH_ADD = `
  csrr s0, mhartid
  lui s1, 0x40200
  slli s1, s1, 1
  nop
  lw t0, 0(s1)
  addi t0, t0, 1
  sw t0, 0(s1)
  addi t2, s1, 64
  li t1, 1
  amoadd.w zero, t1, (t2)
  bnez s0, park
wait:
  lw t0, 0(t2)
  addi t0, t0, -2
  bnez t0, wait
  lw a0, 0(s1)
  ${PRINT_AND_FINISH}
park:
  wfi
  j park`;
/** Instructions before those that come between the load and the store. */
const BETWEEN = [5, 6];

/** One hart adds 1 to a word, which the handler of its timer does as well; the timer is set to 10 ms from now, and the program is over by then. */
const TIMER_ADDS = `
  la t0, handler
  csrw mtvec, t0
  lui s1, 0x40200
  slli s1, s1, 1
  li s2, 0x200bff8
  ld t0, 0(s2)
  li t1, 100000
  add t0, t0, t1
  li s2, 0x2004000
  sd t0, 0(s2)
  li t1, 128
  csrs mie, t1
  csrsi mstatus, 8
  nop
before:
  lw t0, 0(s1)
  addi t0, t0, 1
  sw t0, 0(s1)
after:
  nop
  lw a0, 0(s1)
  ${PRINT_AND_FINISH}
  .align 2
handler:
  lw t3, 0(s1)
  addi t3, t3, 1
  sw t3, 0(s1)
  li t4, -1
  sd t4, 0(s2)
  mret`;

/** A long loop of both harts, with a lock that does not exclude: only some schedules show it. */
const LOOPS = `
  csrr s0, mhartid
  li s1, 0x80400000
  li s2, 3000
again:
  lw t0, 0(s1)
  addi t0, t0, 1
  sw t0, 0(s1)
  addi s2, s2, -1
  bnez s2, again
  addi t2, s1, 64
  li t1, 1
  amoadd.w zero, t1, (t2)
  bnez s0, park
wait:
  lw t0, 0(t2)
  addi t0, t0, -2
  bnez t0, wait
  lw a0, 0(s1)
  andi a0, a0, 63
  ${PRINT_AND_FINISH}
park:
  wfi
  j park`;

const done = { reason: 'exit', code: 0 };

describe('a preempted hart', () => {
  it('loses the update of the other one exactly where it is preempted between its load and its store', () => {
    expect(new ScheduledRun(BOTH_ADD, []).outcome()).toMatchObject({ console: '2', result: done });
    const lost = Array.from({ length: 12 }, (_, at) => at).filter((at) => {
      const { console, result } = new ScheduledRun(BOTH_ADD, [{ hart: 0, at, for: 20_000 }]).outcome();
      expect(result).toEqual(done);
      return console === '1';
    });
    expect(lost).toEqual(BETWEEN);
  });

  it('is overtaken by the other one even where it is preempted for a moment that is much shorter than a turn', () => {
    // Hart 1 has loaded when hart 0 has, and stores in these nanoseconds; the same the other way round.
    for (const hart of [0, 1]) {
      expect(new ScheduledRun(BOTH_ADD, [{ hart, at: 5, for: 20 }]).outcome().console).toBe('1');
      expect(new ScheduledRun(BOTH_ADD, [{ hart, at: 3, for: 20 }]).outcome().console).toBe('2');
    }
  });

  it('is preempted at guest time, also where an instruction takes longer', () => {
    const lost = Array.from({ length: 12 }, (_, at) => at).filter(
      (at) => new ScheduledRun(BOTH_ADD, [{ hart: 0, at: at * 10 - 3, for: 200_000 }], { clock: 10 }).outcome().console === '1',
    );
    expect(lost).toEqual(BETWEEN);
  });

  it('keeps its instructions, and its time has passed', () => {
    const [plain, late] = [[], [{ hart: 0, at: 5, for: 70_000 } as const]].map((list) => new ScheduledRun(BOTH_ADD, list).outcome());
    expect(late!.time - plain!.time).toBeGreaterThan(50_000);
    const single = [[], [{ hart: 0, at: 4, for: 70_000 } as const]].map((list) =>
      new ScheduledRun(TIMER_ADDS, list, { harts: 1 }).outcome(),
    );
    expect(single[1]).toEqual({ ...single[0]!, time: single[0]!.time + 70_000 });
  });

  it('alone, is interrupted exactly there by the next event', () => {
    expect(new ScheduledRun(TIMER_ADDS, [], { harts: 1 }).outcome()).toMatchObject({ console: '1', result: done });
    const { symbols } = assemble(TIMER_ADDS);
    const first = Number(symbols.get('before')! - symbols.get('handler')!);
    expect(first).toBeLessThan(0);
    const seen = Array.from({ length: 30 }, (_, at) => {
      const run = new ScheduledRun(TIMER_ADDS, [{ hart: 0, at, for: 'event' }], { harts: 1 });
      run.machine.run(at);
      return { pc: run.machine.pc(), ...run.outcome() };
    }).filter(({ pc }) => pc >= symbols.get('before')! && pc <= symbols.get('after')!);
    expect(seen.map(({ console }) => console)).toEqual(['2', '1', '1', '2']);
    for (const { time } of seen) expect(time).toBeGreaterThan(10_000_000);
  });

  it('that waits is preempted when it goes on, and events come at their times', () => {
    // Hart 1 sleeps until its timer; hart 0 stops the run as soon as hart 1 has written.
    const source = `
      csrr s0, mhartid
      li s1, 0x80400000
      bnez s0, sleep
    wait:
      lw a0, 0(s1)
      beqz a0, wait
      ${PRINT_AND_FINISH}
    sleep:
      li s2, 0x2004008
      li t0, 5000
      sd t0, 0(s2)
      li t0, 128
      csrw mie, t0
      wfi
      li t0, 1
      sw t0, 0(s1)
      j .`;
    const run = (list: readonly Preemption[]) => new ScheduledRun(source, list).outcome();
    expect(run([]).time).toBeLessThan(530_000);
    const late = run([{ hart: 1, at: 100_000, for: 300_000 }]).time;
    expect(late).toBeGreaterThan(800_000);
    expect(late).toBeLessThan(830_000);
    // While hart 0 is preempted as well, over the time of the event.
    const both = run([{ hart: 0, at: 400_000, for: 1_000_000 }]);
    expect(both.time).toBeGreaterThanOrEqual(1_400_000);
    expect(both.time).toBeLessThan(1_430_000);
  });

  it('of several preemptions at one time has all, one after the other', () => {
    const one = new ScheduledRun(BOTH_ADD, [{ hart: 0, at: 5, for: 70_000 }]).outcome();
    const two = [30_000, 40_000].map((length) => ({ hart: 0, at: 5, for: length }));
    expect(new ScheduledRun(BOTH_ADD, two).outcome()).toEqual(one);
  });
});

describe('a schedule', () => {
  const SCHEDULE: readonly Preemption[] = [
    { hart: 0, at: 4_001, for: 3_500 },
    { hart: 1, at: 9_077, for: 12_345 },
    { hart: 0, at: 12_000, for: 2_000 },
  ];
  const whole = () => new ScheduledRun(LOOPS, SCHEDULE).outcome();
  const TIMES = [1, 4_001, 5_000, 9_999, 10_000, 12_345, 15_000, 21_000];

  it('makes a different run of it', () => {
    expect(whole().result).toEqual(done);
    expect(whole().time).not.toBe(new ScheduledRun(LOOPS, []).outcome().time);
  });

  it('is the same wherever a run is stopped on the way', () => {
    const run = new ScheduledRun(LOOPS, SCHEDULE);
    for (const time of TIMES) run.machine.run(time);
    expect(run.outcome()).toEqual(whole());
  });

  it.each([
    [LOOPS, 2, SCHEDULE],
    [TIMER_ADDS, 1, [{ hart: 0, at: 20, for: 'event' }] as const],
  ])('goes on from a snapshot in the middle of it, also of a different machine', (source, harts, schedule) => {
    const expected = new ScheduledRun(source, schedule, { harts }).outcome();
    for (const time of [...TIMES, 15, 500_000]) {
      const first = new ScheduledRun(source, schedule, { harts });
      first.machine.run(time);
      const [snapshot, printed] = [first.machine.snapshot(), first.console];
      expect(first.outcome(), `the same machine, ${time}`).toEqual(expected);
      const second = new ScheduledRun(source, [], { harts });
      second.machine.restore(snapshot);
      second.console = printed;
      expect(second.outcome(), `a different machine, ${time}`).toEqual(expected);
    }
  });

  it('that is planned at a snapshot makes the run that it makes from power-on', () => {
    const later = SCHEDULE.map((one) => ({ ...one, at: one.at + 10_000 }));
    const run = new ScheduledRun(LOOPS, []);
    const before = run.machine.momentBefore(14_001);
    expect(before).toBe(10_000);
    run.machine.run(before);
    const snapshot = run.machine.snapshot();
    run.outcome();
    run.machine.restore(snapshot);
    run.machine.follow(later);
    run.console = '';
    expect(run.outcome()).toEqual(new ScheduledRun(LOOPS, later).outcome());
  });

  it('makes the same run interpreted and translated', () => {
    const interpreted = whole();
    const asBefore = translateSoon();
    try {
      expect(whole()).toEqual(interpreted);
    } finally {
      asBefore();
    }
  });

  it('does not name a hart that is not there', () => {
    expect(() => new ScheduledRun(LOOPS, [{ hart: 2, at: 5, for: 1 }])).toThrow('the schedule names hart 2, and there are 2');
  });
});
