/**
 * Loops that change nothing: which loops are proved, which are not, and that after skipped rounds everything is as if they had been run.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLOT, type Slot } from '../layout/slots.ts';
import { readTally } from '../layout/tally.ts';
import { Program } from '../testkit/program.ts';
import { COUNTED } from './generated-work.ts';

const MINUTE = 60_000_000_000;
const ENGINE_SLOTS: ReadonlySet<string> = new Set<Slot>([
  'entry',
  'cause',
  'tval',
  'fault',
  'busFault',
  'recording',
  'unreported',
  'clockEnd',
  'budget',
  'translating',
  'scratchEntry',
  // Work that the meter is told of later; rounds that are skipped do none.
  ...COUNTED.map(([slot]) => slot),
]);

/** Everything in which the guest, or a report, could see a difference between two machines. */
function stateOf(program: Program): Record<string, unknown> {
  const { hart } = program;
  const slots = (Object.keys(SLOT) as Slot[]).filter((slot) => !ENGINE_SLOTS.has(slot));
  return {
    registers: Array.from({ length: 32 }, (_, n) => hart.state.x(n)),
    slots: Object.fromEntries(slots.map((slot) => [slot, hart.state.get(slot)])),
    data: program.bytes(program.address('data'), 256),
    now: hart.now(),
    retired: hart.retired(),
    tally: readTally(hart.state),
  };
}

function compare(source: string, time: number): void {
  const [skipping, running] = [new Program(source), new Program(source)] as const;
  running.hart.engine.loops.enabled = false;
  const ended = skipping.run(time);
  if (ended === 'hang') {
    // If a loop is proved to go on for ever, the machine without proofs must still be in it, however long it runs.
    expect(running.run(time)).toBe('time');
    const [a, b] = [stateOf(skipping), stateOf(running)];
    expect(b['data']).toEqual(a['data']);
    return;
  }
  expect(running.run(time)).toBe(ended);
  expect(stateOf(skipping)).toEqual(stateOf(running));
}

const DATA = `
.align 3
data: .dword 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
`;

describe('a loop that changes nothing', () => {
  it.each([
    ['a jump to itself', 'loop: j loop'],
    ['a poll of memory', 'la t0, data\nloop: ld t1, 0(t0)\nbeqz t1, loop'],
    [
      'a poll as -O0 compiles it, storing to its stack each round',
      'la sp, data\naddi sp, sp, 128\nla t0, data\nloop: addi sp, sp, -16\nsd t0, 8(sp)\nld t1, 8(sp)\nld t1, 0(t1)\nsd t1, 0(sp)\naddi sp, sp, 16\nbeqz t1, loop',
    ],
    [
      'a round with a delay loop in it',
      'la t0, data\nloop: li t2, 300\ndelay: addi t2, t2, -1\nbnez t2, delay\nld t1, 0(t0)\nbeqz t1, loop',
    ],
    [
      'a round that calls the same function many times',
      'la t0, data\nloop: li s1, 60\nagain: call get\naddi s1, s1, -1\nbnez s1, again\nbeqz t1, loop\nget: ld t1, 0(t0)\nret',
    ],
    ['slots that alternate within a round', 'la t0, data\nloop: li t1, 1\nsd t1, 8(t0)\nsd zero, 8(t0)\nj loop'],
    [
      'a WFI that does not wait, since an interrupt is pending and enabled, but not taken in M mode with MIE off',
      'li t0, 2\ncsrs mip, t0\ncsrs mie, t0\nla t0, data\nloop: wfi\nld t1, 0(t0)\nbeqz t1, loop',
    ],
    ['an atomic that swaps the same value', 'la t0, data\nloop: amoswap.d t1, zero, (t0)\nbeqz t1, loop'],
  ])('is proved to hang: %s', (_, code) => {
    const program = new Program(`${code}\n${DATA}`);
    expect(program.run(MINUTE)).toBe('hang');
    expect(program.hart.now()).toBeLessThan(20_000_000);
  });

  it('is proved of a long round as well, later', () => {
    const program = new Program(
      `la t0, data\nloop: li t2, 20000\ndelay: addi t2, t2, -1\nbnez t2, delay\nld t1, 0(t0)\nbeqz t1, loop\n${DATA}`,
    );
    expect(program.run(MINUTE)).toBe('hang');
    expect(program.hart.now()).toBeLessThan(60_000_000);
  });

  it.each([
    ['counts in a register', 'loop: addi t1, t1, 1\nj loop'],
    ['counts in memory', 'la t0, data\nloop: ld t1, 0(t0)\naddi t1, t1, 1\nsd t1, 0(t0)\nj loop'],
    ['counts in memory alone', 'la t0, data\nloop: ld t1, 0(t0)\naddi t1, t1, 1\nsd t1, 0(t0)\nli t1, 0\nj loop'],
    ['reads the time', 'loop: csrr t1, time\nandi t1, t1, 0\nj loop'],
    ['reads the cycle counter', 'loop: csrr t1, cycle\nandi t1, t1, 0\nj loop'],
  ])('is not claimed of one that %s', (_, code) => {
    expect(new Program(`${code}\n${DATA}`).run(3_000_000)).toBe('time');
  });

  it('is not claimed of one whose device answers differently in the end', () => {
    let reads = 0;
    const bus = { read: () => (++reads > 500_000 ? 1 : 0), write: () => true };
    const program = new Program(`li t0, 0x10000000\nloop: lw t1, 0(t0)\nbeqz t1, loop\nend: j end\n${DATA}`, {
      bus: { ...bus, read: (...a: [number, number]) => touched(bus.read, a) },
    });
    const touched = (read: () => number, _: [number, number]) => {
      program.hart.engine.loops.touch();
      return read();
    };
    expect(program.run(MINUTE)).toBe('hang');
    expect(program.pc).toBe(program.address('end'));
  });
});

