/**
 * JUnit XML, as Jenkins, GitLab and annotation actions read it: a suite for each submission, a case for each check.
 *
 * GitLab shows `classname` as the suite and drops cases whose names repeat, so a case's class is the submission. There is no
 * `time`: a result knows none. Reference: the schema junit-10.xsd of Jenkins' xUnit plugin (`file` and `line`, which GitLab and
 * annotation actions read, are not in it: they are there only where a line of the student's source is known).
 */
import type { SubmissionResult } from '../result/result.ts';
import { buildLines, warningLines } from './build-lines.ts';
import { stopLines } from './ends.ts';
import { type Entry, entriesOf, PLAIN } from './entries.ts';
import { format, type Subject } from './format.ts';
import { type Line, plain } from './lines.ts';
import { sourceLine } from './source-line.ts';
import { aboutText } from './students.ts';
import { clean, points } from './words.ts';

export const junit = format({
  describe: 'JUnit XML, a suite for each submission',
  audience: 'print',
  options: {},
  parts: [{ scope: 'class', extension: 'junit.xml', render: junitReport }],
});

function* junitReport(subjects: readonly Subject[]): Iterable<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n';
  for (const { result } of subjects) yield `${suite(result).join('\n')}\n`;
  yield '</testsuites>\n';
}

function suite(result: SubmissionResult): string[] {
  const entries = entriesOf(result);
  const number = (outcome: Entry['outcome']) => entries.filter((entry) => entry.outcome === outcome).length;
  const built = buildCase(result);
  const cases = built.length > 0 ? 1 : 0;
  const counts = {
    tests: entries.length + cases,
    failures: number('failed') + cases,
    errors: number('errored'),
    skipped: number('skipped'),
  };
  const about = aboutText(result);
  const out = [...(result.reason === null ? [] : [clean(result.reason)]), ...outLines(result).map(plain)];
  return [
    `  <testsuite${attributes({ name: clean(result.name), ...counts })}>`,
    '    <properties>',
    `      <property${attributes({ name: 'title', value: clean(result.title) })}/>`,
    ...(about === '' ? [] : [`      <property${attributes({ name: 'student', value: about })}/>`]),
    ...(result.score === null ? [] : [`      <property${attributes({ name: 'score', value: points(result.score) })}/>`]),
    `      <property${attributes({ name: 'max-score', value: points(result.maxScore) })}/>`,
    '    </properties>',
    ...built,
    ...entries.flatMap((entry) => testCase(entry, result)),
    `    <system-out>${escapeXml(out.join('\n'))}</system-out>`,
    '  </testsuite>',
  ];
}

function outLines(result: SubmissionResult): Line[] {
  return [...buildLines(result, PLAIN), ...stopLines(result, PLAIN), ...warningLines(result, PLAIN)];
}

/** A build that failed is a case of its own, at the first line of the student's that the compiler complained of; the checks fail for it. */
function buildCase(result: SubmissionResult): string[] {
  const { name, build, reason } = result;
  if (build?.outcome !== 'failed') return [];
  const first = build.messages.find(({ severity, path }) => severity === 'error' && path !== undefined);
  const place = first?.path === undefined ? {} : { file: clean(first.path), ...(first.line === null ? {} : { line: first.line }) };
  const message = clean(reason ?? build.reason ?? '');
  const text = escapeXml([message, ...buildLines(result, PLAIN).map(plain)].join('\n'));
  return [
    `    <testcase${attributes({ classname: clean(name), name: 'build', ...place })}>`,
    `      <failure${attributes({ type: 'failed', message })}>${text}</failure>`,
    '    </testcase>',
  ];
}

function testCase(entry: Entry, { name, reason }: SubmissionResult): string[] {
  const source = entry.check === null ? null : sourceLine(entry.check.details);
  const open = `    <testcase${attributes({ classname: clean(name), name: entry.label, ...(source ?? {}) })}`;
  const message = entry.reason ?? '';
  const text = escapeXml((entry.lines.length > 0 ? entry.lines : [entry.reason ?? reason ?? '']).join('\n'));
  switch (entry.outcome) {
    case 'passed':
      return [`${open}/>`];
    case 'skipped':
      return [`${open}>`, `      <skipped${attributes({ message })}/>`, '    </testcase>'];
    case 'failed':
      return [`${open}>`, `      <failure${attributes({ type: 'failed', message })}>${text}</failure>`, '    </testcase>'];
    case 'errored':
      return [`${open}>`, `      <error${attributes({ type: 'errored', message })}>${text}</error>`, '    </testcase>'];
  }
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Of text that `clean` has been over: characters that XML cannot hold at all are gone. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
