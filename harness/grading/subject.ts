/** What report formats get to see of a submission. */
import { studentVersion } from '../grade/audience.ts';
import type { Subject } from '../report/format.ts';
import type { SubmissionResult } from '../result/result.ts';
import { reportPath } from '../submission/name.ts';

/** For the class's files, which show nothing of the runs themselves. */
export function classSubject(result: SubmissionResult): Subject {
  return { result, runs: [], path: reportPath(result.name) };
}

/** The same as students may see it. */
export function subjectForStudents({ result, runs, path }: Subject): Subject {
  if (result.audience === 'student') return { result, runs, path };
  const version = studentVersion(result);
  const visible = new Set(version.scenarios.map(({ name }) => name));
  return { result: version, runs: runs.filter(({ scenario }) => visible.has(scenario)), path };
}
