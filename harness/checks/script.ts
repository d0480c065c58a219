/**
 * `script`: a JavaScript function of the course's that looks at the evidence of a run, where no other kind of check can say what is meant. It runs
 * in an engine of its own (script/engine.ts), where there is nothing but what it is given. The file's text comes from the rubric's
 * loader (rubric/script-files.ts).
 *
 * A script that goes wrong is the course's mistake: the check is errored, and the student gets no zero for it.
 */
import { z } from 'zod';
import { bytesOfBase64 } from '../bytes/binary.ts';
import { utf8Text } from '../bytes/text.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { printable } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { someText } from '../vocabulary/fields.ts';
import { type CheckContext, defineCheck, errored, failed, PASSED, type Verdict } from './kind.ts';
import { fieldsRead, runScript } from './script/engine.ts';

const file = () => someText().describe("The script, a file of JavaScript, relative to the rubric's folder.");

const parameter = () => z.union([z.string(), z.number(), z.boolean(), z.null()]);

const schema = z.union([
  file().transform((one) => ({ file: one, with: undefined })),
  z.strictObject({
    file: file(),
    with: z
      .record(z.string().min(1), z.union([parameter(), z.array(parameter()).max(1000)]))
      .optional()
      .describe('What the function gets as `parameters`: texts, numbers, true, false, or lists of them, by name.'),
  }),
]);

export type WrittenScript = z.output<typeof schema>;

export interface ExpectedScript {
  /** As the rubric names it. */
  readonly file: string;
  readonly source: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

const LONGEST_SENTENCE = 1000;
const MOST_POINTS = 1_000_000;

/** It may have a text of the student's in it. */
const sentence = () =>
  z
    .string()
    .min(1)
    .transform((text) => printable(text, LONGEST_SENTENCE));

const failure = {
  reason: sentence(),
  points: z.number().min(0).max(MOST_POINTS).optional(),
  hint: sentence().optional(),
  expected: sentence().optional(),
  found: sentence().optional(),
};

const unused = z.unknown().optional();
const UNUSED = { reason: unused, points: unused, hint: unused, expected: unused, found: unused } satisfies Record<
  keyof typeof failure,
  unknown
>;

/** What the function has to return. Many write one object for both: `{ passed: count === 2, reason: 'not two' }`. */
const answerSchema = z.union([
  z.strictObject({ passed: z.literal(true), ...UNUSED }),
  z.strictObject({ passed: z.literal(false), ...failure }),
]);

const FORM = 'it must return { passed: true }, or { passed: false, reason: TEXT } and perhaps points, hint, expected and found';

function inputOf({ parameters }: ExpectedScript, evidence: Evidence): string {
  // What a repeated run has found out must not change a verdict: it depends on what is explained.
  return JSON.stringify({ evidence: { ...evidence, explanations: null }, console: utf8Text(bytesOfBase64(evidence.console)), parameters });
}

/** The fields of a run's evidence that the script looks at. Another run may lead it to others. */
export function fieldsOfScript(expected: ExpectedScript, evidence: Evidence): readonly string[] {
  return fieldsRead(expected.file, expected.source, inputOf(expected, evidence));
}

function evaluate(script: ExpectedScript, { evidence }: CheckContext): Verdict {
  const { file: name, source } = script;
  const end = runScript(name, source, inputOf(script, evidence));
  if ('problem' in end) return faulty(end.problem);
  const answer = answerSchema.safeParse(JSON.parse(end.json));
  if (!answer.success) return faulty(`${name}: ${FORM}, not ${printable(end.json)}`);
  if (answer.data.passed) return PASSED;
  const { reason, points, hint, expected, found } = answer.data;
  const details: Detail[] = [
    ...(expected === undefined ? [] : [{ kind: 'expected', text: expected } as const]),
    ...(found === undefined ? [] : [{ kind: 'found', text: found } as const]),
  ];
  return failed(reason, details, { score: points, hint });
}

const faulty = (problem: string): Verdict =>
  errored(`the course's script is wrong, which is no fault of the submission: ${problem}. Correct it, then use bootgrade regrade`);

export const scriptCheck = defineCheck<typeof schema, ExpectedScript>({ schema, evaluate });
