/** What is said of each of several harts at the end of a run. */
import { describe, expect, it } from 'vitest';
import { evidenceSchema } from '../evidence/evidence.ts';
import { whyStopped } from '../grade/why/index.ts';
import { explainHartsOf } from '../testkit/explained-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';

/** Starts hart 1 at `other`, by the SBI. */
const START = 'li a0, 1\nla a1, other\nli a7, 0x48534d\nli a6, 0\necall';
const WORDS = '.align 3\nfirst: .dword 0\nsecond: .dword 0\narrived: .dword 0';

/** Sentences about the end. */
function why(source: string, harts: number) {
  const { evidence, explanations } = explainHartsOf(kernelOf(`${source}\n${WORDS}`), harts);
  const lines = whyStopped({ ...evidence, explanations }).map((detail) => {
    if (detail.kind !== 'code') return 'text' in detail ? detail.text : '';
    return detail.text;
  });
  return { evidence, explanations, lines };
}

describe('each of several harts', () => {
  it('in a deadlock is said to wait for the lock that another one has taken', () => {
    const { evidence, explanations, lines } = why(
      `${START}
       la s2, first
       la s3, second
       j both
     other:
       la s2, second
       la s3, first
     both:
       li t1, 1
       amoswap.w.aq t0, t1, (s2)
       la t2, arrived
       amoadd.w zero, t1, (t2)
       li t3, 2
     meet:
       lw t0, 0(t2)
       bne t0, t3, meet
     spin:
       amoswap.w.aq t0, t1, (s3)
       bnez t0, spin
       ebreak`,
      3,
    );
    expect(evidence.stop).toEqual({ reason: 'hang' });
    expect(evidenceSchema.parse(evidence)).toEqual(evidence);
    expect(evidence.hartsAtEnd!.map(({ activity }) => activity)).toEqual(['runs', 'runs', 'stopped']);
    const [zero, atZero, heldByOne, one, atOne, heldByZero, ...more] = lines;
    expect(zero).toMatch(
      /^hart 0 tries to take a lock, as it seems: the variable second at 0x[0-9a-f]+, which stays 1, and it waits for the value 0$/,
    );
    expect(one).toMatch(
      /^hart 1 tries to take a lock, as it seems: the variable first at 0x[0-9a-f]+, which stays 1, and it waits for the value 0$/,
    );
    const [spinning, alike] = evidence.hartsAtEnd!.map(({ pc, loop }) => loop?.instructions.some((one) => one.pc === pc));
    expect([spinning, alike, atZero?.slice(0, 12), atOne?.slice(0, 12)]).toEqual([true, true, 'hart 0 is at', 'hart 1 is at']);
    expect([heldByOne, heldByZero]).toEqual(['hart 1 holds it since', 'hart 0 holds it since']);
    // Both have taken their locks by the first atomic after `both`.
    const taken = explanations!.harts!.map((hart) => hart.holder?.stack.places[0]?.address);
    expect(taken[0]).toBe(taken[1]);
    expect(BigInt(taken[0]!)).toBeLessThan(BigInt(evidence.hartsAtEnd![0]!.pc));
    expect(more).toEqual([]);
  });

  it('that takes a lock twice is said to hold it itself, however often the lock was taken and released before', () => {
    const { lines, explanations } = why(
      `${START}
       wfi
       j .
     other:
       la s2, first
       li t1, 1
       li s4, 100
     often:
       amoswap.w.aq t0, t1, (s2)
       bnez t0, often
       amoswap.w.rl zero, zero, (s2)
       addi s4, s4, -1
       bnez s4, often
     take:
       amoswap.w.aq t0, t1, (s2)
       nop
     spin:
       amoswap.w.aq t0, t1, (s2)
       bnez t0, spin
       ebreak`,
      2,
    );
    expect(lines[2]).toMatch(/^hart 1 tries to take a lock, as it seems: the variable first at 0x[0-9a-f]+, which stays 1/);
    expect(lines[4]).toBe('hart 1 holds it itself, since');
    const { holder, stack } = explanations!.harts![1]!;
    const [taken, spinning] = [holder!.stack, stack].map(({ places }) => BigInt(places[0]!.address));
    // `take` is the instruction and a nop (4 bytes, or 2 where it is compressed) before `spin`.
    expect(spinning! - taken!).toBeGreaterThanOrEqual(6n);
    expect(spinning! - taken!).toBeLessThanOrEqual(12n);
  });

  it('is said to poll, to wait for an interrupt, or to load nothing', () => {
    const { evidence, lines } = why(`${START}\nwfi\nj .\nother:\nla t2, arrived\npoll:\nlw t0, 0(t2)\nbeqz t0, poll\nebreak`, 2);
    expect(evidence.stop).toEqual({ reason: 'hang' });
    expect(lines[0]).toBe('hart 0 waits for an interrupt');
    expect(lines[2]).toMatch(
      /^hart 1 polls the variable arrived at 0x[0-9a-f]+, which stays 0, and it waits for (?:a value other than 0|another value)$/,
    );
  });

  it('is not said to be in a loop where it changes something: the run goes on to its limit', () => {
    const { evidence, lines } = why(
      `${START}\nj .\nother:\nla t2, arrived\ncount:\nlw t0, 0(t2)\naddi t0, t0, 1\nsw t0, 0(t2)\nj count`,
      2,
    );
    expect(evidence.stop).toMatchObject({ reason: 'limit' });
    expect(lines[0]).toBe('hart 0 is in a loop that depends on nothing that it loads');
    expect(lines).toContain('hart 1 runs, and no loop that changes nothing was found');
  });

  it('that starts a hart which is not there, and waits for it, is a hang at once', () => {
    const { evidence, lines } = why(`li a0, 7\n${START.slice(9)}\nla t2, arrived\npoll:\nlw t0, 0(t2)\nbeqz t0, poll\nother:\nebreak`, 2);
    expect(evidence.stop).toEqual({ reason: 'hang' });
    expect(evidence.time).toBeLessThan(1e6);
    expect(lines[0]).toMatch(/^hart 0 polls the variable arrived/);
  });
});
