/** A result in every report format: each report ends, has a bounded size, and holds nothing that a terminal or a log would act on. */
import { XMLValidator } from 'fast-xml-parser';
import picocolors from 'picocolors';
import type { Evidence } from '../../harness/evidence/evidence.ts';
import { type Subject, wholeText } from '../../harness/report/format.ts';
import { formatNamed, formatNames, reportFormats } from '../../harness/report/index.ts';
import { excerptOf } from '../../harness/report/run-excerpt.ts';
import type { SubmissionResult } from '../../harness/result/result.ts';
import { reportPath } from '../../harness/submission/name.ts';
import { SAMPLE_VALUES } from '../../harness/testkit/format-values.ts';
import { must } from './kind.ts';

/** Characters of one report of one submission. */
const LONGEST = 4 * 2 ** 20;
const PLAIN = picocolors.createColors(false);
const CONTROLS = /[\p{C}\p{Zl}\p{Zp}]/u;

/** Every report of the result, by its file's extension. */
function* reportsOf(subject: Subject): Generator<readonly [extension: string, text: string]> {
  for (const name of formatNames) {
    for (const part of formatNamed(name).parts) {
      const values = SAMPLE_VALUES[name] ?? {};
      const text = part.scope === 'class' ? wholeText(part.render([subject], values, [])) : part.render(subject, values);
      if (text !== null) yield [part.extension, text];
    }
  }
  yield ['terminal', reportFormats.terminal.one(subject.result, PLAIN, null)];
  yield ['terminal table', wholeText(reportFormats.terminal.all([subject.result], PLAIN, null))];
  yield ['json', reportFormats.json.one(subject.result)];
}

function mustBeHarmless(extension: string, text: string): void {
  const shown = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replaceAll(/[\t\n]/g, ' ');
  const control = CONTROLS.exec(shown)?.[0];
  must(control === undefined, `the ${extension} report holds the character U+${control?.codePointAt(0)?.toString(16)}`);
  if (extension.endsWith('json')) JSON.parse(text);
  if (extension.endsWith('xml')) must(XMLValidator.validate(text) === true, `the ${extension} report is not XML`);
}

/** Renders the result in all formats. */
export function mustBeReportable(result: SubmissionResult, evidence: readonly Evidence[]): void {
  const runs = evidence.map(excerptOf);
  for (const [extension, text] of reportsOf({ result, runs, path: reportPath(result.name) })) {
    must(text.length <= LONGEST, `the ${extension} report has ${text.length} characters`);
    mustBeHarmless(extension, text);
  }
}
