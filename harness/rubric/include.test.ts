import { describe, expect, it } from 'vitest';
import { formatProblem } from '../vocabulary/problem.ts';
import { type Loaded, loadRubric } from './loader.ts';
import { publishedRubric } from './publish.ts';

/** `rubrics/lab.yaml` among other files, by their paths from its folder. */
async function loadWith(files: Record<string, string>): Promise<Loaded> {
  const readFile = async (path: string, most: number) => {
    const text = files[path];
    if (text === undefined) return { problem: 'no such file' };
    const bytes = new TextEncoder().encode(text);
    return bytes.length > most ? { problem: `it has more than ${most} bytes` } : bytes;
  };
  return loadRubric('rubrics/lab.yaml', files['lab.yaml']!, { readFile });
}

async function load(files: Record<string, string>) {
  const loaded = await loadWith(files);
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded;
}

async function wrong(files: Record<string, string>): Promise<string[]> {
  const loaded = await loadWith(files);
  return 'problems' in loaded ? loaded.problems.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message} [${one.code}]`) : [];
}

const COMMON = `machine: &m { memory: 64M, append: common, drives: { blk: { size: 4K } } }
submission: { kernel: kernel.elf }
scenarios:
  boot: { limit: 1s guest, until: { console: done } }
checks:
  - { id: boots, title: It boots, points: 5, console: hello }
  - { id: ends, points: 1, stop: until }
`;
const LAB = `rubric: 1
title: Lab
include: common.yaml
machine: { append: mine }
scenarios:
  boot: { limit: 2s guest }
  long: { extends: boot }
checks:
  - { id: more, points: 3, in: long, console: more }
  - { id: ends, points: 2, console: bye }
`;

describe('include', () => {
  it('merges what the file says into what is included: maps by key, checks by id', async () => {
    const { rubric } = await load({ 'lab.yaml': LAB, 'common.yaml': COMMON });
    expect(
      rubric.scenarios.map(({ name, limit, until, machine }) => [name, limit.text, until?.console, machine.append, machine.memory]),
    ).toEqual([
      ['boot', '2s guest', ['done'], 'mine', 64 * 2 ** 20],
      ['long', '2s guest', ['done'], 'mine', 64 * 2 ** 20],
    ]);
    expect(rubric.checks.map(({ id, title, points, kind, scenario }) => [id, title, points, kind, scenario])).toEqual([
      ['boots', 'It boots', 5, 'console', 'boot'],
      ['ends', '', 2, 'console', 'boot'],
      ['more', '', 3, 'console', 'long'],
    ]);
  });

  it('takes lists, of which a later one counts more, and files that include others beside them', async () => {
    const files = {
      'lab.yaml': LAB.replace('common.yaml', '[common.yaml, parts/small.yaml]'),
      'common.yaml': COMMON,
      'parts/small.yaml': 'include: ../parts/deeper.yaml\nmachine: { memory: 32M }\n',
      'parts/deeper.yaml': 'machine: { memory: 16M, harts: 2 }\n',
    };
    const { rubric } = await load(files);
    expect(rubric.scenarios[0]!.machine).toMatchObject({ memory: 32 * 2 ** 20, harts: 2, append: 'mine' });
  });

  it('keeps anchors within their file', async () => {
    const lab = LAB.replace('checks:', 'groups: &m { g: { title: &t Group } }\nchecks:').replace(
      'id: more',
      'group: g, title: *t, id: more',
    );
    const { rubric } = await load({
      'lab.yaml': lab,
      'common.yaml': COMMON.replace('title: It boots', 'title: &t It boots').replace('console: hello', 'console: *t'),
    });
    expect(rubric.checks.at(-1)).toMatchObject({ title: 'Group' });
    expect(rubric.checks[0]).toMatchObject({ title: 'It boots', expected: { contains: 'It boots' } });
    expect(rubric.scenarios[0]!.machine.memory).toBe(64 * 2 ** 20);
  });

  it('decides the identity of the rubric', async () => {
    const one = await load({ 'lab.yaml': LAB, 'common.yaml': COMMON });
    const other = await load({ 'lab.yaml': LAB, 'common.yaml': `${COMMON}# changed\n` });
    expect(one.rubric.sha256).not.toBe(other.rubric.sha256);
  });

  it('is gone in a published rubric, which says the same in one file', async () => {
    const files = { 'lab.yaml': LAB.replace('id: more', 'visibility: hidden, id: more'), 'common.yaml': COMMON };
    const { rubric, selfContained } = await load(files);
    const published = publishedRubric(selfContained(), rubric);
    expect(published).not.toMatch(/include|&|more/);
    const again = await load({ 'lab.yaml': published });
    expect(again.rubric.scenarios).toEqual(rubric.scenarios);
    expect(again.rubric.checks).toEqual(rubric.checks.filter(({ id }) => id !== 'more'));
  });
});

