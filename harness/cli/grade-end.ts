/** How a grading ends, split among computers or not: what is printed, and the exit code. */
import picocolors from 'picocolors';
import { studentVersion } from '../grade/audience.ts';
import { shownAttempts } from '../report/attempts.ts';
import { reportFormats } from '../report/index.ts';
import { clean, count } from '../report/words.ts';
import type { Audience, Student, SubmissionResult } from '../result/result.ts';
import type { Environment } from './environment.ts';

export interface Ending {
  readonly out: string;
  /** For whom the output is. */
  readonly print: Audience;
  readonly json: boolean;
  readonly strict: boolean;
  /** In the roster, without a submission. */
  readonly missing: readonly Student[];
}

/** For a class with more submissions there is a line each; the reports are in their files. */
export const MOST_PRINTED = 20;

const ERRORED = 3;
const FAILED = 1;

/** Returns the exit code. */
export function endGrading(
  results: readonly SubmissionResult[],
  { out, print, json, strict, missing }: Ending,
  environment: Environment,
): number {
  const format = json ? reportFormats.json : reportFormats.terminal;
  const printed = json ? results : shownAttempts(results).map((result) => versionFor(print, result));
  if (json || results.length > 1) {
    for (const part of format.all(printed, picocolors.createColors(environment.colors), environment.width ?? null)) environment.out(part);
  }
  if (!json && results.length > 1) {
    environment.out(`Each report and its evidence: ${clean(out)}\n`);
  }
  if (missing.length > 0) (json ? environment.err : environment.out)(`${missingLine(missing)}\n`);
  return exitCode(results, { strict });
}

/** The result as the readers of the output may see it. */
export function versionFor(print: Audience, result: SubmissionResult): SubmissionResult {
  return print === 'student' ? studentVersion(result) : result;
}

function missingLine(missing: readonly Student[]): string {
  const students = missing.map(({ id, name }) => clean(name === '' ? id : `${name} (${id})`));
  return `Without a submission: ${count(missing.length, 'student')}: ${students.join(', ')}`;
}

export function exitCode(results: readonly SubmissionResult[], { strict }: { strict: boolean }): number {
  if (results.some(({ outcome }) => outcome === 'errored')) return ERRORED;
  return strict && results.some(({ outcome }) => outcome === 'failed') ? FAILED : 0;
}

/** Prints each submission's report, in the order of the submissions, whichever ends first. */
export class ReportPrinter {
  readonly #print: Audience;
  readonly #environment: Environment;
  readonly #waiting = new Map<number, SubmissionResult>();
  #next = 0;

  constructor(print: Audience, environment: Environment) {
    this.#print = print;
    this.#environment = environment;
  }

  add(position: number, added: SubmissionResult): void {
    this.#waiting.set(position, added);
    for (let result = this.#waiting.get(this.#next); result !== undefined; result = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++);
      const { colors, width } = this.#environment;
      const report = reportFormats.terminal.one(versionFor(this.#print, result), picocolors.createColors(colors), width ?? null);
      this.#environment.out(`${report}\n`);
    }
  }
}
