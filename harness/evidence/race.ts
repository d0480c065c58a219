/** Races among a run's findings: which are the same, and where each began. */
import type { CodeStack, Explanations } from './explanation.ts';
import type { FindingEvidence } from './finding.ts';

/** Races are one a rule, drive and instruction. */
export function isSameRace(race: FindingEvidence, other: FindingEvidence): boolean {
  return race.rule === other.rule && race.drive === other.drive && race.pc === other.pc;
}

/** The calls that led to it; null for a finding that is not a race, or where nobody has looked. */
export function raceStack(finding: FindingEvidence, explanations: Explanations | null): CodeStack | null {
  return explanations?.races?.find((race) => isSameRace(race.finding, finding))?.stack ?? null;
}

const LEADS: Readonly<Record<string, string>> = { 'race-load': 'read at', 'status-byte-polled': 'polled at' };

/** What stands before the place of a race. */
export function raceLead({ rule }: FindingEvidence): string {
  return LEADS[rule] ?? 'stored at';
}
