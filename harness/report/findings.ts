/** The rules of the specification that a driver breaks, for the end of a report: each `must` and `should`, and how many notes there are. */
import { describeFinding } from '../evidence/finding.ts';
import { raceLead } from '../evidence/race.ts';
import type { FindingResult, ScenarioResult } from '../result/result.ts';
import { stackLines } from './code-lines.ts';
import { indented, type Line, plain, sentence } from './lines.ts';
import { type Colors, clean, count } from './words.ts';

/** Findings of one scenario that are shown. */
const MOST_SHOWN = 20;

/** Columns before a finding's source lines: two more than before its sentence. */
const PLACE_INDENT = 11;

/** If several scenarios found the same, it is shown once. */
export function findingLines(scenarios: readonly ScenarioResult[], colors: Colors): Line[] {
  const told = new Set<string>();
  return scenarios.flatMap(({ name, hidden, findings, racesLeftOut }) => {
    if (findings.length === 0) return [];
    const head = summary(findings, colors);
    const lines = [...linesOf(findings, colors), ...leftOutLines(racesLeftOut)];
    const text = [head, ...lines.map(plain)].join('\n');
    if (told.has(text)) return [];
    told.add(text);
    const where = scenarios.length === 1 ? '' : `${clean(name)}${hidden ? ' (hidden)' : ''}: `;
    return [sentence(`${where}${head}`, '', 2), ...lines];
  });
}

/** In one line. The instruction is left out if the place is shown below. */
export function findingText({ stack, ...finding }: FindingResult): string {
  return describeFinding(stack === null ? finding : { ...finding, pc: null });
}

/** The source line at fault, and its callers; nothing if they are not known. */
export function findingPlace(finding: FindingResult, colors: Colors): Line[] {
  return finding.stack === null ? [] : stackLines(raceLead(finding), finding.stack, colors);
}

function linesOf(findings: readonly FindingResult[], colors: Colors): Line[] {
  const grave = [...of(findings, 'must'), ...of(findings, 'should')];
  const lines = grave.slice(0, MOST_SHOWN).flatMap((one) => {
    const severity = one.severity === 'must' ? colors.red('must  ') : colors.yellow('should');
    return [sentence(clean(findingText(one)), `  ${severity} `), ...findingPlace(one, colors).map((line) => indented(line, PLACE_INDENT))];
  });
  return grave.length > MOST_SHOWN ? [...lines, sentence(`… and ${grave.length - MOST_SHOWN} more`, '  ')] : lines;
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
