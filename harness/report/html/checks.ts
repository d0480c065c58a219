/** The checks of a submission: one that passed is a line, any other opens to its explanation. */
import type { CheckResult, Detail, ScenarioResult, SubmissionResult } from '../../result/result.ts';
import { contextOf, linesOf, reasonAbove } from '../details.ts';
import { type Entry, entriesOf, PLAIN, unlistedText } from '../entries.ts';
import { type Line, plain } from '../lines.ts';
import { mark, score } from '../words.ts';
import { checkAnchor } from './anchors.ts';
import { chainDrawing } from './chain.ts';
import { html, type Markup } from './markup.ts';

export function checksSection(result: SubmissionResult): Markup {
  return html`<h2>Checks</h2>
<ul class="checks">
${entriesOf(result).map((entry) => html`<li id="${checkAnchor(entry.id)}">${checkItem(entry, result.scenarios)}</li>`)}
</ul>
${result.unlistedChecks === null ? null : html`<p class="dim">${unlistedText(result.unlistedChecks)}</p>`}`;
}

function checkItem(entry: Entry, scenarios: readonly ScenarioResult[]): Markup {
  const { outcome, label, check, lines, reason } = entry;
  const points = outcome === 'skipped' || outcome === 'errored' ? outcome : score(entry.score, entry.maxScore);
  const row = html`<span class="row"><span class="mark ${outcome}" aria-hidden="true">${mark(PLAIN, outcome)}</span>
<bdi class="grow">${label}</bdi><b class="${outcome}">${points}</b></span>`;
  if (check === null || lines.length === 0 || outcome === 'skipped') {
    return html`<div class="plain">${row}${reason === null || outcome === 'failed' ? null : html`<p class="dim">${reason}</p>`}</div>`;
  }
  return html`<details${outcome === 'failed' ? html` open` : null}><summary>${row}</summary><div>${explanation(check, scenarios)}</div></details>`;
}

function explanation(check: CheckResult, scenarios: readonly ScenarioResult[]): Markup {
  const { details, hint } = check;
  const reason = reasonAbove(check);
  const { scenario, faults } = contextOf(check, scenarios);
  return html`${scenario === null ? null : html`<p class="dim">Scenario <bdi>${scenario}</bdi></p>`}
${faults.map(faultMarkup)}
${reason === null ? null : html`<p>${reason}</p>`}
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
