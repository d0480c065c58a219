/** Running, grading and a report's page need nothing of Node's: they do the same where there are only the names that a browser has as well. */
import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const RUBRIC = `rubric: 1
title: Say hello
machine: { memory: 16M, drives: { blk: { size: 1M, contents: [{ at: 0, text: Hello }] } } }
submission: { kernel: kernel.elf }
scenarios: { hello: { limit: 1ms guest } }
checks:
  - { id: says-hello, points: 10, console: hello }
  - { id: says-more, points: 5, console: { matches: "mo+re" } }
  - { id: disk-as-it-was, points: 5, image: { unchanged: true } }
  - { id: asks, points: 5, request: { after: { console: hello } } }
  - { id: script, points: 5, script: { file: lab.mjs, with: { word: hello } } }
`;

/** What a page would do with a rubric and a kernel. */
const PAGE = `
import { createMachine } from './machine/index.ts';
import { sha256 } from './harness/bytes/sha256.ts';
import { gradeSubmission } from './harness/grade/grade.ts';
import { imagesOf, runSubmission } from './harness/grading/run-submission.ts';
import { excerptOf } from './harness/report/run-excerpt.ts';
import { html } from './harness/report/html.ts';
import { loadRubric } from './harness/rubric/loader.ts';

const SCRIPT = 'export default ({ console, parameters: { word } }) => ({ passed: false, reason: console + word, points: 1 })';

export async function gradeInPage(text, bytes) {
  const { rubric } = await loadRubric('lab.yaml', text, { readFile: async () => new TextEncoder().encode(SCRIPT) });
  const host = { createMachine, seconds: () => 0, guard: 60, beat: () => {}, tool: 'page' };
  const runs = [];
  const keep = (evidence) => {
    runs.push(excerptOf(evidence));
    return null;
  };
  const kernel = { file: 'kernel.elf', bytes, sha256: sha256(bytes) };
  const setup = { rubric, images: imagesOf(rubric), host, attempt: 1, explain: 'everything', enter: () => {}, keep };
  const result = gradeSubmission(rubric, runSubmission({ name: 'me', kernel }, setup), 'instructor');
  return { result: JSON.stringify(result), page: html.parts[0].render({ result, runs, path: 'me' }, {}) };
}
`;

/** Of what Node has besides the language, what every browser has as well. */
const BROWSER_NAMES = { TextEncoder, TextDecoder, atob, btoa, performance, structuredClone };

interface Graded {
  readonly result: string;
  readonly page: string;
}

let script: string;
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: `${import.meta.dirname}/../..`, loader: 'ts' },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'page',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
    loader: { '.wasm': 'base64' },
  });
  script = outputFiles[0]!.text;
}, 60_000);

function gradeWith(names: object): Promise<Graded> {
  const context = createContext({ ...names, rubric: RUBRIC, bytes: tinyKernel('hello') });
  return new Script(`${script}; page.gradeInPage(rubric, bytes)`).runInContext(context) as Promise<Graded>;
}

it('a submission is graded with the names of a browser alone', async () => {
  const { result, page } = await gradeWith(BROWSER_NAMES);
  const { checks, score, scenarios } = JSON.parse(result) as {
    checks: { outcome: string }[];
    score: number;
    scenarios: { stop: unknown }[];
  };
  expect(checks.map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'passed', 'failed', 'failed']);
  expect([score, scenarios[0]!.stop]).toEqual([16, { reason: 'poweroff' }]);
  expect(page).toContain('<title>');
});

it('and as it is with all of Node there', async () => {
  const names = Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, Reflect.get(globalThis, name)]));
  expect(await gradeWith({ ...names, process, Buffer })).toEqual(await gradeWith(BROWSER_NAMES));
});
