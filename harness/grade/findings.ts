/** A run's findings as reports have them: with those of a repeated run that was watched for races, and the place of each race. */
import type { Evidence } from '../evidence/evidence.ts';
import { isSameRace, raceStack } from '../evidence/race.ts';
import type { FindingResult } from '../result/result.ts';

export function findingResults({ findings, explanations }: Evidence): FindingResult[] {
  const races = (explanations?.races ?? []).map(({ finding }) => finding);
  const added = races.filter((race) => !findings.some((finding) => isSameRace(race, finding)));
  const all = added.length === 0 ? findings : [...findings, ...added].sort((a, b) => a.time - b.time);
  return all.map((finding) => ({ ...finding, stack: raceStack(finding, explanations) }));
}
