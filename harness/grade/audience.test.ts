/** What is hidden is in no student's report, whatever the format. */
import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence, Stop } from '../evidence/evidence.ts';
import { reportFormats } from '../report/index.ts';
import type { Audience } from '../result/result.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { evidence, explained, finding, image, request } from '../testkit/evidence.ts';
import { hidingRubrics, MARKER } from '../testkit/hiding-rubrics.ts';
import { initialImage } from '../vocabulary/image.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import { evidenceForStudents } from './audience.ts';
import { gradeSubmission } from './grade.ts';
import { type GradedRun, gradeRun } from './grade-run.ts';

async function load(text: string): Promise<Rubric> {
  const loaded = await loadRubric('x.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

const STOPS: Stop[] = [
  { reason: 'poweroff' },
  { reason: 'host-limit', limit: `${MARKER} seconds` },
  { reason: 'not-bootable', message: `${MARKER} is not a kernel` },
];

/** `ends`: how each scenario's run ended; -1: there was none. What hidden runs print has the marker. */
function runsOf(rubric: Rubric, ends: readonly number[]): Map<string, GradedRun> {
  return new Map(
    rubric.scenarios.flatMap((scenario, index): [string, GradedRun][] => {
      const { name, hidden, machine } = scenario;
      const end = ends[index % ends.length]!;
      if (end === -1) return [];
      const images = new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]));
      const stop = hidden ? STOPS[end]! : STOPS[0]!;
      const seen: Partial<Evidence> = hidden
        ? { console: `${MARKER} go`, requests: [request({ problem: MARKER, consoleBytes: 100 })], stop }
        : { console: 'hello go', requests: [request({ consoleBytes: 100 })] };
      const images2 = [...images].map(([drive, { size, sha256 }]) => image({ drive, size, initialSha256: sha256 }));
      const file = { name: `x.${name}.evidence.json`, sha256: 'ab'.repeat(32) };
      const run = { evidence: evidence({ scenario: name, ...seen, images: images2 }), images };
      return [[name, gradeRun(rubric, scenario, run, file)]];
    }),
  );
}

function reports(rubric: Rubric, ends: readonly number[], audience: Audience): string {
  const runs = runsOf(rubric, ends);
  const result = gradeSubmission(rubric, { name: 'alice', tool: 'x', kernel: null, attempt: 1, runs }, audience);
  const colors = picocolors.createColors(true);
  return Object.values(reportFormats)
    .flatMap(({ one, all }) => [one(result, colors, null), ...all([result, result], colors, 60)])
    .join('\n');
}

describe('a finding about code of the course', () => {
  const rubricWith = (more: string) =>
    load(
      `rubric: 1\ntitle: Lab\nsubmission: { kernel: k, given: [lib/*.c] }\n${more}scenarios: { run: {} }\nchecks: [{ id: a, points: 1, findings: { none: must } }]\n`,
    );
  const [own, other] = [finding({ rule: 'data-length', pc: '0x80200010' }), finding({ rule: 'queue-missing', pc: '0x80200020' })];
  const frame = (file: string) => ({ function: 'send', file, path: file, line: 3, library: false, inlined: false });
  const stackIn = (...files: string[]) => ({
    places: files.map((file) => ({ address: '0x80200010', frames: [frame(file)] })),
    leftOut: 0,
    notes: [],
  });
  async function shownTo(audience: Audience, more: string, file: string | null) {
    const rubric = await rubricWith(more);
    const explanations =
      file === null ? null : explained({ findings: [{ finding: own, stack: stackIn(...file.split(' called by ')) as CodeStack }] });
    const run = {
      evidence: evidence({ scenario: 'run', findings: [own, other], devices: [], images: [], explanations }),
      images: new Map(),
    };
    const runs = new Map([['run', gradeRun(rubric, rubric.scenarios[0]!, run)]]);
    const { checks, scenarios } = gradeSubmission(rubric, { name: 'alice', tool: 'x', kernel: null, attempt: 1, runs }, audience);
    return [checks[0]!.outcome, ...scenarios[0]!.findings.map(({ rule, ofCourse }) => `${rule}${ofCourse ? ' (course)' : ''}`)];
  }

  it.each([
    ['its file is given', '', 'lib/blk.c'],
    ['its rule is accepted', 'findings: { accept: [data-length] }\n', null],
  ])('is left out for students where %s, and changes no grade', async (_, more, file) => {
    expect(await shownTo('instructor', more, file)).toEqual(['failed', 'data-length (course)', 'queue-missing']);
    expect(await shownTo('student', more, file)).toEqual(['failed', 'queue-missing']);
  });

  it.each(['blk.c', 'lib/blk.c called by main.c', null])("is shown where it is the student's, or nobody knows whose (%s)", async (file) => {
    expect(await shownTo('student', '', file)).toEqual(['failed', 'data-length', 'queue-missing']);
  });
});

