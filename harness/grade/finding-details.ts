/** What a report shows of a finding besides its sentence: the request that it is about, and who stored the field that is to blame. Pure. */
import { answerTo } from '../checks/index.ts';
import type { Question } from '../checks/kind.ts';
import { descriptorField, originQuestions } from '../checks/origin.ts';
import { headLine, rowsOf } from '../checks/request-drawing.ts';
import type { Evidence, RequestEvidence } from '../evidence/evidence.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import type { Detail } from '../result/result.ts';

/** Findings of one run that have details: as many as are read. */
const MOST_DETAILED = 10;

/** What marks the row of the descriptor whose field is to blame. */
const MARKS: Readonly<Record<NonNullable<FindingEvidence['culprit']>['field'], string>> = {
  address: 'a different address',
  length: 'a different length',
  flags: 'different flags',
  next: 'a different next descriptor',
};

/** Rules that say more exactly how the descriptor should be. */
const OF_RULES: Readonly<Record<string, string>> = {
  'write-data-writable': 'device reads',
  'header-missing': 'device reads',
  'read-data-readable': 'type OUT, or the WRITE flag',
  'buffer-scattered': 'a descriptor for each page',
};

/** The details of each finding. A request is drawn once: with the first finding about it, where that is shown. */
export function findingDetails(findings: readonly FindingEvidence[], evidence: Evidence): Map<FindingEvidence, Detail[]> {
  const drawn = new Set<RequestEvidence>();
  const details = new Map<FindingEvidence, Detail[]>();
  for (const finding of shown(findings)) {
    const request = requestOf(finding, evidence);
    if (request === undefined) continue;
    const drawing: Detail = { kind: 'request', text: headLine(request), rows: rowsOf(request, (piece) => mark(finding, piece.descriptor)) };
    const isNew = !drawn.has(request) || finding.culprit !== null;
    drawn.add(request);
    const answers = questionsOf(finding, request).map((question) => answerTo(question, evidence.explanations));
    details.set(finding, [...(isNew ? [drawing] : []), ...answers]);
  }
  return details;
}

/** What a repeated run is to find out about the findings of a run. */
export function findingQuestions(evidence: Evidence): Question[] {
  return shown(evidence.findings).flatMap((finding) => {
    const request = requestOf(finding, evidence);
    return request === undefined ? [] : questionsOf(finding, request);
  });
}

/** In the order in which reports show them. */
function shown(findings: readonly FindingEvidence[]): FindingEvidence[] {
  const of = (severity: FindingEvidence['severity']) => findings.filter((one) => one.severity === severity);
  return [...of('must'), ...of('should')].slice(0, MOST_DETAILED);
}

function requestOf({ drive, request }: FindingEvidence, { requests }: Evidence): RequestEvidence | undefined {
  return request === null ? undefined : requests.find((one) => one.drive === drive && one.number === request);
}

function mark({ rule, culprit }: FindingEvidence, position: number): string[] {
  return culprit?.position === position ? [OF_RULES[rule] ?? MARKS[culprit.field]] : [];
}

function questionsOf({ culprit }: FindingEvidence, request: RequestEvidence): Question[] {
  return culprit === null ? [] : originQuestions(descriptorField(request, culprit.position, culprit.field), request);
}
