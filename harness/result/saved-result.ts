/** A report that was written earlier, read back: as much of it as grading it again and comparing need. */
import { z } from 'zod';
import { placeOf } from '../evidence/read-fields.ts';
import { RESULT_SCHEMA } from './result.ts';

const points = z.number().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const check = z.object({
  ...{ id: z.string(), outcome: z.enum(['passed', 'failed', 'skipped', 'errored']), score: points, maxScore: points, hidden: z.boolean() },
});

const scenario = z.object({
  name: z.string(),
  // A plain file name: it is opened beside the report.
  evidence: z
    .string()
    .regex(/^[^/\\\0]+\.evidence\.json$/)
    .nullable(),
  evidenceSha256: sha256.nullable(),
});

const schema = z.object({
  schema: z.literal(RESULT_SCHEMA),
  audience: z.enum(['student', 'instructor']),
  name: z.string(),
  student: z.object({ id: z.string(), name: z.string(), columns: z.record(z.string(), z.string()) }).nullable(),
  score: points.nullable(),
  maxScore: points,
  checks: z.array(check),
  hiddenChecks: z.object({ count: z.int(), score: points.nullable(), maxScore: points }).nullable(),
  scenarios: z.array(scenario),
  attempt: z.int().min(1),
  rubric: z.object({ title: z.string(), sha256, submissionSha256: sha256 }),
  kernel: z.object({ file: z.string(), sha256 }).nullable(),
});

export type SavedResult = z.output<typeof schema>;

/** null: the text is no report at all, and somebody else's file. `problem`: the end of a sentence that begins with its name. */
export function parseResult(text: string): SavedResult | { problem: string } | null {
  const [, version] = /^\s*\{\s*"schema":\s*"(bootgrade\/result\/[^"]*)"/.exec(text) ?? [];
  if (version === undefined) return null;
  if (version !== RESULT_SCHEMA) return { problem: `is "${version}"; this version reads ${RESULT_SCHEMA}` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is no whole JSON document: it was cut off or edited' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  return { problem: `is not as ${RESULT_SCHEMA} has it, at ${placeOf(parsed.error)}` };
}
