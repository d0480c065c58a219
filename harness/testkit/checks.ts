/** For tests of checks: a rubric of one scenario around hand-written checks, and their evaluation against hand-made evidence. */
import { expect } from 'vitest';
import { evaluate, evaluateHandIn } from '../checks/index.ts';
import type { Verdict } from '../checks/kind.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { HandedFile } from '../result/handed-file.ts';
import type { Detail, RequestRow } from '../result/result.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { initialImage } from '../vocabulary/image.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import { mediaOf } from '../vocabulary/scenario.ts';

const HEAD = `
rubric: 1
title: Test
machine: { memory: 1G, drives: { blk: { size: 4K, contents: [{ at: 0, text: Hello World }] } } }
submission: { kernel: kernel.elf }
scenarios: { write: { } }
checks:
`;

/** `checks`: YAML, one list item a check. */
export async function rubricOf(checks: string): Promise<Rubric> {
  const loaded = await loadRubric('test.yaml', HEAD + checks, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

/** The verdict of a rubric's last check. */
export async function judge(checks: string, evidence: Evidence): Promise<Verdict> {
  const rubric = await rubricOf(checks);
  const check = rubric.checks.at(-1)!;
  if (check.scenario === null) throw new Error(`${check.id} is about no run`);
  const scenario = rubric.scenarios[0]!;
  const images = new Map(mediaOf(scenario.machine).map((medium) => [medium.name, initialImage(medium)]));
  return evaluate(check, { scenario, evidence, images });
}

/** The verdict of one check, worth 10 points, that consists of `part`, e.g. `console: hello`. */
export function judgeOne(part: string, evidence: Evidence): Promise<Verdict> {
  return judge(` - { id: it, points: 10, ${part} }`, evidence);
}

/** The same for a check of what was handed in. */
export async function judgeHandIn(part: string, files: readonly HandedFile[]): Promise<Verdict> {
  const check = (await rubricOf(` - { id: it, points: 10, ${part} }`)).checks.at(-1)!;
  if (check.scenario !== null) throw new Error(`${check.id} is about a run`);
  return evaluateHandIn(check, { files, build: null });
}

export function expectPassed(verdict: Verdict): void {
  expect(verdict).toEqual({ outcome: 'passed' });
}

/** The failed verdict; a test that gets a different one stops here. */
export function expectFailed(verdict: Verdict): Extract<Verdict, { outcome: 'failed' }> {
  if (verdict.outcome !== 'failed') throw new Error('passed, but should have failed');
  return verdict;
}

/** Details as a reader sees them, one line each. */
export function linesOf(details: readonly Detail[]): string[] {
  return details.flatMap(detailLines);
}

function detailLines(detail: Detail): string[] {
  switch (detail.kind) {
    case 'text':
      return [detail.text];
    case 'expected':
    case 'found':
      return [`${detail.kind} ${detail.text}`];
    case 'request':
      return [detail.text, ...detail.rows.map(rowLine)];
    case 'origin':
      // A question that nobody has answered shows nothing.
      return detail.stored === null ? [] : [detail.text];
    case 'printed':
      return detail.stack === null ? [] : [detail.text];
    case 'code':
      return [detail.text];
    case 'difference':
      return detail.lines.map((line) => `${line.sign} ${line.text}${line.note === undefined ? '' : ` ${line.note}`}`);
  }
}

function rowLine({ role, length, deviceWritable, expected }: RequestRow): string {
  return `${role} ${length} ${deviceWritable ? 'writes' : 'reads'}${expected === null ? '' : ` expected ${expected}`}`;
}
