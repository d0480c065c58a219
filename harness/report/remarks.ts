/**
 * What there is to mend, each with the line of the student's where it is known: what editors and platforms show at that line. Errors are what costs
 * points, warnings what need not.
 */
import type { CodeStack } from '../evidence/code-place.ts';
import { describeStop } from '../evidence/stop.ts';
import type { BuildMessage } from '../result/build.ts';
import type { Detail, FindingResult, ScenarioResult, SubmissionResult } from '../result/result.ts';
import { messageText, ownWarnings } from './build-lines.ts';
import { linesOf } from './details.ts';
import { type Entry, entriesOf, PLAIN } from './entries.ts';
import { excerptLines } from './excerpt.ts';
import { findingCode, findingText, isCause } from './findings.ts';
import { plain } from './lines.ts';
import { ownSourceLine, sourceLine } from './source-line.ts';
import { clean } from './words.ts';

export interface Place {
  /** Below what was handed in, or else as the kernel's debug information names it; safe to show. */
  readonly file: string;
  readonly line: number;
  /** Where a compiler says so. */
  readonly column?: number;
}

export interface Remark {
  readonly severity: 'error' | 'warning';
  /** null: no line is known. */
  readonly place: Place | null;
  /** Which check, which rule, how the run ended, or `build`: for programs. */
  readonly id: string;
  /** The same for people; safe to show. */
  readonly title: string;
  /** One sentence that is safe to show. */
  readonly reason: string;
  /** The whole explanation, the reason included, safe to show; not empty. */
  readonly lines: readonly string[];
}

/** For a line of its own, safe to show. A rule's reason begins with its title. */
export function headline({ title, reason }: Remark): string {
  return reason.startsWith(title) ? reason : `${title}: ${reason}`;
}

export function errorsOf(result: SubmissionResult): Remark[] {
  // Where there is no kernel, each check fails for that reason.
  const failures = isUnbuilt(result) ? [] : entriesOf(result).filter(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  return [...buildErrors(result), ...result.scenarios.flatMap(stopError), ...failures.map((entry) => failure(entry, result))];
}

export function warningsOf(result: SubmissionResult): Remark[] {
  return [...findingWarnings(result), ...ownWarnings(result).flatMap((warning) => compilerRemark('warning', warning))];
}

function isUnbuilt({ build }: SubmissionResult): boolean {
  return build?.outcome === 'failed';
}

/** What the compiler complained of, at the lines of the student's files. Where it is about no such line, the reason alone. */
function buildErrors({ build, reason }: SubmissionResult): Remark[] {
  if (build?.outcome !== 'failed') return [];
  const errors = build.messages.filter(({ severity }) => severity === 'error').flatMap((error) => compilerRemark('error', error));
  const why = clean(reason ?? 'the build failed');
  return errors.length > 0 ? errors : [{ severity: 'error', place: null, id: 'build', title: 'build', reason: why, lines: [why] }];
}

function compilerRemark(severity: Remark['severity'], message: BuildMessage): Remark[] {
  const { path, line, column } = message;
  if (path === undefined || line === null) return [];
  const place = { file: clean(path), line, ...(column === null ? {} : { column }) };
  const code = message.code === undefined ? [] : excerptLines(message.code, line, PLAIN).map(plain);
  const reason = messageText(message);
  return [{ severity, place, id: 'build', title: 'build', reason, lines: [reason, ...code] }];
}

/** Where the kernel hung, panicked or trapped: before the checks that fail for it. */
function stopError({ stop, why }: ScenarioResult): Remark[] {
  const place = sourceLine(why);
  if (place === null) return [];
  const title = clean(describeStop(stop));
  return [{ severity: 'error', place, id: stop.reason, title, reason: title, lines: shown(why) }];
}

function failure(entry: Entry, result: SubmissionResult): Remark {
  const reason = entry.reason ?? (result.reason === null ? entry.outcome : clean(result.reason));
  return {
    severity: 'error',
    place: entry.check === null ? null : sourceLine(entry.check.details),
    id: entry.id,
    title: entry.label,
    reason,
    lines: entry.lines.length > 0 ? entry.lines : [entry.reason ?? entry.outcome],
  };
}

/** Findings of which a line of the student's is known, which may cost no points; those of several scenarios once. */
function findingWarnings({ scenarios }: SubmissionResult): Remark[] {
  const warnings = scenarios.flatMap(({ findings }) => findings.filter(isCause).flatMap(findingWarning));
  return [...new Map(warnings.map((warning) => [JSON.stringify(warning), warning])).values()];
}

function findingWarning(finding: FindingResult): Remark[] {
  const { stack, severity, details } = finding;
  const place = stack === null || severity === 'note' ? null : ownSourceLine([code(stack), ...details]);
  if (place === null) return [];
  const reason = clean(findingText(finding));
  const lines = shown(findingCode(finding).filter(({ kind }) => kind !== 'request'));
  return [{ severity: 'warning', place, id: finding.rule, title: finding.rule, reason, lines: [reason, ...lines] }];
}

function code(stack: CodeStack): Detail {
  return { kind: 'code', text: '', stack };
}

function shown(details: readonly Detail[]): string[] {
  return details.flatMap((detail) => linesOf(detail, PLAIN)).map(plain);
}
