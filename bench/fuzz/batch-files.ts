/** A batch's own files as a batch leaves them, to be changed. */
import type { Identity } from '../../harness/batch/identity.ts';
import { namesSha256, sha256 } from '../../harness/batch/identity.ts';
import type { JournalEntry } from '../../harness/batch/journal.ts';
import type { Shard } from '../../harness/batch/shard.ts';
import { reportFormats } from '../../harness/report/index.ts';
import type { SubmissionResult } from '../../harness/result/result.ts';

export const NAMES = ['alice', 'bob', 'carol'];

export function identity(shard: Shard | null): Identity {
  return {
    tool: 'fuzz',
    rubric: 'r',
    images: 'i',
    audience: 'instructor',
    print: 'student',
    attempt: 1,
    explain: 'failures',
    reports: 'f',
    roster: null,
    class: namesSha256(NAMES),
    handIns: 'h',
    shard,
    submissions: NAMES,
    missing: [{ id: 'd', name: 'Dave', columns: { Section: 'A' }, ids: {} }],
  };
}

/** The report of a submission of that name, and its entry. */
export function packed(result: SubmissionResult, name: string): { readonly entry: JournalEntry; readonly report: string } {
  const report = reportFormats.json.one({ ...result, name });
  return { report, entry: { name, kernelSha256: result.kernel?.sha256 ?? null, reportSha256: sha256(report), outcome: result.outcome } };
}
