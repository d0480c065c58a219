/** The command `regrade`, on what `grade` leaves: what changes, what must be run again, and what is refused. */
import { existsSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GradedFolder } from '../testkit/graded-folder.ts';

let folder: GradedFolder;

beforeEach(async () => {
  folder = await GradedFolder.make();
});
afterEach(() => folder.remove());

describe('by the same rubric', () => {
  it('gives the same record, which can be graded again in turn', async () => {
    folder.put('regraded/alice.json.4711.tmp', 'left by what was killed');
    const { code, lines } = await folder.regrade();
    expect(code).toBe(0);
    expect(existsSync(folder.at('regraded/alice.json.4711.tmp'))).toBe(false);
    expect(lines[0]).toBe('3 submissions graded again: 0 changed, 3 as before');
    expect(folder.recordIn('regraded')).toEqual(folder.recordIn('reports'));
    expect((await folder.regrade({ reports: folder.at('regraded'), out: folder.at('third') })).code).toBe(0);
  });
});

describe('by a changed rubric', () => {
  it('shows who changed, check by check, and leaves the earlier reports as they were', async () => {
    const before = folder.recordIn('reports');
    folder.changeRubric('console: hello', 'console: { matches: "[Hh]ello" }');
    folder.changeRubric('points: 5', 'points: 4');
    const { code, lines } = await folder.regrade();
    expect(code).toBe(0);
    expect(lines).toEqual([
      ' - alice  15/15 → 14/14',
      '     says-more  passed 5/5 → passed 4/4',
      ' + bob    0/15 → 10/14',
      '     says-hello  failed 0/10 → passed 10/10',
      '     says-more   failed 0/5 → failed 0/4',
      ' = carol  0/15 → 0/14',
      '     says-more  failed 0/5 → failed 0/4',
      '',
      '3 submissions graded again: 3 changed, 0 as before',
      `The new reports and their evidence: ${folder.at('regraded')}`,
      '',
    ]);
    expect(folder.report('regraded/bob.json')).toMatchObject({ outcome: 'failed', score: 10, maxScore: 14 });
    expect(folder.recordIn('reports')).toEqual(before);
  });

  it('leaves out a copy of a report that lies elsewhere, and says so', async () => {
    folder.put('reports/sample/alice.json', folder.read('reports/alice.json'));
    const { code, err, lines } = await folder.regrade();
    expect([code, lines[0]]).toEqual([0, '3 submissions graded again: 0 changed, 3 as before']);
    expect(err).toContain(`${folder.at('reports/sample/alice.json')} is left out: alice has a report in its own place`);
  });

  it('as one JSON document', async () => {
    folder.changeRubric('console: hello', 'console: { matches: "[Hh]ello" }');
    const { changes, results, rerun, schema } = JSON.parse((await folder.regrade({ json: true })).out) as Record<string, unknown>;
    expect(schema).toBe('bootgrade/regrade/v1');
    expect(changes).toEqual([
      {
        name: 'bob',
        before: { score: 0, maxScore: 15 },
        after: { score: 10, maxScore: 15 },
        checks: [
          {
            id: 'says-hello',
            before: { outcome: 'failed', score: 0, maxScore: 10 },
            after: { outcome: 'passed', score: 10, maxScore: 10 },
          },
        ],
      },
    ]);
    expect([rerun, (results as unknown[]).length]).toEqual([[], 3]);
  });

  it.each([
    ['memory: 128M', 'memory: 256M', ['hello', 'again'], 'machine'],
    ['size: 1M', 'size: 1M, contents: [{ at: 0, text: x }]', ['hello', 'again'], 'drives'],
    ['console: bye', 'console: Bye', ['hello'], 'until'],
    ['append: again', 'append: "again "', ['again'], 'machine'],
    ['limit: 1ms guest }\n  again', 'keys: [{ when: x, type: y }], limit: 1ms guest }\n  again', ['hello'], 'keys'],
  ])('%s → %s must be run again', async (from, to, scenarios, part) => {
    folder.changeRubric(from, to);
    const { code, lines } = await folder.regrade();
    expect(code).toBe(1);
    const reasons = scenarios.map((scenario) => `     the scenario ${scenario} has changed: ${part}`);
    expect(lines.slice(0, 2 + reasons.length)).toEqual(['3 submissions must be run again:', ' alice', ...reasons]);
    expect(existsSync(folder.at('regraded/alice.json'))).toBe(false);
  });

  it('a new scenario, or another way to the kernel, must be run again as well', async () => {
    folder.changeRubric('scenarios:\n', 'scenarios:\n  third: {}\n');
    folder.changeRubric('[kernel.elf]', '[kernel.bin, kernel.elf]');
    const { lines } = await folder.regrade();
    expect(lines.slice(1, 4)).toEqual([
      ' alice',
      '     the rubric now looks for the kernel in a different way',
      '     there is no evidence of the scenario third',
    ]);
  });

  it('a limit that a run would have reached must be run again; any other does no harm', async () => {
    folder.changeRubric('limit: 1ms guest }\n  again', 'limit: 5ns guest }\n  again');
    const { lines } = await folder.regrade();
    const reason = '     the scenario hello has changed: limit';
    // Carol's has no kernel, so nothing ran.
    expect(lines.slice(0, 6)).toEqual([
      '1 submission graded again: 0 changed, 1 as before',
      '2 submissions must be run again:',
      ' alice',
      reason,
      ' bob',
      reason,
    ]);
  });

  it('a longer limit does no harm', async () => {
    folder.changeRubric('limit: 1ms guest }\n  again', 'limit: 1s guest }\n  again');
    expect((await folder.regrade()).code).toBe(0);
  });
});

