/** `bootgrade regrade`: has the evidence of an earlier grading graded again by a changed rubric, and shows which results changed. */
import picocolors from 'picocolors';
import type { Columns } from '../batch/roster.ts';
import { type Regraded, regradeReports } from '../grading/regrade.ts';
import { terminalChanges } from '../report/changes.ts';
import type { ChosenFormat } from '../report/index.ts';
import { withResults } from '../report/json.ts';
import { clean, count } from '../report/words.ts';
import type { Audience } from '../result/result.ts';
import type { Environment } from './environment.ts';
import { filePorts } from './ports.ts';
import { readRubric } from './read-rubric.ts';
import { TOOL } from './version.ts';

export interface RegradeOptions {
  readonly rubric: string;
  /** Folder of the earlier reports. */
  readonly reports: string;
  /** Folder of the new ones. */
  readonly out: string;
  readonly json: boolean;
  /** Who the reports are for; undefined: instructors, and students where a format goes where they look. */
  readonly for?: Audience;
  /** Columns of the roster that get into the new reports; left out: all into those for instructors, none into those for students. */
  readonly rosterColumns?: readonly string[];
  /** Replaces the attempts that the reports name. */
  readonly attempt?: number;
  /** Reports beside the record. */
  readonly formats?: readonly ChosenFormat[];
}

export const REGRADE_SCHEMA = 'bootgrade/regrade/v1';

const MUST_RUN_AGAIN = 1;

/** Regrades; returns the exit code: 1 where a submission has to be run again. Throws HostError; UsageError for what the user has to correct. */
export async function regrade(options: RegradeOptions, environment: Environment): Promise<number> {
  const { reports, out, json, formats = [], attempt = null } = options;
  const rubric = await readRubric(options.rubric);
  const audience = options.for ?? 'instructor';
  const columns: Columns = options.rosterColumns ?? (audience === 'student' ? [] : 'all');
  const destination = { out, audience };
  const request = { rubric, reports, destination, print: options.for ?? 'student', columns, attempt, formats, tool: TOOL };
  const regraded = await regradeReports(request, filePorts(environment));
  for (const part of json ? jsonOf(regraded) : [textOf(regraded, options, environment)]) environment.out(part);
  if (regraded.results.some(({ outcome }) => outcome === 'errored')) return 3;
  return regraded.rerun.length > 0 ? MUST_RUN_AGAIN : 0;
}

function jsonOf({ results, changes, rerun }: Regraded): Iterable<string> {
  return withResults({ schema: REGRADE_SCHEMA, changes, rerun }, results);
}

function textOf({ results, changes, rerun }: Regraded, { out }: RegradeOptions, { colors }: Environment): string {
  const again = rerun.flatMap(({ name, reasons }) => [` ${clean(name)}`, ...reasons.map((reason) => `     ${clean(reason)}`)]);
  return [
    results.length === 0 ? '' : terminalChanges(changes, results.length, picocolors.createColors(colors)),
    ...(rerun.length === 0 ? [] : [`${count(rerun.length, 'submission')} must be run again:\n${again.join('\n')}\n`]),
    ...(results.length === 0 ? [] : [`The new reports and their evidence: ${clean(out)}\n`]),
  ].join('');
}
