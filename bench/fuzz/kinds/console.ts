/** Bytes on the console that are meant for a terminal, a log, a browser or a spreadsheet: every report shows them, and none acts on them. */
import { gradeSubmission } from '../../../harness/grade/grade.ts';
import { gradeRuns } from '../../../harness/grade/grade-run.ts';
import type { Rubric } from '../../../harness/rubric/types.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { gradedSample } from '../graded-samples.ts';
import { loaded } from '../grading.ts';
import type { Kind } from '../kind.ts';
import { anyBytes, anyWord, bytesOf, joined } from '../mutate.ts';
import { mustBeReportable } from '../reports.ts';

const LINES = [
  ...['panicked at src/main.rs:7:9:\nexplicit panic', 'Kernel panic - not syncing: x', 'panic: oops', 'panicked at ../../x\x1b[31m:1:1:'],
  ...[
    'Testing block device write...',
    'Read string: Hello World from Image!',
    '[INIT] Starting Shell...',
    '\r::error::x\r\n',
    '::stop-commands::x',
  ],
];

/** Every check of the console, about texts that may come. */
const RUBRIC = `rubric: 1
title: Console
machine: { memory: 16M }
submission: { kernel: kernel.elf }
scenarios: { write: {} }
checks:
  - { id: a, points: 1, console: "panicked at never" }
  - { id: b, points: 1, console: { matches: "^(panic|Kernel).*(x+x+)+y$" } }
  - { id: c, points: 1, console: { absent: panic } }
  - { id: d, points: 1, console: { in-order: [{ contains: Testing }, { contains: "[INIT]" }, { contains: never }] } }
`;

let rubric: Promise<Rubric> | undefined;

function piece(random: Random): Uint8Array {
  return random.pick([
    () => bytesOf(random.pick(LINES)),
    () => bytesOf(anyWord(random)),
    () => anyBytes(random, random.below(40)),
    () => new Uint8Array(random.below(random.below(20) ? 100 : 60_000)).fill(random.pick([0x0d, 0x0a, 0x20, 0x78, 0x1b, 0xc2, 0x3a])),
    () => bytesOf('\n'),
  ])();
}

export const consoleBytes: Kind = {
  describe: 'bytes on the console, in every report format',
  make: (random) => joined(...Array.from({ length: random.between(1, 40) }, () => piece(random))),
  async check(input) {
    rubric ??= loaded(RUBRIC);
    const sample = await gradedSample('panics');
    const console = Buffer.from(input).toString('base64');
    const left = new Map([...sample.left].map(([name, run]) => [name, { ...run, evidence: { ...run.evidence, console } }]));
    const evidence = [...left.values()].map((run) => run.evidence);
    for (const by of [sample.rubric, await rubric])
      mustBeReportable(gradeSubmission(by, { ...sample.submission, runs: gradeRuns(by, left) }, 'instructor'), evidence);
  },
};
