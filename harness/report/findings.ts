/** What a driver does against the specification, below a report's checks: each rule it must or should keep, and how many notes there are. */
import type { FindingEvidence } from '../evidence/evidence.ts';
import { describeFinding } from '../evidence/finding.ts';
import type { ScenarioResult } from '../grade/result.ts';
import { type Colors, clean, count } from './words.ts';

/** Findings of one scenario that are shown. */
const MOST_SHOWN = 20;

/** Scenarios that found the same say it once. */
export function findingLines(scenarios: readonly ScenarioResult[], colors: Colors): string[] {
  const told = new Set<string>();
  return scenarios.flatMap(({ name, hidden, findings }) => {
    if (findings.length === 0) return [];
    const lines = [summary(findings, colors), ...linesOf(findings, colors)];
    const text = lines.join('\n');
    if (told.has(text)) return [];
    told.add(text);
    const where = scenarios.length === 1 ? '' : `${clean(name)}${hidden ? ' (hidden)' : ''}: `;
    return [` ${where}${lines[0]}`, ...lines.slice(1)];
  });
}

function linesOf(findings: readonly FindingEvidence[], colors: Colors): string[] {
  const grave = [...of(findings, 'must'), ...of(findings, 'should')];
  const lines = grave.slice(0, MOST_SHOWN).map((one) => {
    const severity = one.severity === 'must' ? colors.red('must  ') : colors.yellow('should');
    return `   ${severity} ${clean(describeFinding(one))}`;
  });
  return grave.length > MOST_SHOWN ? [...lines, `   … and ${grave.length - MOST_SHOWN} more`] : lines;
}

function summary(findings: readonly FindingEvidence[], colors: Colors): string {
  const notes = of(findings, 'note').length;
  const told = `${count(notes, 'note')} on the virtio specification (in the JSON report)`;
  if (notes === findings.length) return colors.dim(told);
  return `not as the virtio specification has it${notes === 0 ? '' : `, and ${told}`}:`;
}

function of(findings: readonly FindingEvidence[], severity: FindingEvidence['severity']): FindingEvidence[] {
  return findings.filter((one) => one.severity === severity);
}