describe('mistakes', () => {
  it('are shown in the file in which they are, those of the rubric first', async () => {
    const files = { 'lab.yaml': LAB.replace('append: mine', 'append: 5'), 'common.yaml': `${COMMON}bogus: 1\n`.replace('64M', '64') };
    expect(await wrong(files)).toEqual([
      'rubrics/lab.yaml:4:20: text expected, this is the number 5 [not-text]',
      'rubrics/common.yaml:1:23: a size needs its unit [bad-unit]',
      'rubrics/common.yaml:8:1: unknown key "bogus" [unknown-key]',
    ]);
  });

  it('in YAML of an included file as well', async () => {
    expect(await wrong({ 'lab.yaml': LAB, 'common.yaml': 'machine: {\n  memory: 1M\n' })).toEqual([
      expect.stringMatching(/^rubrics\/common.yaml:\d:\d: not YAML: /),
    ]);
    expect(await wrong({ 'lab.yaml': LAB, 'common.yaml': 'title: a\ntitle: b\n' })).toEqual([
      'rubrics/common.yaml:2:1: the key "title" is there twice [duplicate-key]',
    ]);
    expect(await wrong({ 'lab.yaml': LAB, 'common.yaml': '- 1\n' })).toEqual([
      'rubrics/common.yaml:1:1: a map of keys of a rubric expected [wrong-type]',
    ]);
  });

  it('two checks of one file with one id are not merged', async () => {
    const files = { 'lab.yaml': `${LAB}  - { id: ends, points: 1, console: x }\n`, 'common.yaml': COMMON };
    expect(await wrong(files)).toEqual(['rubrics/lab.yaml:11:11: there is a check "ends" already [duplicate-id]']);
  });

  it('files that include each other in a circle, are not there, or are too many, too deep or too large', async () => {
    expect(
      await wrong({ 'lab.yaml': LAB, 'common.yaml': 'include: parts/a.yaml\n', 'parts/a.yaml': 'title: a\ninclude: [../common.yaml]\n' }),
    ).toEqual(['rubrics/parts/a.yaml:2:11: `include` goes round in a circle: common.yaml → parts/a.yaml → common.yaml [cycle]']);
    expect(await wrong({ 'lab.yaml': LAB.replace('common.yaml', '[x.yaml, y.yaml]') })).toEqual([
      'rubrics/lab.yaml:3:11: cannot read "x.yaml": no such file [unreadable-file]',
      'rubrics/lab.yaml:3:19: cannot read "y.yaml": no such file [unreadable-file]',
    ]);
    const chain = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}.yaml`, `include: f${index + 1}.yaml\n`]));
    expect(await wrong({ 'lab.yaml': LAB.replace('common', 'f0'), ...chain })).toEqual([
      'rubrics/f9.yaml:1:10: files include each other more than 10 deep [too-complex]',
    ]);
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}.yaml`, 'title: x\n']));
    const lists = Object.fromEntries(
      [0, 1, 2].map((list) => [
        `g${list}.yaml`,
        `include: [${Object.keys(many)
          .slice(list * 20, list * 20 + 20)
          .join(', ')}]\n`,
      ]),
    );
    expect((await wrong({ 'lab.yaml': LAB.replace('common.yaml', '[g0.yaml, g1.yaml, g2.yaml]'), ...many, ...lists }))[0]).toMatch(
      /^rubrics\/g2.yaml:1:\d+: more than 50 files are included \[too-complex\]$/,
    );
    const large = `# ${'x'.repeat(600_000)}\ntitle: x\n`;
    expect(await wrong({ 'lab.yaml': LAB.replace('common.yaml', '[a.yaml, b.yaml]'), 'a.yaml': large, 'b.yaml': large })).toEqual([
      'rubrics/lab.yaml:3:19: a rubric has at most 1 MiB, with all that it includes [too-large]',
    ]);
  });

  it('an alias that repeats more and more is refused in an included file, too', async () => {
    const bomb = ['a: &a0 [1, 1]', ...Array.from({ length: 30 }, (_, index) => `b${index}: &a${index + 1} [*a${index}, *a${index}]`)].join(
      '\n',
    );
    expect(await wrong({ 'lab.yaml': LAB, 'common.yaml': bomb })).toEqual([
      expect.stringMatching(/^rubrics\/common.yaml:1:1: more than 100000 values/),
    ]);
  });
});
