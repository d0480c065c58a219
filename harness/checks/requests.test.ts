import { describe, expect, it } from 'vitest';
import type { RequestEvidence } from '../evidence/evidence.ts';
import { expectFailed, expectPassed, judgeOne, linesOf } from '../testkit/checks.ts';
import { evidence, type Link, request, WRITE_CHAIN } from '../testkit/evidence.ts';

const CONSOLE = 'mkfs\nsync\ndone\n';
const AT_SYNC = CONSOLE.indexOf('sync') + 'sync'.length;

const OUT = 1;
const FLUSH = 4;

/** A log's commit: data, a flush, the commit record in sector 2, a flush, the home place. */
const COMMIT = made([OUT, '10'], [FLUSH, '0'], [OUT, '2'], [FLUSH, '0'], [OUT, '40']);

const FORGIVEN: Link[] = [WRITE_CHAIN[0]!, { roles: [['data', 512]], deviceWritable: true }, WRITE_CHAIN[2]!];

function made(...ones: (readonly [type: number, sector: string])[]): RequestEvidence[] {
  return ones.map(([type, sector], index) => request({ number: index + 1, type, sector, consoleBytes: index < 2 ? 5 : AT_SYNC }));
}

function seen(requests: RequestEvidence[]) {
  return evidence({ console: CONSOLE, requests });
}

describe('count', () => {
  it('is a number, or bounds, of those that are meant', async () => {
    expectPassed(await judgeOne('requests: { of: { type: FLUSH }, count: 2 }', seen(COMMIT)));
    expectPassed(await judgeOne('requests: { of: { type: OUT, sector: { min: 3 } }, count: { max: 2 } }', seen(COMMIT)));
    expectPassed(await judgeOne('requests: { of: { type: IN }, count: 0 }', seen(COMMIT)));
    const verdict = expectFailed(await judgeOne('requests: { of: { type: FLUSH }, count: { min: 3 } }', seen(COMMIT)));
    expect(verdict.reason).toBe('2 requests, expected at least 3');
    expect(linesOf(verdict.details)).toEqual([
      'expected at least 3 of these requests',
      'found 2 requests in all: #2 FLUSH, sector 0; #4 FLUSH, sector 0',
    ]);
  });

  it('after one text and before another one that comes later', async () => {
    expectPassed(await judgeOne('requests: { of: { after: { console: sync }, before: { console: done } }, count: 3 }', seen(COMMIT)));
    expectPassed(await judgeOne('requests: { of: { before: { console: sync } }, count: 2 }', seen(COMMIT)));
    const early = 'requests: { of: { after: { console: sync }, before: { console: mkfs } }, count: 0 }';
    expect(expectFailed(await judgeOne(early, seen(COMMIT))).reason).toBe(
      'the console never shows the text before which requests are looked for',
    );
  });
});

describe('all', () => {
  const part = 'requests: { of: { type: OUT }, all: { data: { device-writable: false } } }';

  it('explains the first one that is wrong, and says how many are', async () => {
    expectPassed(await judgeOne(part, seen(COMMIT)));
    const wrong = COMMIT.map((one, index) =>
      index < 2 ? one : request({ number: index + 1, type: one.type, sector: one.sector, chain: FORGIVEN }),
    );
    const verdict = expectFailed(await judgeOne(part, seen(wrong)));
    expect(verdict.reason).toBe(
      '2 of 3 requests not as expected, the first one #3 OUT, sector 2: data: expected device reads, found device writes',
    );
    expect(verdict.questions).toHaveLength(1);
  });

  it('of none is not true: a kernel that asks for nothing has shown nothing', async () => {
    expect(expectFailed(await judgeOne(part, seen([]))).reason).toBe('there is no such request');
  });
});

describe('order', () => {
  const part =
    'requests: { order: [{ type: OUT, sector: { min: 10, max: 19 } }, { type: FLUSH }, { type: OUT, sector: 2 }, { type: FLUSH }, { sector: 40 }] }';

  it('lets others lie between, and fails where the record is written before the data are safe', async () => {
    expectPassed(await judgeOne(part, seen(COMMIT)));
    expectPassed(await judgeOne(part, seen([COMMIT[0]!, COMMIT[4]!, ...COMMIT.slice(1)])));
    const early = made([OUT, '2'], [OUT, '10'], [FLUSH, '0'], [FLUSH, '0'], [OUT, '40']);
    const verdict = expectFailed(await judgeOne(part, seen(early)));
    expect(verdict.reason).toBe('step 3 of 5 is missing or out of order');
    expect(linesOf(verdict.details)).toEqual([
      'expected OUT, sector 2 after #3 FLUSH, sector 0',
      'found #1 OUT, sector 2, which comes before it',
    ]);
  });

  it('lists what there is where a step is missing', async () => {
    const verdict = expectFailed(await judgeOne(part, seen(made([OUT, '10']))));
    expect(linesOf(verdict.details)).toEqual(['expected FLUSH after #1 OUT, sector 10', 'found 1 request in all: #1 OUT, sector 10']);
  });
});
