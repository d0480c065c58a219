/**
 * What identifies a batch: a journal or a blob that differs in any of this does not belong to it. Plain JSON; holds
 * nothing that changes from run to run.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Saved } from '../evidence/fields.ts';
import { audienceSchema, studentSchema } from '../result/result.ts';
import { MOST_SHARDS, type Shard } from './shard.ts';

const shard: z.ZodType<Shard | null> = z
  .object({ index: z.int().min(1), count: z.int().max(MOST_SHARDS) })
  .refine(({ index, count }) => index <= count)
  .nullable();

/** Files that hold one may have been cut off or edited. */
export const identitySchema = z.object({
  /** e.g. "bootgrade 0.1.0". */
  tool: z.string(),
  /** SHA-256 of the rubric's text, and of what its images hold. */
  rubric: z.string(),
  images: z.string(),
  /** Who the record is for, and who the print. */
  audience: audienceSchema,
  print: audienceSchema,
  /** null: as the platform's export counts them. */
  attempt: z.int().nullable(),
  /** How much was to be explained. */
  explain: z.string(),
  /** SHA-256 of the report formats that were asked for, with their options. */
  reports: z.string(),
  /** SHA-256 of the roster's text and of the columns that are kept; null without a roster. */
  roster: z.string().nullable(),
  /** SHA-256 of the names of the whole class, in order. */
  class: z.string(),
  /** SHA-256 of when and by whom each was handed in, as far as that is known, and of the deadline. */
  handIns: z.string(),
  shard,
  /** Names of the submissions, in order: of the shard where there is one. */
  submissions: z.array(z.string()),
  /** Students of the roster without a submission in the class. */
  missing: z.array(studentSchema),
});

export type Identity = Saved<typeof identitySchema>;

/** In words, what two batches may differ in; `submissions` and `missing` follow from the others. */
const PARTS: Readonly<Record<Exclude<keyof Identity, 'submissions' | 'missing'>, string>> = {
  tool: 'a different version of bootgrade',
  rubric: 'a different rubric',
  images: 'different disk images',
  audience: 'a different --for',
  print: 'a different --for',
  attempt: 'a different --attempt',
  explain: 'a different --explain or --no-explain',
  reports: 'a different --report',
  roster: 'a different roster, or different columns of it',
  class: 'other submissions',
  handIns: 'a different --deadline, or other times or students of submissions',
  shard: 'a different --shard',
};

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The identity of a list of names. */
export function namesSha256(names: readonly string[]): string {
  return sha256(JSON.stringify(names));
}

/** What the batches differ in, in words; `apart` is not looked at. */
export function differences(a: Identity, b: Identity, apart: readonly (keyof typeof PARTS)[] = []): string[] {
  const parts = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((part) => !apart.includes(part));
  return [...new Set(parts.filter((part) => JSON.stringify(a[part]) !== JSON.stringify(b[part])).map((part) => PARTS[part]))];
}
