/**
 * The result of grading one submission: what every report format is a pure function of. Plain JSON, no dates, no durations.
 */
import type { Stop } from '../evidence/evidence.ts';

export const RESULT_SCHEMA = 'bootgrade/result/v1';
export const RESULTS_SCHEMA = 'bootgrade/results/v1';

export type Outcome = 'passed' | 'failed' | 'skipped' | 'errored';

/** One line of explanation under a check. `kind` lets a renderer colour and lay it out; `text` stands alone. */
export type Detail =
  | { kind: 'text'; text: string }
  | { kind: 'expected'; text: string }
  | { kind: 'found'; text: string }
  /** A request's head line and its descriptors, drawn as a table. */
  | { kind: 'request'; text: string; rows: RequestRow[] }
  /** Lines of a difference between two hex dumps: sign, dump line. */
  | { kind: 'difference'; lines: { sign: '-' | '+' | ' '; text: string; note?: string }[] };

export interface RequestRow {
  /** Index of the descriptor in its table. */
  descriptor: number;
  role: string;
  address: string;
  length: number;
  deviceWritable: boolean;
  /** Set where the flag or the length is not what the rubric expects: what it expects instead, in words. */
  expected: string | null;
}

export interface CheckResult {
  id: string;
  title: string;
  outcome: Outcome;
  score: number;
  maxScore: number;
  /** The scenario that the check looked at. */
  scenario: string;
  hidden: boolean;
  /** One sentence: why it failed, was skipped or errored; null when passed. */
  reason: string | null;
  details: Detail[];
  hint: string | null;
}

export interface ScenarioResult {
  name: string;
  hidden: boolean;
  stop: Stop;
  instructions: number;
  /** Guest time in nanoseconds. */
  time: number;
  requests: number;
  /** File beside the report that holds the run's evidence. */
  evidence: string | null;
}

export interface SubmissionResult {
  schema: typeof RESULT_SCHEMA;
  name: string;
  title: string;
  outcome: 'passed' | 'failed' | 'errored';
  /** null when errored. */
  score: number | null;
  maxScore: number;
  /** Why the submission as a whole failed or errored before any check could (no kernel …). */
  reason: string | null;
  checks: CheckResult[];
  scenarios: ScenarioResult[];
  /** e.g. "bootgrade 0.1.0". */
  tool: string;
  rubric: { title: string; sha256: string };
  /** File name as handed in (below the submission's folder) and its hash. */
  kernel: { file: string; sha256: string } | null;
  /** Initial images, `<scenario>/<drive>` to SHA-256. */
  images: Record<string, string>;
}
