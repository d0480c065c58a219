/** What a kind of check consists of: its part of the rubric's schema, what can be wrong with it, and its evaluation. */
import type { z } from 'zod';
import type { DeviceEvidence, Evidence, ImageEvidence } from '../evidence/evidence.ts';
import type { PrintQuestion, StoreQuestion } from '../evidence/explanation.ts';
import type { BuildResult } from '../result/build.ts';
import type { HandedFile } from '../result/handed-file.ts';
import type { Detail } from '../result/result.ts';
import { suggestion } from '../vocabulary/did-you-mean.ts';
import type { FactAsks } from '../vocabulary/facts.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { Scenario } from '../vocabulary/scenario.ts';

/** All that an evaluation may look at. */
export interface CheckContext {
  scenario: Scenario;
  evidence: Evidence;
  /** Initial images of the scenario by drive. */
  images: ReadonlyMap<string, InitialImage>;
}

/** The same for a check of what was handed in, which needs no run. */
export interface HandInContext {
  /** Every file that the rubric's checks look at. */
  files: readonly HandedFile[];
  /** How the kernel was built of it; null: it was handed in. */
  build: BuildResult | null;
}

/** What a repeated run can find out about a failed check (harness/explain). `text` begins the line that shows the answer. */
export type Question =
  /** Which instruction stored these bytes? */
  | { about: 'store'; text: string; question: StoreQuestion }
  /** Where did the kernel print this byte? */
  | { about: 'print'; text: string; question: PrintQuestion };

export type Verdict =
  | { outcome: 'passed' }
  /** `score`: partial credit, in points. `reason`: one sentence without a full stop. `hint`: shown instead of the rubric's. */
  | { outcome: 'failed'; score: number; reason: string; details: Detail[]; questions: Question[]; hint?: string | undefined }
  /** The check itself is wrong, which is the course's fault. */
  | { outcome: 'errored'; reason: string };

/** Where a check stands, for mistakes that the schema of its part alone cannot see. */
export interface Placement {
  /** null if the check gives no valid number. */
  points: number | null;
  /** The drives of the check's scenario, with their sizes in bytes where these are known; null if the scenario is not. */
  drives: ReadonlyMap<string, number | null> | null;
  /** The same with whatever else has an image: flash memory that can be written. */
  images: ReadonlyMap<string, number | null> | null;
}

/** `Expected`: what the rubric's loader makes of what was written, where that is not the same. */
export interface CheckKind<Schema extends z.ZodType, Expected = z.output<Schema>> {
  schema: Schema;
  /** Paths are relative to the check's part. */
  mistakes?: (written: z.output<Schema>, placement: Placement) => Mistake[];
  /** What a run has to record for it besides what every run does. */
  asks?: (expected: Expected) => Partial<FactAsks>;
  evaluate: (expected: Expected, context: CheckContext) => Verdict;
}

export function defineCheck<Schema extends z.ZodType, Expected>(kind: CheckKind<Schema, Expected>): CheckKind<Schema, Expected> {
  return kind;
}

/** A kind of check that is about no run. */
export interface HandInCheckKind<Schema extends z.ZodType> {
  schema: Schema;
  /** Paths are relative to the check's part. */
  mistakes?: (written: z.output<Schema>, placement: Placement) => Mistake[];
  evaluate: (expected: z.output<Schema>, context: HandInContext) => Verdict;
}

export function defineHandInCheck<Schema extends z.ZodType>(kind: HandInCheckKind<Schema>): HandInCheckKind<Schema> {
  return kind;
}

export const PASSED: Verdict = { outcome: 'passed' };

export function failed(
  reason: string,
  details: Detail[],
  { score = 0, questions = [], hint }: { score?: number | undefined; questions?: Question[]; hint?: string | undefined } = {},
): Verdict {
  return { outcome: 'failed', score, reason, details, questions, ...(hint === undefined ? {} : { hint }) };
}

export function errored(reason: string): Verdict {
  return { outcome: 'errored', reason };
}

/** A drive that is named must exist; where none is named, there must be one. */
export function driveMistakes(drive: string | undefined, { drives }: Placement): Mistake[] {
  if (drives === null || (drive === undefined ? drives.size > 0 : drives.has(drive))) return [];
  if (drive === undefined) return [{ path: [], code: 'unknown-drive', message: 'the scenario has no drive' }];
  const remedy = suggestion(drive, [...drives.keys()]);
  return [{ path: ['drive'], code: 'unknown-drive', message: `the scenario has no drive "${drive}"`, remedy }];
}

/** The drive that is meant where none is named: the scenario's first. */
export function driveName(drive: string | undefined, scenario: Scenario): string {
  const found = drive ?? scenario.machine.drives[0]?.name;
  if (found === undefined) throw new Error(`scenario ${scenario.name} has no drive`);
  return found;
}

export function deviceOf(evidence: Evidence, drive: string): DeviceEvidence {
  return ofDrive(evidence.devices, drive);
}

export function imageOf(evidence: Evidence, drive: string): ImageEvidence {
  return ofDrive(evidence.images, drive);
}

function ofDrive<T extends { drive: string }>(all: readonly T[], drive: string): T {
  const found = all.find((one) => one.drive === drive);
  if (found === undefined) throw new Error(`the evidence says nothing about drive ${drive}`);
  return found;
}