/** A spin loop under a timer. The timer's handler counts ticks and ends the loop after so many. */
const underTimer = (body: string, period: number, ticks: number) => `
  la t0, handler
  csrw mtvec, t0
  la gp, data
  li t0, ${period}
  csrw stimecmp, t0
  li t0, 0x20
  csrs mie, t0
  li t0, 1
  slli t0, t0, 63
  csrs menvcfg, t0
  csrsi mstatus, 8
spin:
  call helper
  ${body}
  ld t6, 8(gp)
  beqz t6, spin
  addi s1, s1, 1
  sd zero, 8(gp)
  j spin
helper:
  ld t3, 80(gp)
  ret
handler:
  csrw mscratch, t5
  sd t4, 64(gp)
  sd ra, 72(gp)
  addi sp, sp, -16
  call helper
  addi sp, sp, 16
  ld ra, 72(gp)
  ld t5, 0(gp)
  addi t5, t5, 1
  sd t5, 0(gp)
  li t4, ${ticks}
  remu t4, t5, t4
  seqz t4, t4
  sd t4, 8(gp)
  csrr t5, stimecmp
  li t4, ${period}
  add t5, t5, t4
  csrw stimecmp, t5
  csrr t5, mscratch
  ld t4, 64(gp)
  mret
${DATA}`;

describe('skipping rounds', () => {
  it('leaves the clock, instret and all else as if every round had run', () => {
    compare(underTimer('nop', 10_000, 3), 12_345_678);
  });

  it('costs a tick little: ten guest seconds of spinning take few instructions', () => {
    const program = new Program(underTimer('ld t1, 16(gp)', 10_000, 1_000_000_000));
    expect(program.run(10_000_000_000)).toBe('time');
    expect(program.load(program.address('data'), 8)).toBe(9_999n);
    expect(program.hart.now() - program.hart.engine.loops.skippedTime).toBeLessThan(2_000_000);
  });

  const instruction = fc.oneof(
    fc.constantFrom(
      'nop',
      'addi t1, t1, 0',
      'xor t2, t1, t2',
      'not t3, t3',
      'ld t1, 24(gp)',
      'sd t1, 32(gp)',
      'lw t2, 36(gp)',
      'sb t3, 40(gp)',
      'addi a0, a0, 1',
      'andi a0, a0, 7',
      'sd a0, 48(gp)',
    ),
    fc.constantFrom(
      'amoadd.w t1, zero, (gp)',
      'amoxor.d a1, a2, (gp)',
      'lr.d a3, (gp)',
      'csrr a4, instret',
      'csrr a5, mscratch',
      'mul a6, a6, a6',
      'sd a6, 56(gp)',
      'c.addi a7, 1',
    ),
    // Loops that change only memory: with new values for ever, or with two values in turn.
    fc.constantFrom('addi', 'xori').map((name) => `ld s4, 96(gp)\n  ${name} s4, s4, 1\n  sd s4, 96(gp)\n  li s4, 0`),
    // Loops with inner loops: a search that begins in an inner loop has to leave it.
    fc.nat({ max: 2000 }).map((count) => `li s2, ${count + 1}\n@: addi s2, s2, -1\n  bnez s2, @`),
    fc.nat({ max: 600 }).map((count) => `li s3, ${count + 1}\n@: sd s3, 88(gp)\n  ld s3, 88(gp)\n  addi s3, s3, -1\n  bnez s3, @`),
  );
  it('is sound for random loops, with and without a timer', () => {
    const loops = fc.record({
      body: fc.array(instruction, { maxLength: 6 }),
      period: fc.integer({ min: 300, max: 40_000 }),
      ticks: fc.integer({ min: 1, max: 5 }),
      timer: fc.boolean(),
      time: fc.integer({ min: 250_000, max: 2_500_000 }),
    });
    fc.assert(
      fc.property(loops, ({ body, period, ticks, timer, time }) => {
        // Without a timer: its first interrupt would come after the end of the run.
        const labelled = body.filter((i) => !i.startsWith('amo')).map((i, n) => i.replaceAll('@', `inner${n}`));
        compare(underTimer(labelled.join('\n  '), timer ? period : 1_000_000_000, ticks), time);
      }),
      { numRuns: 60 },
    );
  });
});
