/** The checks of a submission: one that passed is a line, any other opens to its explanation. */
import type { CheckResult, Detail, ScenarioResult, SubmissionResult } from '../../result/result.ts';
import { contextOf, linesOf, reasonAbove } from '../details.ts';
import { type Entry, entriesOf, PLAIN, unlistedText } from '../entries.ts';
import { type Line, plain } from '../lines.ts';
import { mark, score } from '../words.ts';
import { checkAnchor } from './anchors.ts';
import { chainDrawing } from './chain.ts';
import type { Layout } from './layout.ts';
import { html, type Markup } from './markup.ts';

export function checksSection(result: SubmissionResult, layout: Layout): Markup {
  return html`<h2>Checks</h2>
<ul class="checks">
${entriesOf(result).map((entry) => html`<li id="${checkAnchor(entry.id)}">${checkItem(entry, result.scenarios, layout)}</li>`)}
</ul>
${result.unlistedChecks === null ? null : html`<p class="dim">${unlistedText(result.unlistedChecks)}</p>`}`;
}

function checkItem(entry: Entry, scenarios: readonly ScenarioResult[], layout: Layout): Markup {
  const { outcome, label, check, lines, reason } = entry;
  const points = pointsOf(entry);
  const row = html`<span class="row"><span class="mark ${outcome}" aria-hidden="true">${mark(PLAIN, outcome)}</span>
<bdi class="grow">${label}</bdi><b class="${outcome}">${points}</b></span>`;
  if (check === null || lines.length === 0 || outcome === 'skipped') {
    return html`<div class="plain">${row}${reason === null || outcome === 'failed' ? null : html`<p class="dim">${reason}</p>`}</div>`;
  }
  if (layout.isBeside(check)) {
    const link = html`<a href="#${layout.anchorOf(check.scenario)}">beside the console of <bdi>${check.scenario}</bdi></a>`;
    return html`<div class="plain">${row}<p>${reason === null ? null : html`${reason}: `}${link}</p></div>`;
  }
  return html`<details${outcome === 'failed' ? html` open` : null}><summary>${row}</summary><div>${contextMarkup(check, scenarios, layout)}${explanation(check)}</div></details>`;
}

function pointsOf({ outcome, score: given, maxScore }: Pick<Entry, 'outcome' | 'score' | 'maxScore'>): string {
  return outcome === 'skipped' || outcome === 'errored' ? outcome : score(given, maxScore);
}

/** Which run it is about, with a link to it, and what was done to that on purpose. */
function contextMarkup(check: CheckResult, scenarios: readonly ScenarioResult[], { anchorOf }: Layout): Markup {
  const { scenario, faults } = contextOf(check, scenarios);
  const anchor = anchorOf(check.scenario);
  const name = html`<bdi>${scenario}</bdi>`;
  const run = scenario === null ? html`<a href="#${anchor}">Its run</a>` : html`Scenario <a href="#${anchor}">${name}</a>`;
  return html`${anchor === null ? null : html`<p class="dim">${run}</p>`}
${faults.map(faultMarkup)}
`;
}

/** What failed in a run, to be shown beside its console; null if nothing did. */
export function failuresOf(result: SubmissionResult, scenario: string, { isBeside }: Layout): Markup | null {
  const failed = entriesOf(result).flatMap((entry) => {
    const { check, lines } = entry;
    return check?.scenario === scenario && lines.length > 0 && isBeside(check) ? [{ entry, check }] : [];
  });
  if (failed.length === 0) return null;
  return html`<h3>What failed</h3>
${failed.map(
  ({
    entry,
    check,
  }) => html`<div class="told"><p class="row"><a class="grow" href="#${checkAnchor(entry.id)}">${entry.label}</a><b class="failed">${pointsOf(entry)}</b></p>
${explanation(check)}</div>`,
)}`;
}

function explanation(check: CheckResult): Markup {
  const { details, hint } = check;
  const reason = reasonAbove(check);
  return html`${reason === null ? null : html`<p>${reason}</p>`}
${details.map(detailMarkup)}
${hint === null ? null : html`<p class="hint"><b>Hint:</b> ${hint}</p>`}`;
}

export function faultMarkup(fault: string): Markup {
  return html`<p><b>Fault on purpose:</b> ${fault}</p>`;
}

export function detailMarkup(detail: Detail): Markup | null {
  switch (detail.kind) {
    case 'text':
      return html`<p>${detail.text}</p>`;
    case 'expected':
      return html`<p><b class="passed">expected</b> <code>${detail.text}</code></p>`;
    case 'found':
      return html`<p><b class="failed">found</b> <code>${detail.text}</code></p>`;
    case 'request':
      return html`<p>${detail.text}</p>${chainDrawing({ links: detail.rows, leftOut: 0 })}`;
    case 'origin':
    case 'printed':
    case 'code':
      return linesMarkup(linesOf(detail, PLAIN), 'Source lines');
    case 'difference':
      return differenceMarkup(detail);
  }
}

/** As the terminal has them, with the source lines among them marked. */
export function linesMarkup(lines: readonly Line[], label: string): Markup | null {
  if (lines.length === 0) return null;
  const rows = lines.map((line) => html`<span class="${line.code ?? 'same'}">${plain(line)}</span>`);
  return html`<pre tabindex="0" role="group" aria-label="${label}">${rows}</pre>`;
}

function differenceMarkup({ lines }: Extract<Detail, { kind: 'difference' }>): Markup {
  const rows = lines.map(({ sign, text, note }) => {
    const line = `${sign} ${text}${note === undefined ? '' : `  ${note}`}`;
    return html`<span class="${sign === '-' ? 'found' : sign === '+' ? 'wanted' : 'same'}">${line}</span>`;
  });
  const label = lines.every(({ sign }) => sign === ' ') ? 'The end of the console' : 'Difference: lines with − found, with + expected';
  return html`<pre tabindex="0" role="group" aria-label="${label}">${rows}</pre>`;
}