const ends = fc.array(fc.integer({ min: -1, max: STOPS.length - 1 }), { minLength: 1, maxLength: 4 });

describe('what is hidden', () => {
  it('is in no report for students, in any format, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(hidingRubrics, ends, async ({ text }, how) => {
        expect(reports(await load(text), how, 'student')).not.toContain(MARKER);
      }),
      { numRuns: 300 },
    );
  });

  it('is in an instructor’s: the marker is where it would be seen', async () => {
    let shown = 0;
    await fc.assert(
      fc.asyncProperty(hidingRubrics, async ({ text }) => {
        const rubric = await load(text);
        if ([...rubric.checks, ...rubric.scenarios].every(({ hidden }) => !hidden)) return;
        expect(reports(rubric, [0], 'instructor')).toContain(MARKER);
        shown++;
      }),
      { numRuns: 50 },
    );
    expect(shown).toBeGreaterThan(10);
  });

  it('is shown by count and points, and counts in the score', async () => {
    const rubric = await load(`rubric: 1
title: x
submission: { kernel: k }
scenarios: { run: {}, again: { visibility: hidden } }
checks:
 - { id: a, points: 1, console: hello }
 - { id: b, points: 2, visibility: hidden, console: hello }
 - { id: c, points: 4, in: again, console: hello }
 - { id: d, points: 8, needs: c, console: hello }
`);
    const result = (how: number[]) =>
      gradeSubmission(rubric, { name: 'x', tool: 'x', kernel: null, attempt: 1, runs: runsOf(rubric, how) }, 'student');
    expect(result([0])).toMatchObject({
      audience: 'student',
      score: 3,
      maxScore: 15,
      hiddenChecks: { count: 2, score: 2, maxScore: 6 },
      checks: [{ id: 'a' }, { id: 'd', outcome: 'skipped', reason: 'needs a hidden check' }],
      scenarios: [{ name: 'run' }],
    });
    expect(result([1])).toMatchObject({
      outcome: 'errored',
      score: null,
      reason: 'the grader is at fault in a hidden run',
      hiddenChecks: { score: null, maxScore: 6 },
    });
    expect(result([2])).toMatchObject({ outcome: 'failed', score: 3, reason: 'the kernel cannot be booted in a hidden run' });
  });

  it('is not in evidence either: explanations are what checks asked for', () => {
    const run = evidence({
      explanations: explained({ stores: { [MARKER]: { by: 'nobody' } } }),
    });
    expect(JSON.stringify(evidenceForStudents(run))).not.toContain(MARKER);
  });
});

describe('hints', () => {
  const hintAt = async (attempt: number) => {
    const rubric = await load(`rubric: 1
title: x
submission: { kernel: k }
scenarios: { run: {} }
checks: [{ id: a, points: 1, console: x, hint: [{ from-attempt: 2, text: two }, { from-attempt: 4, text: four }] }]
`);
    const result = gradeSubmission(rubric, { name: 'x', tool: 'x', kernel: null, attempt, runs: runsOf(rubric, [0]) }, 'student');
    expect(result.attempt).toBe(attempt);
    return result.checks[0]!.hint;
  };

  it('come with the attempts', async () => {
    expect(await Promise.all([1, 2, 3, 4, 9].map(hintAt))).toEqual([null, 'two', 'two', 'four', 'four']);
  });
});
