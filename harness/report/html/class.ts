/** The page of a class: how it did as a whole, and a table of submissions that sorts and filters. */
import type { SubmissionResult } from '../../grade/result.ts';
import { PLAIN } from '../entries.ts';
import type { Subject } from '../format.ts';
import { firstFailure } from '../table.ts';
import { clean, count, mark, points, score } from '../words.ts';
import { CLASS_SCRIPT, CLASS_SCRIPT_SHA256 } from './class-script.ts';
import { html, type Markup } from './markup.ts';
import { page } from './page.ts';
import { type CheckCount, checkCounts, distribution, groups, median } from './statistics.ts';

/** Names that a group lists at once. */
const NAMES = 200;

export function classPage(subjects: readonly Subject[]): string {
  const results = subjects.map(({ result }) => result);
  const title = results[0]?.title ?? 'No submissions';
  const checks = checkCounts(results);
  const body = html`<h1><bdi>${title}</bdi></h1>
${countsSection(results)}
${distributionSection(results)}
${checksSection(checks, results.length)}
${groupsSection(results)}
${tableSection(subjects, checks)}
<footer><p>${results[0]?.tool ?? null}</p><p>rubric <span class="mono">${results[0]?.rubric.sha256 ?? null}</span></p></footer>`;
  return page({ title: `Class: ${title}`, body, script: { text: CLASS_SCRIPT, sha256: CLASS_SCRIPT_SHA256 } });
}

function countsSection(results: readonly SubmissionResult[]): Markup {
  const middle = median(results);
  const outcomes = ['passed', 'failed', 'errored'] as const;
  const most = Math.max(0, ...results.map(({ maxScore }) => maxScore));
  return html`<p class="counts"><span><b>${results.length}</b> ${results.length === 1 ? 'submission' : 'submissions'}</span>
${outcomes.map((outcome) => html`<span class="${outcome}"><b>${results.filter((result) => result.outcome === outcome).length}</b> ${outcome}</span>`)}
${middle === null ? null : html`<span><b>${points(middle)}</b> of ${points(most)}: median score</span>`}</p>`;
}

function bars(rows: readonly { label: Markup; value: number; says: string }[], label: string): Markup {
  const largest = Math.max(1, ...rows.map(({ value }) => value));
  return html`<table class="bars" aria-label="${label}"><tbody>
${rows.map(
  (row) => html`<tr><th scope="row">${row.label}</th><td class="number">${row.says}</td>
<td class="wide" aria-hidden="true" width="50%"><div class="meter" style="width:${Math.round((row.value / largest) * 100)}%"></div></td></tr>`,
)}
</tbody></table>`;
}

/** Columns of a histogram. */
function distributionSection(results: readonly SubmissionResult[]): Markup {
  const buckets = distribution(results);
  const largest = Math.max(1, ...buckets.map(({ count: number }) => number));
  const words = buckets.filter(({ count: number }) => number > 0).map(({ label, count: number }) => `${label}: ${number}`);
  const width = 100 / buckets.length;
  return html`<h2>Scores</h2>
<svg role="img" aria-label="${`Distribution of scores. ${words.join(', ')}`}" width="100%" height="150">
${buckets.map(({ count: number }, index) => {
  const height = (number / largest) * 100;
  return html`<rect class="bar" x="${index * width + 0.5}%" y="${122 - height}" width="${width - 1}%" height="${height}"/>
${number === 0 ? null : html`<text class="small" x="${(index + 0.5) * width}%" y="${116 - height}" text-anchor="middle">${number}</text>`}
<text class="small" x="${(index + 0.5) * width}%" y="140" text-anchor="middle">${index * 10}</text>`;
})}
<line class="axis" x1="0" x2="100%" y1="122" y2="122"/>
</svg>
<p class="dim">Percent of the points, in tenths; full marks at 100.</p>`;
}

function checksSection(checks: readonly CheckCount[], total: number): Markup | null {
  if (checks.length === 0) return null;
  const rows = checks.map(({ label, failed, skipped, errored }) => ({
    label: html`<bdi>${label}</bdi>`,
    value: failed,
    says: [`${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : []), ...(errored > 0 ? [`${errored} errored`] : [])].join(', '),
  }));
  return html`<h2>Checks that fail most</h2>${bars(rows, `Checks by failures, of ${total} submissions`)}`;
}

function groupsSection(results: readonly SubmissionResult[]): Markup | null {
  const alike = groups(results);
  if (alike.length === 0) return null;
  return html`<h2>Submissions that fail alike</h2>
${alike.map(({ problem, names }) => {
  const rest = names.length - NAMES;
  return html`<details><summary><b>${count(names.length, 'submission')}</b>: ${problem}</summary><div>
<p>${names.slice(0, NAMES).map((name, index) => html`${index === 0 ? null : ', '}<bdi>${name}</bdi>`)}${rest > 0 ? ` and ${rest} more` : null}</p></div></details>`;
})}`;
}

const COLUMNS = ['Submission', 'Outcome', 'Points', 'First problem'] as const;

function tableSection(subjects: readonly Subject[], checks: readonly CheckCount[]): Markup {
  const outcomes = [...new Set(subjects.map(({ result }) => result.outcome))];
  return html`<h2>Submissions</h2>
<div class="controls" id="controls" hidden>
<label>Search <input id="filter-text" type="search"></label>
<label>Outcome <select id="filter-outcome"><option value="">all</option>${outcomes.map((outcome) => html`<option>${outcome}</option>`)}</select></label>
<label>Did not pass <select id="filter-check"><option value="">any check</option>${checks.map(({ id }) => html`<option>${id}</option>`)}</select></label>
<span id="shown" role="status"></span>
</div>
<div class="scroll" tabindex="0" role="region" aria-label="Table of submissions">
<table id="submissions"><thead><tr>${COLUMNS.map((name) => html`<th scope="col"><button type="button">${name}</button></th>`)}</tr></thead>
<tbody>
${subjects.map(submissionRow)}
</tbody></table></div>`;
}

function submissionRow({ result, path }: Subject): Markup {
  const { name, student, outcome, checks } = result;
  const failed = checks.filter((check) => check.outcome !== 'passed').map(({ id }) => clean(id));
  const problem = firstFailure(result);
  const href = `${path.split('/').map(encodeURIComponent).join('/')}.html`;
  return html`<tr data-outcome="${outcome}" data-failed="${failed.join(' ')}"><td data-key="${name.toLowerCase()}"><a href="./${href}"><bdi>${name}</bdi></a>${student === null ? null : html`<br><bdi>${student.name}</bdi> <span class="dim">${student.id}</span>`}</td>
<td data-key="${outcome}" class="${outcome}"><span aria-hidden="true">${mark(PLAIN, outcome)}</span> ${outcome}</td>
<td class="number" data-key="${result.score ?? -1}">${score(result.score, result.maxScore)}</td>
<td data-key="${problem.toLowerCase()}">${problem}</td></tr>`;
}
