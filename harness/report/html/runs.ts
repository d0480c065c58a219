/** The runs of a submission. Of a lab that is graded by its console, the console comes first, and the disk is folded. */
import { guestTime } from '../../evidence/guest-time.ts';
import { describeStop } from '../../evidence/stop.ts';
import type { ScenarioResult, SubmissionResult } from '../../result/result.ts';
import { isCause, withoutTold } from '../findings.ts';
import type { RunExcerpt } from '../run-excerpt.ts';
import { count } from '../words.ts';
import { runAnchor } from './anchors.ts';
import { detailMarkup, failuresOf, faultMarkup } from './checks.ts';
import { consoleText } from './console.ts';
import { deviceSection, imageSection } from './devices.ts';
import { findingsSection } from './findings.ts';
import type { Layout } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { requestsSection } from './requests.ts';

export function runsSection(result: SubmissionResult, runs: readonly RunExcerpt[], layout: Layout): Markup {
  return html`${shownRuns(result).map((shown) => {
    const { name, hidden } = shown.scenario;
    const run = runs.find(({ scenario }) => scenario === name);
    const parts = layout.consoleFirst ? consoleFirst(result, shown, run, layout) : diskFirst(shown, run, layout);
    return html`<h2 id="${shown.id}">Run: <bdi>${name}</bdi>${hidden ? ' (hidden)' : ''}</h2>
${parts}
`;
  })}`;
}

interface ShownRun {
  readonly scenario: ScenarioResult;
  /** The anchor of its heading. */
  readonly id: string;
  /** The first run that ended in the same way, or broke the same rules, where that is an earlier one: it is said there. */
  readonly sameEnd: ShownRun | null;
  readonly sameFindings: ShownRun | null;
}

function shownRuns({ scenarios, checks }: SubmissionResult): ShownRun[] {
  const shown: ShownRun[] = [];
  const ends = new Map<string, ShownRun>();
  const findingLists = new Map<string, ShownRun>();
  for (const [index, one] of scenarios.entries()) {
    const scenario = { ...one, findings: withoutTold(one.findings, one.name, checks) };
    const { stop, why, findings, racesLeftOut } = scenario;
    const end = JSON.stringify([stop, why]);
    const list = JSON.stringify([findings, racesLeftOut]);
    const run = {
      scenario,
      id: runAnchor(index),
      sameEnd: why.length === 0 ? null : (ends.get(end) ?? null),
      sameFindings: findings.length === 0 ? null : (findingLists.get(list) ?? null),
    };
    if (!ends.has(end)) ends.set(end, run);
    if (!findingLists.has(list)) findingLists.set(list, run);
    shown.push(run);
  }
  return shown;
}

function asIn({ scenario, id }: ShownRun): Markup {
  return html`<a href="#${id}">run <bdi>${scenario.name}</bdi></a>`;
}

function factsOf({ scenario, sameEnd }: ShownRun): Markup {
  const { stop, faults, why, instructions, time, requests } = scenario;
  return html`<p>Machine stopped: ${describeStop(stop)}</p>
<p class="dim">${count(instructions, 'instruction')} · ${guestTime(time)} of guest time · ${count(requests, 'request')}</p>
${faults.map(faultMarkup)}
${sameEnd === null ? why.map(detailMarkup) : html`<p>It ended as in ${asIn(sameEnd)}.</p>`}`;
}

function rulesOf({ scenario, sameFindings }: ShownRun): Markup {
  return sameFindings === null
    ? findingsSection(scenario)
    : html`<p>It breaks the same rules of the virtio specification as ${asIn(sameFindings)}.</p>`;
}

function devicesOf({ id }: ShownRun, run: RunExcerpt | undefined, { share }: Layout): Markup | null {
  if (run === undefined) return null;
  return html`${requestsSection(run, id, share)}${run.devices.map(deviceSection)}${run.images.map(imageSection)}`;
}

function diskFirst(shown: ShownRun, run: RunExcerpt | undefined, layout: Layout): Markup {
  const console =
    run === undefined ? null : html`<h3>Console</h3>${consoleText(run.console, shown.scenario.typed ?? [], layout.share.console)}`;
  return html`${factsOf(shown)}
${rulesOf(shown)}
${devicesOf(shown, run, layout)}${console}`;
}

function consoleFirst(result: SubmissionResult, shown: ShownRun, run: RunExcerpt | undefined, layout: Layout): Markup {
  const { name, typed = [] } = shown.scenario;
  const failures = failuresOf(result, name, layout);
  const console = run === undefined ? null : consoleText(run.console, typed, layout.share.console);
  return html`${failures === null ? console : html`<div class="beside"><div>${console}</div><div>${failures}</div></div>`}
${factsOf(shown)}
${diskSection(shown, run, layout)}`;
}

/** Folded: no check is about it. */
function diskSection(shown: ShownRun, run: RunExcerpt | undefined, layout: Layout): Markup | null {
  const { requests, findings } = shown.scenario;
  const broken = findings.filter((one) => one.severity !== 'note' && isCause(one)).length;
  if (findings.length === 0 && (run === undefined || run.devices.length === 0)) return null;
  const rules = broken === 0 ? '' : `, ${count(broken, 'rule')} of the virtio specification broken`;
  return html`<details><summary>Disk: ${count(requests, 'request')}${rules}</summary><div>
${rulesOf(shown)}
${devicesOf(shown, run, layout)}</div></details>`;
}
