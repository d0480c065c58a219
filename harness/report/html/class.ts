/** The page of a class: how it did as a whole, and a table of submissions that sorts and filters. */
import { type Student, type SubmissionResult, submissionOutcomeSchema } from '../../result/result.ts';
import { handInText, shownAttempts } from '../attempts.ts';
import { PLAIN } from '../entries.ts';
import type { Subject } from '../format.ts';
import { columnTexts } from '../students.ts';
import { firstFailure } from '../table.ts';
import { clean, count, mark, points, score } from '../words.ts';
import { checkAnchor } from './anchors.ts';
import { CLASS_SCRIPT, CLASS_SCRIPT_SHA256 } from './class-script.ts';
import { type Group, groups, type Member } from './groups.ts';
import { html, type Markup, trusted } from './markup.ts';
import { page } from './page.ts';
import { type CheckCount, checkCounts, distribution, mean, median } from './statistics.ts';

/** Names that a group lists at once. */
const NAMES = 200;

/** `missing`: students of the roster who handed in nothing. */
export function classPage(all: readonly Subject[], missing: readonly Student[] = []): string {
  const shown = new Set(shownAttempts(all.map(({ result }) => result)));
  const subjects = all.filter(({ result }) => shown.has(result));
  const results = [...shown];
  const title = results[0]?.title ?? 'No submissions';
  const checks = checkCounts(results);
  const body = html`<h1><bdi>${title}</bdi></h1>
${countsSection(results)}
${contents({ checks: checks.length > 0, failures: results.some(({ outcome }) => outcome !== 'passed') })}
${distributionSection(results)}
${checksSection(checks, results.length)}
${groupsSection(subjects)}
${tableSection(subjects, checks)}
${missingSection(missing)}
<footer><p>${results[0]?.tool ?? null}</p><p>rubric <span class="mono">${results[0]?.rubric.sha256 ?? null}</span></p></footer>`;
  return page({ title: `Class: ${title}`, body, script: { text: CLASS_SCRIPT, sha256: CLASS_SCRIPT_SHA256 } });
}

function countsSection(results: readonly SubmissionResult[]): Markup {
  const [middle, average] = [median(results), mean(results)];
  const most = Math.max(0, ...results.map(({ maxScore }) => maxScore));
  return html`<p class="counts"><span><b>${results.length}</b> ${results.length === 1 ? 'submission' : 'submissions'}</span>
${submissionOutcomeSchema.options.map((outcome) => outcomeCount(outcome, results.filter((result) => result.outcome === outcome).length))}
${middle === null ? null : html`<span><b>${points(middle)}</b> of ${points(most)}: median score</span>`}
${average === null ? null : html`<span><b>${points(average)}</b> mean score</span>`}</p>`;
}

/** Links to the page's sections: to those about checks and failures where there are any. */
function contents({ checks, failures }: { checks: boolean; failures: boolean }): Markup {
  const link = (id: string, label: string) => html`<a href="${`#${id}`}">${label}</a> `;
  return html`<nav aria-label="On this page">
${link('scores', 'Scores')}${checks ? link('checks', 'Checks') : null}${failures ? link('alike', 'Alike') : null}${link('table', 'Submissions')}
</nav>`;
}

/** In the outcome's colour where there are any. */
function outcomeCount(outcome: string, number: number): Markup {
  return html`<span class="${number === 0 ? 'dim' : outcome}"><b>${number}</b> ${outcome}</span>`;
}

