/** The rules of the specification that a driver breaks, for the end of a report: each `must` and `should`, and how many notes there are. */
import { storeKey } from '../evidence/explanation.ts';
import { describeFinding } from '../evidence/finding.ts';
import { findingLead } from '../evidence/finding-place.ts';
import type { CheckResult, Consequence, Detail, FindingResult, SubmissionResult } from '../result/result.ts';
import { linesOf as detailLinesOf } from './details.ts';
import { grouped, whereOf } from './ends.ts';
import { indented, type Line, plain, sentence } from './lines.ts';
import { sourceLine } from './source-line.ts';
import { type Colors, clean, count } from './words.ts';

/** Findings of one scenario that are shown. */
const MOST_SHOWN = 20;

/** Columns before a finding's source lines: two more than before its sentence. */
const PLACE_INDENT = 11;

/** If several scenarios found the same, it is shown once. What a check has shown already is not shown again. */
export function findingLines({ scenarios, checks }: Pick<SubmissionResult, 'scenarios' | 'checks'>, colors: Colors): Line[] {
  const blocks = scenarios.flatMap((scenario) => {
    const { name, findings, racesLeftOut } = scenario;
    if (findings.length === 0) return [];
    const lines = [
      ...linesOf(withoutTold(findings.filter(isCause), name, checks), colors),
      ...followingText(findings).map((line) => sentence(line, '  ')),
      ...leftOutLines(racesLeftOut),
    ];
    return [{ scenario, head: summary(findings, colors), lines }];
  });
  return grouped(blocks, ({ head, lines }) => [head, ...lines.map(plain)]).flatMap((same) => {
    const where = whereOf(
      same.map(({ scenario }) => scenario),
      scenarios.length,
    );
    return [sentence(`${where}${same[0]!.head}`, '', 2), ...same[0]!.lines];
  });
}

/** Whether it says something of its own: not what only follows from what else is wrong. */
export function isCause({ follows }: FindingResult): boolean {
  return follows === undefined;
}

const FOLLOWS: Readonly<Record<Consequence, string>> = {
  'queue-place': 'from the place of the queue, which the device and the driver do not agree on',
  'foreign-chain': 'from chains that the device took where the driver had put none',
  'shared-memory': 'from memory that is used twice',
};

/** A line for each cause, which of them are left out because they say nothing of their own; none if there are none. */
export function followingText(findings: readonly FindingResult[]): string[] {
  const grave = findings.filter(({ severity }) => severity !== 'note');
  const causes = [...new Set(grave.flatMap(({ follows }) => follows ?? []))];
  return causes.map((cause, index) => {
    const rules = grave.filter(({ follows }) => follows === cause).map(({ rule }) => rule);
    const names = [...new Set(rules)].map(clean).join(', ');
    const start = index > 0 || grave.some(isCause) ? '… and' : 'only';
    return `${start} what follows ${FOLLOWS[cause]}: ${names} (in the JSON report)`;
  });
}

/** The findings of a scenario without the details that its failed checks show. */
export function withoutTold(
  findings: readonly FindingResult[],
  scenario: string,
  checks: readonly CheckResult[],
): readonly FindingResult[] {
  const failed = checks.filter((check) => check.scenario === scenario && check.outcome === 'failed');
  const told = new Set(failed.flatMap(({ details }) => details.map(nameOf)));
  return findings.map((finding) => {
    const origins = finding.details.filter(({ kind }) => kind === 'origin');
    const isTold = origins.length > 0 && origins.every((detail) => told.has(nameOf(detail)));
    // A drawing marks what is to blame, so it stays where that is new.
    const details = isTold ? [] : finding.details.filter((detail) => origins.length > 0 || !told.has(nameOf(detail)));
    return { ...finding, details };
  });
}

/** The same for details that say the same. */
function nameOf(detail: Detail): string {
  if (detail.kind === 'origin') return `origin ${storeKey(detail.question)}`;
  return detail.kind === 'request' ? `request ${detail.text}` : '';
}

/** In one line. The instruction is left out if the place is shown below. */
export function findingText({ stack, details, ...finding }: FindingResult): string {
  return describeFinding(stack === null ? finding : { ...finding, pc: null });
}

