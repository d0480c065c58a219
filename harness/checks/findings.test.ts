import { describe, expect, it } from 'vitest';
import { loadRubric } from '../rubric/loader.ts';
import { expectFailed, expectPassed, judgeOne, linesOf, rubricOf } from '../testkit/checks.ts';
import { evidence, explained, finding } from '../testkit/evidence.ts';
import { formatProblem } from '../vocabulary/problem.ts';

const NOTE = finding({ rule: 'page-size-missing', section: '4.2.4', severity: 'note', request: null, message: 'A note.' });
const SHOULD = finding({ rule: 'reset-unconfirmed', section: '2.4.2', severity: 'should', request: null, message: 'Advice.' });
const MUST = finding();
const all = evidence({ findings: [NOTE, SHOULD, MUST] });

describe('none', () => {
  it.each([
    ['must', 1],
    ['should', 2],
    ['note', 3],
  ])('%s counts that severity and graver ones', async (severity, broken) => {
    expect(expectFailed(await judgeOne(`findings: { none: ${severity} }`, all)).details).toHaveLength(broken);
  });

  it('passes where nothing of that weight was found', async () => {
    expectPassed(await judgeOne('findings: { none: must }', evidence({ findings: [NOTE, SHOULD] })));
    expectPassed(await judgeOne('findings: { none: note }', evidence()));
  });

  it('leaves out the exceptions', async () => {
    expectPassed(await judgeOne('findings: { none: should, except: [data-length, reset-unconfirmed] }', all));
  });
});

describe('absent', () => {
  it('names rules, whatever they weigh', async () => {
    expectPassed(await judgeOne('findings: { absent: [status-missing] }', all));
    const { reason, details, score } = expectFailed(await judgeOne('findings: { absent: [page-size-missing, data-length] }', all));
    expect([reason, score]).toEqual(['the driver breaks 2 rules: page-size-missing, data-length', 0]);
    expect(linesOf(details)).toEqual([
      'note: page-size-missing (virtio 1.2, 4.2.4): A note.',
      'must: data-length (virtio 1.2, 5.2.6.1), request #2: The data of an IN or OUT request are no multiple of 512 bytes. (100 bytes)',
    ]);
  });

  it('shows how often, and the instruction of a race', async () => {
    const race = finding({ rule: 'race-load', section: '2.7.8.3', pc: '0x80201234', count: 3, message: 'Too early.' });
    const { details } = expectFailed(await judgeOne('findings: { absent: [race-load] }', evidence({ findings: [race] })));
    expect(linesOf(details)).toEqual(['must: race-load (virtio 1.2, 2.7.8.3), request #2, instruction at 0x80201234, 3 times: Too early.']);
  });

  it('names the line of a race, where it is known', async () => {
    const race = finding({ rule: 'race-store', section: '2.7.13.3', pc: '0x80201234', message: 'Too late.' });
    const stack = { places: [{ address: '0x80201234', frames: [] }], leftOut: 0, notes: [] };
    const explanations = explained({ findings: [{ finding: race, stack }] });
    const { details } = expectFailed(await judgeOne('findings: { absent: [race-store] }', evidence({ findings: [race], explanations })));
    expect(details[1]).toEqual({ kind: 'code', text: 'stored at', stack });
  });

  it('does not count a race that only a repeated run was watched for', async () => {
    const race = finding({ rule: 'race-store', pc: '0x80201234' });
    const explanations = explained({
      findings: [{ finding: race, stack: { places: [], leftOut: 0, notes: [] } }],
    });
    expectPassed(await judgeOne('findings: { none: must }', evidence({ explanations })));
  });

  it('looks at one drive where one is named', async () => {
    expectPassed(await judgeOne('findings: { drive: blk, absent: [data-length] }', evidence({ findings: [finding({ drive: 'other' })] })));
    expectFailed(await judgeOne('findings: { drive: blk, absent: [data-length] }', all));
  });
});

describe('races', () => {
  const races = async (check: string) => (await rubricOf(` - { id: it, points: 1, ${check} }`)).scenarios.map((one) => one.races);

  it('are watched where a check names one of their rules', async () => {
    expect(await races('findings: { absent: [race-load] }')).toEqual([true]);
    expect(await races('findings: { none: must }')).toEqual([false]);
    expect(await races('stop: poweroff')).toEqual([false]);
  });
});

async function problems(check: string): Promise<string> {
  const head =
    'rubric: 1\ntitle: T\nmachine: { drives: { blk: { size: 4K } } }\nsubmission: { kernel: k }\nscenarios: { run: {} }\nchecks:\n';
  const loaded = await loadRubric('t.yaml', `${head} - { id: it, points: 1, ${check} }`, {
    readFile: () => Promise.reject(new Error('none')),
  });
  return 'problems' in loaded ? loaded.problems.map(formatProblem).join('\n') : '';
}

describe('a mistake in the rubric', () => {
  it('in a rule id is told with the rule that was meant', async () => {
    expect(await problems('findings: { absent: [data-lenght] }')).toMatch(/\[unknown-name\][\s\S]*data-length/);
  });

  it('in a severity, a drive, or by leaving everything out', async () => {
    expect(await problems('findings: { none: musts }')).toMatch(/must/);
    expect(await problems('findings: { drive: blkk, none: must }')).toMatch(/unknown-drive/);
    expect(await problems('findings: { except: [data-length] }')).toMatch(/neither a severity nor rules/);
  });
});