/** Columns of a histogram. */
function distributionSection(results: readonly SubmissionResult[]): Markup {
  const buckets = distribution(results);
  const largest = Math.max(1, ...buckets.map(({ count: number }) => number));
  const words = buckets.filter(({ count: number }) => number > 0).map(({ label, count: number }) => `${label}: ${number}`);
  const width = 100 / buckets.length;
  return html`<h2 id="scores">Scores</h2>
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
  const outcomes = ['failed', 'errored', 'skipped'] as const;
  return html`<h2 id="checks">Checks that fail most</h2>
<table class="bars" aria-label="${`Checks by failures, of ${count(total, 'submission')}`}"><tbody>
${checks.map((check) => {
  const there = outcomes.filter((outcome) => check[outcome] > 0);
  return html`<tr id="${checkAnchor(check.id)}"><th scope="row"><a href="${`#check=${encodeURIComponent(check.id)}`}"><bdi>${check.label}</bdi></a></th>
<td class="number">${there.map((outcome) => `${check[outcome]} ${outcome}`).join(', ')}</td>
<td class="wide" aria-hidden="true"><div class="meter">${there.map((outcome) => html`<div class="${outcome}" style="width:${percent(check[outcome], total)}%"></div>`)}</div></td></tr>`;
})}
</tbody></table>`;
}

function percent(part: number, whole: number): number {
  return Math.round((part / whole) * 1000) / 10;
}

function groupsSection(subjects: readonly Subject[]): Markup | null {
  const all = groups(subjects);
  const alike = all.filter(({ members }) => members.length > 1);
  const alone = all.filter(({ members }) => members.length === 1);
  if (all.length === 0) return null;
  return html`<h2 id="alike">Submissions that fail alike</h2>
${alike.map(groupItem)}
${
  alone.length === 0
    ? null
    : html`<details><summary><b>${count(alone.length, 'submission')}</b> that ${alone.length === 1 ? 'fails' : 'fail'} like no other</summary><div>
<ul>${alone.map(({ cause, checks, members }) => html`<li>${memberLink(members[0]!)}: ${cause}${checksText(checks)}</li>`)}</ul></div></details>`
}`;
}

function groupItem({ cause, checks, members }: Group): Markup {
  const rest = members.length - NAMES;
  return html`<details><summary><b>${count(members.length, 'submission')}</b>: ${cause}</summary><div>
${checks.length === 0 ? null : html`<p class="dim">Failed: ${checks.join(', ')}</p>`}
<p>${members.slice(0, NAMES).map((member, index) => html`${index === 0 ? null : ', '}${memberLink(member)}`)}${rest > 0 ? ` and ${rest} more` : null}</p></div></details>`;
}

function checksText(checks: readonly string[]): Markup | null {
  return checks.length === 0 ? null : html` <span class="dim">(failed: ${checks.join(', ')})</span>`;
}

function memberLink({ subject, source }: Member): Markup {
  return html`${linkTo(subject)}${source === null ? null : html` <span class="dim">${`${source.file}:${source.line}`}</span>`}`;
}

/** The page of a submission, from the class's. */
function addressOf({ path }: Subject): string {
  return `./${path.split('/').map(encodeURIComponent).join('/')}.html`;
}

function linkTo(subject: Subject): Markup {
  return html`<a href="${addressOf(subject)}"><bdi>${subject.result.name}</bdi></a>`;
}

const COLUMNS = ['Submission', 'Outcome', 'Points', 'First problem'] as const;

/** Results come in the order of their names. */
const SORTED = trusted(' aria-sort="ascending"');

function tableSection(subjects: readonly Subject[], checks: readonly CheckCount[]): Markup {
  const outcomes = [...new Set(subjects.map(({ result }) => result.outcome))];
  return html`<h2 id="table">Submissions</h2>
<div class="controls" id="controls" hidden>
<label>Search <input id="filter-text" type="search"></label>
<label>Outcome <select id="filter-outcome"><option value="">all</option>${outcomes.map((outcome) => html`<option>${outcome}</option>`)}</select></label>
<label>Did not pass <select id="filter-check"><option value="">any check</option>${checks.map(({ id }) => html`<option>${id}</option>`)}</select></label>
<span id="shown" role="status"></span>
</div>
<table id="submissions"><thead><tr>${COLUMNS.map((name, index) => html`<th scope="col"${index === 0 ? SORTED : null}><button type="button">${name}</button></th>`)}</tr></thead>
<tbody>
${subjects.map(submissionRow)}
</tbody></table>`;
}

function missingSection(missing: readonly Student[]): Markup | null {
  if (missing.length === 0) return null;
  return html`<h2 id="missing">Without a submission</h2>
<ul>${missing.map((student) => html`<li>${studentMarkup(student)}</li>`)}</ul>`;
}

function studentMarkup({ id, name, columns }: Student): Markup {
  return html`<bdi>${name}</bdi> <span class="dim">${id}${columnTexts(columns).map((text) => html` · <bdi>${text}</bdi>`)}</span>`;
}

function submissionRow(subject: Subject): Markup {
  const { result } = subject;
  const { name, students, outcome, checks } = result;
  const failed = checks.filter((check) => check.outcome !== 'passed').map(({ id }) => clean(id));
  const problem = firstFailure(result);
  const first = checks.find((check) => check.outcome === 'failed' || check.outcome === 'errored');
  return html`<tr data-outcome="${outcome}" data-failed="${failed.join(' ')}"><td data-key="${name.toLowerCase()}">${linkTo(subject)}${students.map((student) => html`<br>${studentMarkup(student)}`)}${handInText(result.handIn) === '' ? null : html`<br><span class="dim">${handInText(result.handIn)}</span>`}</td>
<td data-key="${outcome}" class="${outcome}"><span aria-hidden="true">${mark(PLAIN, outcome)}</span> ${outcome}</td>
<td class="number" data-key="${result.score ?? -1}">${score(result.score, result.maxScore)}</td>
<td data-key="${problem.toLowerCase()}">${first === undefined || problem === '' ? problem : html`<a href="${`${addressOf(subject)}#${checkAnchor(first.id)}`}">${problem}</a>`}</td></tr>`;
}
