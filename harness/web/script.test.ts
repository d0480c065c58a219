/** A check that is a script, and random values of each kernel, in Chromium: the page gives the command's result. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { bootgrade } from '../cli/bootgrade.ts';
import { capture } from '../testkit/command.ts';
import { CoursePages } from '../testkit/course-page.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const RUBRIC = `rubric: 1
title: Lab
random: { seed: 0, per: submission, words: { needle: 8 } }
machine: { memory: 16M }
submission: { kernel: kernel.elf }
scenarios: { run: { append: "\${needle}", limit: 1ms guest } }
checks:
  - { id: scripted, points: 10, script: { file: lab.mjs, with: { needle: "\${needle}" } } }
`;
const SCRIPT = `export default ({ evidence, console, parameters }) => ({
  passed: false, points: evidence.instructions > 0 ? 4 : 0, reason: console + ' is not ' + parameters.needle,
});
`;

describe.skipIf(lacks('Chromium'))('the page of a rubric with a script', () => {
  let pages: CoursePages;
  beforeAll(() => {
    pages = new CoursePages();
    pages.put('lab/lab.yaml', RUBRIC);
    pages.put('lab/lab.mjs', SCRIPT);
    pages.put('lab/bootgrade.yaml', 'rubric: lab.yaml\n');
    pages.put('lab/kernel.elf', tinyKernel('hello'));
  }, 60_000);
  afterAll(() => pages.close());

  it('runs it as the command does, to the byte', async () => {
    pages.make(pages.at('lab/lab.yaml'), 'site');
    const server = await pages.serve('site', '/');
    const open = await pages.open(server.url);
    await open.choose('folder', pages.at('lab'));
    expect(await open.done()).toContain('4/10');
    expect(open.strange).toEqual([]);
    const { text } = await open.saved('Save the result (JSON)');
    expect(text).toMatch(/"reason": "hello is not [a-z]{8}"/);
    await bootgrade(['rubric', 'publish', pages.at('lab/lab.yaml'), '--out', pages.at('lab/published.yaml')], capture().environment);
    pages.put('lab/bootgrade.yaml', 'rubric: published.yaml\n');
    const { environment, out } = capture();
    await bootgrade(['check', pages.at('lab'), '--json'], environment);
    expect(text).toBe(out());
  });

  it('has the engine only where there is a script', () => {
    const size = (site: string) => pages.read(`${site}/course.js`).length;
    pages.put('plain.yaml', RUBRIC.replace(/ {2}- .*/, '  - { id: a, points: 1, console: hello }'));
    pages.make(pages.at('plain.yaml'), 'plain');
    expect(size('plain')).toBeLessThan(2000);
    expect(size('site')).toBeGreaterThan(200_000);
    expect(pages.read('plain/app.js')).toBe(pages.read('site/app.js'));
    expect(pages.read('plain/app.js').length).toBeLessThan(2_700_000);
  });
});
