/**
 * Kernels through a whole grading: run, explained, graded and reported. What must hold for each, whatever it does: it has a verdict that
 * is not the grader's fault, its evidence can be read back, and what is written has a bounded size. Of some also: the same kernel gives
 * the same evidence again, and translated the same as interpreted.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '../../harness/evidence/evidence.ts';
import { parseEvidence } from '../../harness/evidence/read.ts';
import { gradeSubmission } from '../../harness/grade/grade.ts';
import { machineHost } from '../../harness/grading/processes/machine-host.ts';
import { type Explain, imagesOf, runAndHold } from '../../harness/grading/run-submission.ts';
import { reportFormats } from '../../harness/report/index.ts';
import { parseResult } from '../../harness/result/saved-result.ts';
import { loadRubric } from '../../harness/rubric/loader.ts';
import type { Rubric } from '../../harness/rubric/types.ts';
import { kernelOf } from '../../harness/submission/kernel.ts';
import { formatProblem } from '../../harness/vocabulary/problem.ts';
import { HOT } from '../../machine/exec/translator.ts';
import { must } from './kind.ts';
import { Lots } from './lots.ts';
import { mustBeReportable } from './reports.ts';

/** Bytes of one run's evidence as JSON: about what the bounds on data, descriptors, disks and console come to (SECURITY.md). */
const LARGEST_EVIDENCE = 64 * 2 ** 20;

/** Of guest time. */
const USUAL_LIMIT = '300us';

const FAULTS = `[{ request: { nth: 2 }, late: 100us }, { request: { nth: 3 }, after: next }, { request: { nth: 4 }, answer: IOERR },
      { request: { nth: 5 }, interrupt: lost }, { request: { type: IN, nth: 2 }, data: { text: changed } }]`;

/** Bounds are low, so that a case is cheap; what a run may cost at most is not a matter of them. */
const rubricText = (limit: string, lots: Lots): string => `rubric: 1
title: Fuzzing
machine:
  cpu: max
  memory: 16M
  transport: ${lots.oneIn(2) ? 'modern' : 'legacy'}
  drives:
    blk: { size: 1M, contents: [{ at: 0, text: Hello World from Image! }] }
    other: { size: 64K, readonly: ${lots.oneIn(2)} }
  network: {}
  fw-cfg: [{ name: opt/a, text: Hello }]
submission: { kernel: kernel.elf }
scenarios:
  run: { until: { console: "[INIT] Starting Shell..." }, limit: ${limit} guest, work: 300M units, races: ${lots.oneIn(4)}, faults: ${lots.oneIn(8) ? FAULTS : '[]'} }
checks:
  - { id: console, points: 1, console: Testing block device write... }
  - { id: first, points: 1, request: { nth: 1, expect: { type: OUT, data: { text: Hello, length: 512, device-writable: false }, answer: OK } } }
  - { id: later, points: 1, request: { drive: blk, nth: 3, expect: { type: IN, sector: 1, header: { length: 16 }, status: { device-writable: true } } } }
  - { id: image, points: 1, image: { drive: blk, at: 0, equals: { text: Hello, length: 512 } } }
  - { id: elsewhere, points: 1, image: { drive: other, unchanged: true } }
  - { id: device, points: 1, device: { status: [DRIVER_OK], interrupts: { raised: { min: 1 } } } }
  - { id: findings, points: 1, findings: { none: note } }
  - { id: stop, points: 1, stop: until }
`;

/** The rubric in a text without mistakes. */
export async function loaded(text: string): Promise<Rubric> {
  const result = await loadRubric('fuzz.yaml', text, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.rubric;
}

type Engine = Partial<Record<keyof typeof HOT, number>>;
const AS_EVER: Engine = {};
/** As machine/testkit/translate-everything.ts has it. */
const TRANSLATED: Engine = { samples: 1, firstSlice: 29, slice: 4_000 };

function onEngine<Result>(engine: Engine, act: () => Result): Result {
  const usual = { ...HOT };
  try {
    Object.assign(HOT, engine);
    return act();
  } finally {
    Object.assign(HOT, usual);
  }
}

export type Held = ReturnType<typeof runAndHold>;

/** The submission that consists of the file at `path`, run, explained and graded, with its evidence. */
export function run(path: string, rubric: Rubric, explain: Explain, engine = AS_EVER): Held {
  const setup = { rubric, images: imagesOf(rubric), host: machineHost('fuzz'), attempt: 1, explain, enter: () => undefined };
  return onEngine(engine, () => runAndHold({ name: 'kernel.elf', kernel: kernelOf({ file: 'kernel.elf', path }), sources: null }, setup));
}

const evidenceOf = ({ left }: Held): Evidence => left.get('run')!.evidence;

/** The evidence as it is saved; it can be read back, and is of a verdict that is the student's. */
function mustBeSound(evidence: Evidence): string {
  const { reason } = evidence.stop;
  must(reason !== 'host-limit' && reason !== 'worker-died', `the run ended with ${JSON.stringify(evidence.stop)}`);
  const text = JSON.stringify(evidence);
  must(text.length <= LARGEST_EVIDENCE, `the evidence has ${text.length} bytes`);
  const read = parseEvidence(text);
  must(!('problem' in read), `the evidence cannot be read back: it ${'problem' in read ? read.problem : ''}`);
  must(JSON.stringify(read) === text, 'the evidence is different when it is read back');
  return text;
}

function endedByWork({ stop }: Evidence): boolean {
  return stop.reason === 'limit' && stop.limit.includes('units of work');
}

/** Grades the kernel, which has so much guest time; throws where something does not hold that must hold for any. */
export async function mustBeGraded(kernel: Uint8Array, scratch: string, limit = USUAL_LIMIT): Promise<void> {
  const lots = new Lots(kernel);
  const rubric = await loaded(rubricText(limit, lots));
  const path = join(scratch, 'kernel.elf');
  writeFileSync(path, kernel);
  const explain: Explain = lots.oneIn(8) ? 'everything' : lots.oneIn(4) ? 'failures' : 'nothing';
  const held = run(path, rubric, explain);
  const evidence = evidenceOf(held);
  const saved = mustBeSound(evidence);
  if (lots.oneIn(8)) must(JSON.stringify(evidenceOf(run(path, rubric, explain))) === saved, 'the second run has other evidence');
  // The meter of work is looked at between slices, which are shorter here: a run that it ends, ends elsewhere.
  if (lots.oneIn(8) && !endedByWork(evidence)) {
    must(JSON.stringify(evidenceOf(run(path, rubric, explain, TRANSLATED))) === saved, 'the translated run has other evidence');
  }
  const result = gradeSubmission(rubric, held.graded, 'instructor');
  must(result.outcome !== 'errored', `the outcome is errored: ${result.reason}`);
  const report = reportFormats.json.one(result);
  must(parseResult(report) !== null && 'name' in parseResult(report)!, 'the report cannot be read back');
  if (lots.oneIn(4)) mustBeReportable(result, [evidence]);
}
