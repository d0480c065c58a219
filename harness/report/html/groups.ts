/**
 * Which submissions of a class fail alike: by what went wrong, not by the checks alone. Two kernels that break the same rule of the specification
 * have the same mistake, though one may fail a check more; and two that fail the same check may do so for different reasons.
 */
import type { SubmissionResult } from '../../result/result.ts';
import { isCause } from '../findings.ts';
import type { Subject } from '../format.ts';
import { type SourceLine, sourceLine } from '../source-line.ts';
import { clean } from '../words.ts';

export interface Member {
  readonly subject: Subject;
  /** Where in the source its first failed check points; null if that is not known. */
  readonly source: SourceLine | null;
}

export interface Group {
  /** What its members have in common, in words. */
  readonly cause: string;
  /** The checks that failed in any of them, safe to show. */
  readonly checks: readonly string[];
  readonly members: readonly Member[];
}

/** Submissions that did not pass, by what went wrong: the largest group first. */
export function groups(subjects: readonly Subject[]): Group[] {
  const harmless = new Set(subjects.filter(({ result }) => result.outcome === 'passed').flatMap(({ result }) => rulesOf(result)));
  const byCause = new Map<string, Member[]>();
  for (const subject of subjects.filter(({ result }) => result.outcome !== 'passed')) {
    const cause = causeOf(subject.result, harmless);
    const source = sourceLine(firstFailed(subject.result)?.details ?? []);
    byCause.set(cause, [...(byCause.get(cause) ?? []), { subject, source }]);
  }
  return [...byCause]
    .map(([cause, members]) => ({ cause, checks: failedIn(members), members }))
    .sort((a, b) => b.members.length - a.members.length);
}

function failedIn(members: readonly Member[]): string[] {
  const ids = members.flatMap(({ subject: { result } }) => result.checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id));
  return [...new Set(ids)].map(clean);
}

function firstFailed({ checks }: SubmissionResult): SubmissionResult['checks'][number] | undefined {
  return checks.find(({ outcome }) => outcome === 'failed' || outcome === 'errored');
}

/** The rules that a driver must keep and breaks. */
function rulesOf({ scenarios }: SubmissionResult): string[] {
  const broken = scenarios.flatMap(({ findings }) =>
    findings.filter((one) => one.severity === 'must' && isCause(one)).map(({ rule }) => rule),
  );
  return [...new Set(broken)].sort();
}

const PANICKED = 'the kernel panicked';

/** `harmless`: rules that submissions break which passed, in code that is given, for example: they explain nothing. */
function causeOf(result: SubmissionResult, harmless: ReadonlySet<string>): string {
  if (result.reason !== null) return clean(result.reason);
  const rules = rulesOf(result).filter((rule) => !harmless.has(rule));
  if (rules.length > 0) return clean(`${rules.length === 1 ? 'rule' : 'rules'} broken: ${rules.join(', ')}`);
  const panic = result.scenarios.flatMap(({ why }) => why.flatMap((detail) => (detail.kind === 'text' ? [detail.text] : [])));
  const message = panic.find((text) => text.startsWith(PANICKED));
  if (message !== undefined) return clean(message);
  const first = firstFailed(result);
  if (first !== undefined) return clean(`${first.id}: ${first.reason ?? first.outcome}`);
  return 'a hidden check failed';
}