describe('for students', () => {
  it('makes reports to hand out, without anything hidden', async () => {
    const { code } = await folder.regrade({ for: 'student' });
    expect(code).toBe(0);
    await folder.grade('handout', { for: 'student' });
    expect(folder.recordIn('regraded')).toEqual(folder.recordIn('handout'));
    expect(JSON.stringify(folder.recordIn('regraded'))).not.toMatch(/says-more|again/);
  });

  it('names no hidden scenario', async () => {
    folder.changeRubric('append: again', 'append: other');
    const { out } = await folder.regrade({ for: 'student' });
    expect(out).toContain('     the evidence of a hidden run is not enough\n');
    expect(out).not.toMatch(/\bscenario again|evidence\.json/);
  });

  it('cannot be taken back: their folder lacks the evidence of what is hidden', async () => {
    await folder.grade('handout', { for: 'student' });
    const { code, lines } = await folder.regrade({ reports: folder.at('handout') });
    expect(code).toBe(1);
    expect(lines[2]).toBe('     there is no evidence of the scenario again');
  });

  it('does not mix with reports for instructors', async () => {
    await expect(folder.regrade({ for: 'student', out: folder.at('reports2') })).resolves.toMatchObject({ code: 0 });
    await expect(folder.regrade({ out: folder.at('reports2') })).rejects.toThrow(
      /alice\.json is a report for students; name another folder/,
    );
    rmSync(folder.at('reports2/alice.json'));
    folder.put('reports2/alice.again.evidence.json', folder.read('reports/alice.again.evidence.json'));
    await expect(folder.regrade({ for: 'student', out: folder.at('reports2') })).rejects.toThrow(
      /alice\.again\.evidence\.json is not for students/,
    );
  });
});

describe('what the user has to correct', () => {
  it('is a folder that is not there, or without reports', async () => {
    await expect(folder.regrade({ reports: folder.at('nowhere') })).rejects.toThrow(/cannot read the reports in .*: no such folder/);
    await expect(folder.regrade({ reports: folder.at('class') })).rejects.toThrow(/there is no report in this folder/);
  });

  it('is a folder in which a submission has two reports, neither in its own place', async () => {
    for (const copy of ['old', 'older']) folder.put(`reports/${copy}/alice.json`, folder.read('reports/alice.json'));
    rmSync(folder.at('reports/alice.json'));
    await expect(folder.regrade()).rejects.toThrow('alice has more than one report there; name the folder of one grading');
    expect(existsSync(folder.at('regraded'))).toBe(false);
  });

  it('is the earlier reports as the place for the new ones', async () => {
    await expect(folder.regrade({ out: folder.at('reports') })).rejects.toThrow(/must stay; name another folder/);
  });

  it('is a new report that would replace somebody else’s file', async () => {
    folder.put('regraded/alice.json', 'A+');
    await expect(folder.regrade()).rejects.toThrow(/alice\.json exists and is not a report of ours/);
    expect(folder.read('regraded/alice.json')).toBe('A+');
  });
});

it('names an earlier report that stands where a new one is missing', async () => {
  await folder.regrade();
  folder.changeRubric('memory: 128M', 'memory: 256M');
  const { out } = await folder.regrade();
  expect(out).toMatch(/ alice\n(.*\n)* +.*regraded\/alice\.json is from an earlier grading, and was left as it is/);
});
