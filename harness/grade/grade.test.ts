import { describe, expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { rubricOf } from '../testkit/checks.ts';
import { evidence, image, request } from '../testkit/evidence.ts';
import { initialImage } from '../vocabulary/image.ts';
import { gradeSubmission, unexplained } from './grade.ts';
import { type EvidenceFile, gradeRun, type ScenarioRun } from './grade-run.ts';

/** A run of a scenario whose evidence belongs to it. */
function runOf(rubric: Rubric, name: string, part: Partial<Evidence> = {}): [string, ScenarioRun] {
  const scenario = rubric.scenarios.find((one) => one.name === name)!;
  const images = new Map(scenario.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const recorded = [...images].map(([drive, { size, sha256 }]) => image({ drive, size, initialSha256: sha256 }));
  return [name, { evidence: evidence({ scenario: name, images: recorded, ...part }), images }];
}

function submission(rubric: Rubric, runs: [string, ScenarioRun, EvidenceFile?][]) {
  const graded = runs.map(([name, run, file]) => {
    const scenario = rubric.scenarios.find((one) => one.name === name)!;
    return [name, gradeRun(rubric, scenario, run, file ?? null)] as const;
  });
  return { name: 'someone', tool: 'bootgrade 0.0.0', kernel: null, attempt: 1, runs: new Map(graded) };
}

function grade(rubric: Rubric, ...runs: [string, ScenarioRun, EvidenceFile?][]) {
  return gradeSubmission(rubric, submission(rubric, runs), 'instructor');
}

const outcomes = (result: ReturnType<typeof grade>) => result.checks.map(({ id, outcome, score, reason }) => [id, outcome, score, reason]);

const CHAIN = ` - { id: a, points: 0.1, console: one }
 - { id: b, points: 0.2, needs: a, console: two, hint: Try two. }
 - { id: c, points: 3, needs: b, console: one }
 - { id: d, points: 4, needs: [c, a], console: one }`;

describe('needs and points', () => {
  it('all passed: all points, and no hints', async () => {
    const rubric = await rubricOf(CHAIN);
    const result = grade(rubric, runOf(rubric, 'write', { console: 'one two' }));
    expect([result.outcome, result.score, result.maxScore, result.reason]).toEqual(['passed', 7.3, 7.3, null]);
    expect(result.checks[1]!.hint).toBeNull();
  });

  it('0.1 and 0.2 are 0.3', async () => {
    const rubric = await rubricOf(' - { id: a, points: 0.1, console: x }\n - { id: b, points: 0.2, console: x }');
    const result = grade(rubric, runOf(rubric, 'write', { console: 'x' }));
    expect([result.score, result.maxScore]).toEqual([0.3, 0.3]);
  });

  it('a failed check skips what needs it, and what needs that; the hint is for the failed one', async () => {
    const rubric = await rubricOf(CHAIN);
    const result = grade(rubric, runOf(rubric, 'write', { console: 'one' }));
    expect(outcomes(result)).toEqual([
      ['a', 'passed', 0.1, null],
      ['b', 'failed', 0, 'the console does not show this text'],
      ['c', 'skipped', 0, 'needs b'],
      ['d', 'skipped', 0, 'needs c'],
    ]);
    expect([result.outcome, result.score, result.maxScore]).toEqual(['failed', 0.1, 7.3]);
    expect(result.checks.map((check) => check.hint)).toEqual([null, 'Try two.', null, null]);
  });

  it('a need may stand below what needs it', async () => {
    const rubric = await rubricOf(' - { id: a, points: 1, needs: b, console: one }\n - { id: b, points: 1, console: two }');
    expect(outcomes(grade(rubric, runOf(rubric, 'write', { console: 'one' })))[0]).toEqual(['a', 'skipped', 0, 'needs b']);
  });

  it('partial credit counts, and the check is failed all the same', async () => {
    const rubric = await rubricOf(
      ' - { id: a, points: 1, console: { in-order: [{ contains: x, points: 0.7 }, { contains: y, points: 0.3 }] } }',
    );
    const result = grade(rubric, runOf(rubric, 'write', { console: 'x' }));
    expect([result.outcome, result.score, result.checks[0]!.outcome]).toEqual(['failed', 0.7, 'failed']);
  });

  it('a check without points does not decide the outcome', async () => {
    const rubric = await rubricOf(' - { id: a, points: 1, console: x }\n - { id: b, points: 0, console: y }');
    const result = grade(rubric, runOf(rubric, 'write', { console: 'x' }));
    expect([result.outcome, result.checks[1]!.outcome]).toEqual(['passed', 'failed']);
  });
});

const TWO_SCENARIOS = `rubric: 1
title: Two
machine: { drives: { blk: { size: 4K } } }
submission: { kernel: k }
scenarios: { first: {}, second: { visibility: hidden } }
checks:
 - { id: a, points: 1, console: x }
 - { id: b, points: 2, in: second, console: x }
 - { id: c, points: 3, needs: b, console: x }
 - { id: d, points: 4, visibility: hidden, needs: b, console: x }
`;

async function twoScenarios(): Promise<Rubric> {
  const loaded = await loadRubric('two.yaml', TWO_SCENARIOS, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return loaded.rubric;
}

describe('what a run may do to its checks', () => {
  it('the host’s limit: errored, what needs it too, and no score', async () => {
    const rubric = await twoScenarios();
    const result = grade(
      rubric,
      runOf(rubric, 'first', { console: 'x' }),
      runOf(rubric, 'second', { stop: { reason: 'host-limit', limit: '60s' } }),
    );
    expect(outcomes(result)).toEqual([
      ['a', 'passed', 1, null],
      ['b', 'errored', 0, "the grader gave up: the host's limit of 60s was reached"],
      ['c', 'errored', 0, 'needs a hidden check'],
      ['d', 'errored', 0, 'needs b'],
    ]);
    expect([result.outcome, result.score, result.maxScore]).toEqual(['errored', null, 10]);
    expect(result.reason).toBe("the grader gave up: the host's limit of 60s was reached");
  });

  it('a run that is missing is the grader’s fault as well', async () => {
    const rubric = await twoScenarios();
    const result = grade(rubric, runOf(rubric, 'first', { console: 'x' }));
    expect([result.outcome, result.score, result.reason]).toEqual(['errored', null, 'the scenario second was not run']);
    expect(result.scenarios.map((scenario) => scenario.name)).toEqual(['first']);
  });

  it('what cannot boot fails, with the reason', async () => {
    const rubric = await twoScenarios();
    const stop = { reason: 'not-bootable', message: 'kernel.elf is an ELF for x86-64' } as const;
    const result = grade(rubric, runOf(rubric, 'first', { stop, images: [] }), runOf(rubric, 'second', { stop, images: [] }));
    expect(outcomes(result)).toEqual([
      ['a', 'failed', 0, stop.message],
      ['b', 'failed', 0, stop.message],
      ['c', 'skipped', 0, 'needs a hidden check'],
      ['d', 'skipped', 0, 'needs b'],
    ]);
    expect([result.outcome, result.score, result.reason]).toEqual(['failed', 0, stop.message]);
  });

  it('evidence of a different image is refused', async () => {
    const rubric = await twoScenarios();
    const foreign = image({ drive: 'blk', initialSha256: 'ab'.repeat(32) });
    const result = grade(rubric, runOf(rubric, 'first', { console: 'x', images: [foreign] }), runOf(rubric, 'second', { console: 'x' }));
    expect(result.reason).toBe('the evidence of scenario first was recorded with a different image of drive blk');
    expect(result.outcome).toBe('errored');
  });
});

describe('what has failed when not all is run yet', () => {
  const failed = (rubric: Rubric, scenario: string, ...runs: [string, ScenarioRun][]) =>
    unexplained(rubric, submission(rubric, runs), scenario).failed;

  it('is a check of the scenario, where students see it and what it needs is there, or not run yet', async () => {
    const rubric = await twoScenarios();
    const [nothing, all] = [runOf(rubric, 'first'), runOf(rubric, 'second', { console: 'x' })];
    // c needs b, of the second scenario.
    expect(failed(rubric, 'first', nothing)).toEqual(['a', 'c']);
    expect(failed(rubric, 'first', nothing, all)).toEqual(['a', 'c']);
    expect(failed(rubric, 'first', nothing, runOf(rubric, 'second'))).toEqual(['a']);
    // All that looks at a hidden scenario is hidden.
    expect(failed(rubric, 'second', nothing, runOf(rubric, 'second'))).toEqual([]);
  });

  it('asks what the visible checks ask that have failed, and nothing of those that were skipped or passed', async () => {
    const rubric = await rubricOf(`
 - { id: a, points: 1, request: { expect: { sector: 7 } } }
 - { id: b, points: 1, request: { expect: { type: FLUSH } }, visibility: hidden }
 - { id: c, points: 1, needs: a, request: { expect: { type: FLUSH } } }
 - { id: d, points: 1, request: { after: { console: go }, nth: 9 } }
 - { id: e, points: 1, request: { expect: { sector: 0 } } }`);
    const { scenarios } = rubric;
    const { name } = scenarios[0]!;
    const run = runOf(rubric, name, { console: 'go', requests: [request()] });
    const { failed, questions } = unexplained(rubric, submission(rubric, [run]), name);
    expect(failed).toEqual(['a', 'd']);
    expect(questions.map(({ about, text }) => [about, text])).toEqual([
      ['store', 'sector'],
      ['print', 'the text was printed at'],
    ]);
  });
});

describe('the result', () => {
  it('says what is hidden, how each run ended, and what it belongs to', async () => {
    const rubric = await twoScenarios();
    const [name, run] = runOf(rubric, 'first', { console: 'x' });
    const result = grade(rubric, [name, run, { name: 'someone.first.json', sha256: 'ab' }], runOf(rubric, 'second', { console: 'x' }));
    expect(result.checks.map((check) => check.hidden)).toEqual([false, true, false, true]);
    expect(result.scenarios.map(({ name, hidden, evidence: file }) => [name, hidden, file])).toEqual([
      ['first', false, 'someone.first.json'],
      ['second', true, null],
    ]);
    expect(Object.keys(result.images)).toEqual(['first/blk', 'second/blk']);
    expect(result.rubric).toMatchObject({ title: 'Two', sha256: rubric.sha256 });
  });

  it('is the same, byte for byte, each time', async () => {
    const rubric = await twoScenarios();
    const once = () => JSON.stringify(grade(rubric, runOf(rubric, 'first', { console: 'x' }), runOf(rubric, 'second')));
    expect(once()).toBe(once());
  });
});
