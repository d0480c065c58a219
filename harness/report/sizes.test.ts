/**
 * How long reports become at most. The result is the largest that a kernel can bring about: as many races and as deep stacks as are kept,
 * names and paths as long as they are kept, of characters that every format has to write as long escapes.
 */
import { expect, it } from 'vitest';
import type { CodeStack } from '../evidence/code-place.ts';
import type { Detail, FindingResult, RequestRow, SubmissionResult } from '../result/result.ts';
import { evidence, finding } from '../testkit/evidence.ts';
import { SAMPLE_VALUES } from '../testkit/format-values.ts';
import { subject } from '../testkit/sample-hostile.ts';
import { check, result, scenario } from '../testkit/sample-results.ts';
import { PLAIN } from './entries.ts';
import { wholeText } from './format.ts';
import { formatNamed, formatNames, reportFormats } from './index.ts';

const MiB = 2 ** 20;

/** A text of a kernel's. U+0001 is six characters in JSON, four in every other format; those of the last plane are ten. */
const name = (length: number) => `${'\u0001'.repeat(length - 2)}\u{10ffff}`;
/** A sentence of ours. */
const sentence = (length: number) => 'x'.repeat(length);

/** A stack at its bounds (explain/code.ts). */
const DEEP: CodeStack = {
  places: Array.from({ length: 48 }, (_, n) => ({
    address: `0xffffffff8020${n}`,
    frames: [{ function: name(160), file: name(240), line: n, inlined: false, library: false }],
  })),
  leftOut: 1000,
  notes: [sentence(160), sentence(160), sentence(160)],
};
/** The same when the names of a run have become too long together, and the instruction alone, of a race that nobody has looked up. */
const NAMELESS: CodeStack = {
  ...DEEP,
  places: DEEP.places.map((place) => ({
    ...place,
    frames: place.frames.map((frame) => ({ ...frame, function: null, file: null, line: null })),
  })),
};
const ALONE: CodeStack = { ...NAMELESS, places: NAMELESS.places.slice(0, 1) };

/** Characters of all names and paths of one run (explain/code.ts), and what a deep stack has of them. */
const DEEP_STACKS = Math.ceil((128 * 1024) / (48 * (160 + 240)));
const LOCATED = 64;

/** A chain as long as is drawn, and who stored a field of it. */
const ROW: RequestRow = {
  descriptor: 1023,
  role: 'header',
  address: `0x${'f'.repeat(16)}`,
  length: 2 ** 32 - 1,
  deviceWritable: true,
  expected: null,
};
const DETAILS: readonly Detail[] = [
  { kind: 'request', text: sentence(100), rows: Array.from({ length: 16 }, () => ROW) },
  {
    kind: 'origin',
    text: sentence(30),
    question: { address: ROW.address, length: 8, before: 2 ** 53 - 1 },
    stored: { by: 'kernel', instructions: 2 ** 53 - 1, instruction: sentence(60), stack: NAMELESS },
  },
];

/** Races of eight drives. */
const RACES = Array.from({ length: 800 }, (_, n): FindingResult => {
  const race = finding({ rule: 'race-store', drive: `drive${n % 8}`, pc: `0x${n.toString(16)}`, message: sentence(400) });
  return { ...race, details: n < 10 ? DETAILS : [], stack: n < DEEP_STACKS ? DEEP : n < LOCATED ? NAMELESS : ALONE };
});

function largest(): SubmissionResult {
  // As of a check for findings, which tells the first 20.
  const details = RACES.slice(0, 20).flatMap(({ message, stack }): Detail[] => [
    { kind: 'text', text: message },
    { kind: 'code', text: 'stored at', stack: stack! },
  ]);
  const checks = Array.from({ length: 20 }, (_, n) => check(`check${n}`, { outcome: 'failed', score: 0, reason: name(1000), details }));
  const scenarios = Array.from({ length: 8 }, (_, n) =>
    scenario({
      name: `scenario${n}`,
      findings: RACES,
      racesLeftOut: 10_000,
      why: [
        { kind: 'text', text: name(600) },
        { kind: 'code', text: 'trapped at', stack: DEEP },
      ],
    }),
  );
  return result({ outcome: 'failed', score: 0, checks, scenarios });
}

const LARGEST = largest();
const CONSOLE = '\u0001a'.repeat(4 * MiB);
const SUBJECT = subject(
  LARGEST,
  LARGEST.scenarios.map(({ name: of }) => evidence({ scenario: of, console: CONSOLE })),
);

it.each(formatNames)('%s', (format) => {
  const values = SAMPLE_VALUES[format] ?? {};
  for (const part of formatNamed(format).parts) {
    const text = part.scope === 'class' ? wholeText(part.render([SUBJECT], values, [])) : (part.render(SUBJECT, values) ?? '');
    expect(text.length).toBeLessThan(12 * MiB);
  }
});

it('terminal and JSON', () => {
  expect(reportFormats.terminal.one(LARGEST, PLAIN, 80).length).toBeLessThan(12 * MiB);
  expect(reportFormats.json.one(LARGEST).length).toBeLessThan(56 * MiB);
});
