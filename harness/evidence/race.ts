/** Races among a run's findings: which are the same, and where each began. */
import type { CodeStack, Explanations } from './explanation.ts';
import type { FindingEvidence } from './finding.ts';

/** One race for each rule, drive and instruction. */
export function isSameRace(race: FindingEvidence, other: FindingEvidence): boolean {
  return race.rule === other.rule && race.drive === other.drive && race.pc === other.pc;
}

/** The calls that led to it; null for a finding that is not a race, or if the calls were not looked up. */
export function raceStack(finding: FindingEvidence, explanations: Explanations | null): CodeStack | null {
  return explanations?.races?.find((race) => isSameRace(race.finding, finding))?.stack ?? null;
}

const LEADS: Readonly<Record<string, string>> = { 'race-load': 'read at', 'status-byte-polled': 'polled at' };

/** What stands before the place of a race. */
export function raceLead({ rule }: FindingEvidence): string {
  return LEADS[rule] ?? 'stored at';
}
