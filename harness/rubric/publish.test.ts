import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hidingRubrics, MARKER } from '../testkit/hiding-rubrics.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import { loadRubric } from './loader.ts';
import { publishedRubric } from './publish.ts';
import { isHidden, type Rubric, unlistedOf } from './types.ts';

async function load(text: string): Promise<Rubric> {
  const loaded = await loadRubric('x.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(`${loaded.problems.map(formatProblem).join('\n')}\n${text}`);
  return loaded.rubric;
}

async function publish(text: string): Promise<string> {
  return publishedRubric(text, await load(text));
}

/** What students see of a rubric. */
function visibleOf(rubric: Rubric) {
  const hidden = rubric.checks.filter((check) => isHidden(check, rubric)).map(({ id }) => id);
  return {
    title: rubric.title,
    submission: rubric.submission,
    // What checks ask of requests is gone with the hidden ones.
    scenarios: rubric.scenarios.filter((scenario) => !scenario.hidden).map((scenario) => ({ ...scenario, interests: [] })),
    checks: rubric.checks
      .filter(({ id }) => !hidden.includes(id))
      .map((check) => ({
        ...check,
        needs: check.needs.filter((need) => !hidden.includes(need)),
        hints: check.hints.filter(({ fromAttempt }) => fromAttempt === 1),
      })),
  };
}

const HEAD = 'rubric: 1\ntitle: Lab\nsubmission: { kernel: k }\n';

describe('a published rubric', () => {
  it('has nothing of what is hidden, passes the loader, and says the same of the rest', async () => {
    await fc.assert(
      fc.asyncProperty(hidingRubrics, async ({ text }) => {
        const published = await publish(text);
        expect(published).not.toContain(MARKER);
        const again = await load(published);
        expect(visibleOf(again)).toEqual(visibleOf(await load(text)));
        expect(again.checks.every((check) => !isHidden(check, again))).toBe(true);
        expect(again.expect).toBeNull();
        expect(again.unlisted).toEqual(unlistedOf(await load(text)));
      }),
      { numRuns: 300 },
    );
  });

  it('has the groups of visible checks, also where the visible ones alone do not reach the cap', async () => {
    const published = await publish(`${HEAD}scenarios: { run: {} }
groups: { traps: { cap: 15 }, secret: { title: Secret } }
checks:
  - { id: a, points: 10, group: traps, console: x }
  - { id: b, points: 10, group: traps, visibility: hidden, console: y }
  - { id: c, points: 10, group: secret, visibility: hidden, console: z }
  - { id: d, points: 3, bonus: true, console: x }
  - { id: e, points: 3, bonus: true, visibility: hidden, console: x }
`);
    expect(published).not.toMatch(/secret/i);
    const { groups, unlisted, checks } = await load(published);
    expect(groups).toEqual([{ id: 'traps', title: '', cap: 15, allOrNothing: false }]);
    expect(checks.map(({ id, bonus, group }) => [id, bonus, group])).toEqual([
      ['a', false, 'traps'],
      ['d', true, null],
    ]);
    expect(unlisted).toEqual({ count: 3, points: 20 });
  });

  it('has random values of its own, and no names of those that only hidden parts use', async () => {
    const text = `rubric: 1
title: Lab
random: { seed: 31337, words: { needle: 8, secret: 5 }, numbers: { hiddenpid: 4 } }
submission: { kernel: k }
scenarios: { run: { append: "x=\${needle}" } }
checks:
  - { id: a, points: 1, console: "\${needle}" }
  - { id: b, points: 1, console: "\${secret} \${hiddenpid}", visibility: hidden }
`;
    const published = await publish(text);
    for (const hidden of ['31337', 'secret', 'hiddenpid', 'numbers']) expect(published).not.toContain(hidden);
    const [ours, theirs] = [await load(text), await load(published)];
    expect(theirs.checks[0]!.expected).toEqual({ contains: theirs.scenarios[0]!.machine.append.slice(2) });
    expect(theirs.checks[0]!.expected).not.toEqual(ours.checks[0]!.expected);
  });

  it('leaves out how the course builds, and keeps which files are given', async () => {
    const text = `rubric: 1
title: Lab
submission: { kernel: k, base: secret, take: [blk.c], given: ["lib/*"], build: { steps: [make], dependencies: vendor }, prebuilt: true }
scenarios: { run: {} }
checks: [{ id: a, points: 1, console: x }]
`;
    const published = await publish(text);
    expect((await load(published)).submission).toMatchObject({
      kernel: ['k'],
      base: null,
      take: [],
      given: ['lib/*'],
      build: null,
      prebuilt: false,
      attempts: 'last',
      deadline: null,
    });
    expect(published).not.toMatch(/secret|vendor|make/);
  });

  it('keeps how values are written, and drops every comment', async () => {
    const published = await publish(`# one
${HEAD}
machine: { drives: { blk: { size: 4K, contents: [{ at: 0x10, text: 'a' }] } } }   # two

scenarios:
  run:
    keys:
      - { when: "$ ", type: "ls\\n" }   # three

checks:
  # four
  - id: a
    points: 1.50
    title: |
      several
      lines
    console: x
  - { id: b, points: 5, console: x, visibility: hidden }
`);
    expect(published).toBe(`# Published for students. One hidden check, worth 5 points, not shown here.

rubric: 1
title: Lab
submission: { kernel: k }

machine: { drives: { blk: { size: 4K, contents: [ { at: 0x10, text: 'a' } ] } } }

scenarios:
  run:
    keys:
      - { when: "$ ", type: "ls\\n" }

checks:
  - id: a
    points: 1.50
    title: |
      several
      lines
    console: x
hidden-checks:
  count: 1
  points: 5
`);
    // Published once more: what it does not have is not forgotten.
    expect(await publish(published)).toContain('hidden-checks:\n  count: 1\n  points: 5\n');
  });

  it('writes out what a visible part has from a hidden one: aliases, and what is extended', async () => {
    const text = `${HEAD}
scenarios:
  base: { visibility: hidden, append: &${MARKER} loud, until: { console: done }, limit: 5s guest }
  run: { extends: base, visibility: visible, append: *${MARKER}, until: { console: bye } }
  more: { extends: run, limit: 1s guest }
checks:
  - { id: a, points: 1, in: base, title: &title A, console: ${MARKER} }
  - { id: b, points: 1, in: more, title: *title, needs: a, console: x }
`;
    const published = await publish(text);
    expect(published).not.toMatch(new RegExp(`${MARKER}|base|[&*]`));
    expect(visibleOf(await load(published))).toEqual(visibleOf(await load(text)));
  });
});
