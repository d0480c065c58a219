/** The places of a run's findings: which findings are the same, and where each was first seen. */
import type { CodeStack } from './code-place.ts';
import type { Explanations } from './explanation.ts';
import type { FindingEvidence } from './finding.ts';

/** One finding for each rule and drive; of races one for each instruction, too. */
export function isSameFinding(finding: FindingEvidence, other: FindingEvidence): boolean {
  return finding.rule === other.rule && finding.drive === other.drive && finding.pc === other.pc;
}

/** The calls that led to it; null if they were not looked up. */
export function findingStack(finding: FindingEvidence, explanations: Explanations | null): CodeStack | null {
  return explanations?.findings.find((one) => isSameFinding(one.finding, finding))?.stack ?? null;
}

const LEADS: Readonly<Record<string, string>> = {
  'race-load': 'read at',
  'status-byte-polled': 'polled at',
  'race-store': 'stored at',
  'race-descriptor': 'stored at',
  'queue-outside-memory': 'placed at',
  'queue-missing': 'notified at',
  'notify-without-chain': 'notified at',
  'avail-index-jumped': 'notified at',
};

/** What stands before the place of a finding. */
export function findingLead({ rule, request }: FindingEvidence): string {
  return LEADS[rule] ?? (request === null ? 'at' : 'notified at');
}
