/** The page of one submission: its checks, and what came of each run. */
import type { SubmissionResult } from '../../result/result.ts';
import { buildLines, ownWarnings, warningLines, warningsHead } from '../build-lines.ts';
import { noteLines } from '../ends.ts';
import { PLAIN } from '../entries.ts';
import type { Subject } from '../format.ts';
import { pointLines } from '../point-lines.ts';
import { aboutText } from '../students.ts';
import { clean, heading, kernelChoice, mark, score } from '../words.ts';
import { checksSection, linesMarkup } from './checks.ts';
import { layoutOf } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { page } from './page.ts';
import { runsSection } from './runs.ts';

/** `path` is null where there is no page of a class. */
export function submissionPage({ result, runs, path }: Omit<Subject, 'path'> & { readonly path: string | null }): string {
  const layout = layoutOf(result, runs);
  const body = html`${
    path === null
      ? null
      : html`<nav><a href="${classAddress(path)}">The class</a></nav>
`
  }${titleSection(result)}
${checksSection(result, layout)}
${warningsSection(result)}
${runsSection(result, runs, layout)}
${noteLines(result).map((line) => html`<p>${line}</p>`)}
${footer(result)}`;
  return page({ title: `${heading(result)}: ${result.title}`, body });
}

/** Warnings that are listed. */
const WARNINGS = 30;

/** A kernel with warnings may be right: they are folded. */
function warningsSection(result: SubmissionResult): Markup | null {
  const { length } = ownWarnings(result);
  const [, ...lines] = warningLines(result, PLAIN, WARNINGS);
  if (length === 0) return null;
  return html`<details><summary>${warningsHead(length).replace(/:$/, '')}</summary><div>${linesMarkup(lines, 'Warnings')}</div></details>`;
}

/** The page of the class, from a submission's. */
function classAddress(path: string): string {
  return `${path.split('/').length === 1 ? './' : '../'.repeat(path.split('/').length - 1)}class.html`;
}

function titleSection(result: SubmissionResult): Markup {
  const total = result.score === null ? 'errored' : score(result.score, result.maxScore);
  return html`<h1><bdi>${heading(result)}</bdi></h1>
<p><bdi>${result.title}</bdi></p>
${aboutText(result) === '' ? null : html`<p class="dim"><bdi>${aboutText(result)}</bdi></p>`}
<p class="total ${result.outcome}"><span aria-hidden="true">${mark(PLAIN, result.outcome)}</span> ${total} <small>${result.outcome}</small></p>
${pointLines(result).map((line) => html`<p>${line}</p>`)}
${result.score === null ? html`<p>The grader failed, not the submission: there is no score (of ${result.maxScore}).</p>` : null}
${kernelChoice(result) === null ? null : html`<p>Note: ${kernelChoice(result)}</p>`}
${result.reason === null ? null : html`<p class="${result.outcome}">${result.reason}</p>`}
${linesMarkup(buildLines(result, PLAIN), 'The build')}`;
}

function footer({ tool, attempt, rubric, kernel }: SubmissionResult): Markup {
  return html`<footer><p>${tool} · attempt ${attempt}</p>
<p>rubric <span class="mono">${rubric.sha256}</span></p>
<p>kernel ${kernel === null ? 'none' : html`<bdi>${clean(kernel.file)}</bdi> <span class="mono">${kernel.sha256}</span>`}</p></footer>`;
}
