/**
 * The result of grading one submission: what every report format is a pure function of. Plain JSON, no dates, no durations.
 */
import type { Stop } from '../evidence/evidence.ts';
import type { CodeStack, PrintQuestion, StoreExplanation, StoreQuestion } from '../evidence/explanation.ts';
import type { FindingEvidence } from '../evidence/finding.ts';

export const RESULT_SCHEMA = 'bootgrade/result/v1';
export const RESULTS_SCHEMA = 'bootgrade/results/v1';

/** Who a result is for: what is hidden from students is not in theirs at all. */
export type Audience = 'student' | 'instructor';

export type Outcome = 'passed' | 'failed' | 'skipped' | 'errored';

/** One line of explanation under a check. `kind` lets a renderer colour and lay it out; `text` stands alone. */
export type Detail =
  | { kind: 'text'; text: string }
  | { kind: 'expected'; text: string }
  | { kind: 'found'; text: string }
  /** A request's head line and its descriptors, drawn as a table. */
  | { kind: 'request'; text: string; rows: RequestRow[] }
  /** Which instruction stored the bytes that are wrong; `stored` is null where that was not found out. */
  | { kind: 'origin'; text: string; question: StoreQuestion; stored: StoreExplanation | null }
  /** Where a text was printed; `stack` is null where that was not found out. */
  | { kind: 'printed'; text: string; question: PrintQuestion; stack: CodeStack | null }
  /** A place in the kernel's code, with the calls that led to it. */
  | { kind: 'code'; text: string; stack: CodeStack }
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

export interface HiddenChecks {
  count: number;
  /** Of them all; null where one of them is errored. */
  score: number | null;
  maxScore: number;
}

export interface ScenarioResult {
  name: string;
  hidden: boolean;
  stop: Stop;
  /** Why the kernel panicked, trapped or hung, where it did. */
  why: Detail[];
  instructions: number;
  /** Guest time in nanoseconds. */
  time: number;
  requests: number;
  /** Rules of the virtio specification that the driver broke. */
  findings: FindingResult[];
  /** Further races, which are only counted. */
  racesLeftOut: number;
  /** File beside the report that holds the run's evidence, and the SHA-256 of its bytes. */
  evidence: string | null;
  evidenceSha256: string | null;
}

/** A finding, and the calls that led to it: null where it is no race, or nobody has looked. */
export interface FindingResult extends FindingEvidence {
  stack: CodeStack | null;
}

/** Whose submission it is, by the course's roster. */
export interface Student {
  id: string;
  /** Empty where the roster has no names. */
  name: string;
  /** The roster's other columns, as they are there; for students, those that were asked for. */
  columns: Record<string, string>;
}

export interface SubmissionResult {
  schema: typeof RESULT_SCHEMA;
  audience: Audience;
  name: string;
  /** null without a roster, or where the roster does not have it. */
  student: Student | null;
  title: string;
  outcome: 'passed' | 'failed' | 'errored';
  /** null when errored. */
  score: number | null;
  maxScore: number;
  /** Why the submission as a whole failed or errored before any check could (no kernel …). */
  reason: string | null;
  /** In the rubric's order; for students, without those that are hidden. */
  checks: CheckResult[];
  /** What students are told of the checks that they do not see; null where there are none, and for instructors. */
  hiddenChecks: HiddenChecks | null;
  scenarios: ScenarioResult[];
  /** e.g. "bootgrade 0.1.0". */
  tool: string;
  /** Which of the student's attempts this is, from 1: it decides which hints are shown. */
  attempt: number;
  /** `sha256`: of its text; `submissionSha256`: of what it says about where the kernel is. */
  rubric: { title: string; sha256: string; submissionSha256: string };
  /** File name as handed in (below the submission's folder) and its hash. */
  kernel: { file: string; sha256: string } | null;
  /** Initial images, `<scenario>/<drive>` to SHA-256. */
  images: Record<string, string>;
}
