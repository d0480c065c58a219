/**
 * GitLab's code quality report: what there is to mend at the student's lines. GitLab shows it in merge requests, at the lines that changed.
 *
 * A remark without a line is left out: GitLab shows none of these, and the JUnit report has them. Reference: GitLab's documentation, "Code
 * Quality", "Report format" (description, check_name, fingerprint, severity, location).
 */
import { sha256 } from '../bytes/sha256.ts';
import { jsonText } from '../evidence/json-text.ts';
import { format, type Subject } from './format.ts';
import { errorsOf, headline, type Remark, warningsOf } from './remarks.ts';
import { clean } from './words.ts';

const SEVERITY = { error: 'major', warning: 'minor' } as const satisfies Record<Remark['severity'], string>;

export const codequality = format({
  describe: "GitLab's code quality report",
  audience: 'print',
  options: {},
  parts: [{ scope: 'class', extension: 'codequality.json', render: (subjects) => `${jsonText(report(subjects), 2)}\n` }],
});

function report(subjects: readonly Subject[]): object[] {
  const several = subjects.length > 1;
  return subjects.flatMap(({ result }) => {
    const name = several ? `${clean(result.name)}: ` : '';
    const issues = [...errorsOf(result), ...warningsOf(result)].flatMap((remark) => issue(remark, name));
    // GitLab takes issues of one fingerprint for one.
    return [...new Map(issues.map((one) => [one.fingerprint, one])).values()];
  });
}

function issue(remark: Remark, name: string) {
  const { severity, place, id, reason } = remark;
  // A path that begins elsewhere is none of the repository's.
  if (place === null || place.file.startsWith('/')) return [];
  const { file, line } = place;
  return [
    {
      description: `${name}${headline(remark)}`,
      check_name: id,
      fingerprint: sha256([name, id, file, line, reason].join('\n')),
      severity: SEVERITY[severity],
      location: { path: file, lines: { begin: line } },
    },
  ];
}