/** Who stored what is to blame, and the line that broke the rule, each with its callers: nothing if they are not known. */
export function findingCode(finding: FindingResult): Detail[] {
  const { stack, details } = finding;
  return [...details, ...(stack === null ? [] : [{ kind: 'code', text: findingLead(finding), stack } as const])];
}

/** Whether all of its place is a library's code, as far as its source is known: nothing that a student wrote. */
export function isInLibrary({ stack }: FindingResult): boolean {
  const known = (stack?.places ?? []).flatMap(({ frames }) => frames).filter(({ file }) => file !== null);
  return known.length > 0 && known.every(({ library }) => library);
}

/** Whose code it is about, where that is not the student's: as words in parentheses, with a blank before them. */
export function whoseCode(finding: FindingResult): string {
  if (finding.ofCourse === true) return " (the course's own code; students are not shown this)";
  return isInLibrary(finding) ? ' (in a library that the kernel uses)' : '';
}

/** Races for the memory of one request, which have one cause: it was not waited for. */
export interface MergedFinding {
  readonly finding: FindingResult;
  /** The other ones. */
  readonly others: readonly FindingResult[];
}

/** In the order of the first of each. */
export function merged(findings: readonly FindingResult[]): MergedFinding[] {
  const groups = new Map<string, FindingResult[]>();
  for (const [index, finding] of findings.entries()) {
    const { rule, drive, request, severity } = finding;
    const key = RACE.test(rule) && request !== null ? `${severity} ${drive} ${request}` : `${index}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].map(([finding, ...others]) => ({ finding: finding!, others }));
}

const RACE = /^race-/;
/** Places of merged races that are named. */
const MOST_PLACES = 6;

/** E.g. `8 more instructions touch the memory of request #2 too early: disk.c:39, disk.c:40`; null if there are none. */
export function othersText({ finding: { request }, others }: MergedFinding): string | null {
  if (others.length === 0) return null;
  const lines = others.flatMap(({ stack }) => (stack === null ? [] : (sourceLine([{ kind: 'code', text: '', stack }]) ?? [])));
  const places = [...new Set(lines.map(({ file, line }) => `${file}:${line}`))];
  const named = places.slice(0, MOST_PLACES).join(', ');
  const where = places.length === 0 ? '' : `: ${named}${places.length > MOST_PLACES ? ', …' : ''}`;
  const verb = others.length === 1 ? 'touches' : 'touch';
  return `${count(others.length, 'more instruction')} ${verb} the memory of request #${request} too early${where}`;
}

function linesOf(findings: readonly FindingResult[], colors: Colors): Line[] {
  const sorted = [...of(findings, 'must'), ...of(findings, 'should')];
  // First what the submission's own code does.
  const grave = [...sorted.filter((one) => whoseCode(one) === ''), ...sorted.filter((one) => whoseCode(one) !== '')];
  const groups = merged(grave);
  const lines = groups.slice(0, MOST_SHOWN).flatMap((group) => {
    const one = group.finding;
    const rest = othersText(group);
    const severity = one.severity === 'must' ? colors.red('must  ') : colors.yellow('should');
    const places = findingCode(one).flatMap((detail) => detailLinesOf(detail, colors));
    return [
      sentence(`${clean(findingText(one))}${whoseCode(one)}`, `  ${severity} `),
      ...places.map((line) => indented(line, PLACE_INDENT)),
      ...(rest === null ? [] : [sentence(rest, ' '.repeat(PLACE_INDENT))]),
    ];
  });
  return groups.length > MOST_SHOWN ? [...lines, sentence(`… and ${groups.length - MOST_SHOWN} more`, '  ')] : lines;
}

/** A line about the races that are not among the findings. */
function leftOutLines(races: number): Line[] {
  return races === 0 ? [] : [sentence(`… and ${count(races, 'further race')}, which are only counted`, '  ')];
}

function summary(findings: readonly FindingResult[], colors: Colors): string {
  const notes = of(findings, 'note').length;
  if (notes === findings.length) return colors.dim(`${count(notes, 'note')} on the virtio specification (in the JSON report)`);
  return `rules of the virtio specification that the driver breaks${notes === 0 ? '' : ` (${count(notes, 'note')} more in the JSON report)`}:`;
}

function of(findings: readonly FindingResult[], severity: FindingResult['severity']): FindingResult[] {
  return findings.filter((one) => one.severity === severity);
}
