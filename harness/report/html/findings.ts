/** The rules of the virtio specification that a run's driver broke. */
import type { FindingResult, ScenarioResult } from '../../result/result.ts';
import { findingCode, findingText, followingText, isCause, type MergedFinding, merged, othersText, whoseCode } from '../findings.ts';
import { count } from '../words.ts';
import { detailMarkup } from './checks.ts';
import { html, type Markup } from './markup.ts';

/** Findings of one run that are listed, of those that must or should not be, and of notes. */
const FINDINGS = 100;

/** There are many notes, and they require nothing of the student: they are folded. */
export function findingsSection({ findings, racesLeftOut }: ScenarioResult): Markup {
  const notes = findings.filter(({ severity }) => severity === 'note');
  const grave = findings.filter((one) => one.severity !== 'note' && isCause(one));
  const following = followingText(findings).map((line) => html`<p class="dim">${line}</p>`);
  return html`${grave.length + following.length === 0 ? null : html`<h3>Against the virtio specification</h3>`}
${grave.length === 0 ? null : html`<ul>${findingItems(grave)}</ul>`}${following}${racesLeftOut === 0 ? null : html`<p class="dim">… and ${count(racesLeftOut, 'further race')}, which are only counted</p>`}
${notes.length === 0 ? null : html`<details><summary>${count(notes.length, 'note')} on the virtio specification</summary><div><ul>${findingItems(notes)}</ul></div></details>`}`;
}

function findingItems(findings: readonly FindingResult[]): Markup {
  const groups = merged(findings);
  const rest = groups.length - FINDINGS;
  return html`${groups.slice(0, FINDINGS).map(findingItem)}${rest > 0 ? html`<li class="dim">… and ${rest} more in the JSON report</li>` : null}`;
}

function findingItem(group: MergedFinding): Markup {
  const { finding } = group;
  const others = othersText(group);
  return html`<li><b class="${finding.severity === 'must' ? 'failed' : 'errored'}">${finding.severity}</b> ${findingText(finding)}${whoseCode(finding)}
${findingCode(finding).map(detailMarkup)}${others === null ? null : html`<p class="dim">${others}</p>`}</li>`;
}
