import { describe, expect, it } from 'vitest';
import type { FaultEvidence, RequestEvidence } from '../evidence/evidence.ts';
import { loadRubric } from '../rubric/loader.ts';
import { evidence, request } from '../testkit/evidence.ts';
import { faultSentences } from './faults.ts';

async function sentences(faults: string, requests: readonly RequestEvidence[], drives = 'blk: { size: 1M }'): Promise<string[]> {
  const text = `rubric: 1
title: faults
machine: { drives: { ${drives} } }
submission: { kernel: kernel.elf }
scenarios: { run: { faults: [${faults}] } }
checks: [{ id: a, points: 1, console: x }]
`;
  const loaded = await loadRubric('faults.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return faultSentences(loaded.rubric.scenarios[0]!, evidence({ requests: [...requests] }));
}

/** A request that the driver makes at a time and that completes at another. */
function one(number: number, [made, completed]: [number, number | null], fault: FaultEvidence | null = null): RequestEvidence {
  const completion = completed === null ? null : { time: completed, status: 0, usedLength: 1 };
  return request({ number, time: made, instructions: made, completion, fault });
}

const LATE: FaultEvidence = { kind: 'late', nanoseconds: 5_000_000 };

describe('what a fault did', () => {
  it('a refused write wrote nothing, a refused read read nothing', async () => {
    const refused = { kind: 'answer', answer: 'IOERR' } as const;
    expect(await sentences('{ request: { type: OUT }, answer: IOERR }', [request({ number: 2, sector: '1', fault: refused })])).toEqual([
      'request #2 (OUT, sector 1, after 20,114,331 instructions) was made to fail with IOERR; the device wrote nothing to the disk',
    ]);
    const [read] = await sentences('{ request: { type: IN }, answer: IOERR }', [request({ type: 0, fault: refused })]);
    expect(read).toContain('the device read nothing');
  });

  it('a late answer: which requests overtook it', async () => {
    const late = '{ request: { nth: 1 }, late: 5ms }';
    const told = async (...others: RequestEvidence[]) => (await sentences(late, [one(5, [1000, 6000], LATE), ...others]))[0];
    expect(await told()).toBe(
      'request #5 (OUT, sector 0, after 1,000 instructions) was made to complete 5 ms late; no other request overtook it',
    );
    expect(await told(one(6, [2000, 3000]))).toMatch(/5 ms late; request #6 overtook it$/);
    // One that was made earlier, and one that completed later, did not.
    expect(await told(one(4, [500, 2000]), one(6, [2000, 7000]))).toMatch(/no other request overtook it$/);
    expect(await told(...[6, 7, 8, 9, 10, 11].map((n) => one(n, [2000, 3000])))).toMatch(/requests #6, #7, #8, #9 and 2 more overtook it$/);
  });

  it('a request that waits for the next one', async () => {
    const next = '{ request: { nth: 1 }, after: next }';
    const [overtaken] = await sentences(next, [one(1, [10, 50], { kind: 'after-next' }), one(2, [20, 50])]);
    expect(overtaken).toMatch(/made to complete after the next one; request #2 overtook it$/);
    const [alone] = await sentences(next, [one(1, [10, 50], { kind: 'after-next' })]);
    expect(alone).toMatch(/the driver made none while this one waited, so it only completed late$/);
  });

  it('an answer that the run did not live to see', async () => {
    const [told] = await sentences('{ request: { nth: 1 }, late: 5ms }', [one(1, [10, null], LATE)]);
    expect(told).toMatch(/5 ms late; it was not complete when the machine stopped$/);
  });

  it('none, where the driver never made such a request', async () => {
    expect(await sentences('{ request: { type: FLUSH, nth: 2 }, answer: IOERR }', [request()])).toEqual([
      "the rubric's fault for FLUSH request number 2 was not put in: the driver made no FLUSH request",
    ]);
    expect(await sentences('{ request: { nth: 2 }, answer: IOERR }', [request()])).toEqual([
      "the rubric's fault for request number 2 was not put in: the driver made only 1 of them",
    ]);
  });

  it('names the drive where there are several', async () => {
    const refused = { kind: 'answer', answer: 'UNSUPP' } as const;
    const [told] = await sentences(
      '{ drive: b, request: {}, answer: UNSUPP }',
      [request({ drive: 'b', fault: refused })],
      'a: { size: 1M }, b: { size: 1M }',
    );
    expect(told).toContain('request #1 to b (OUT');
  });
});
