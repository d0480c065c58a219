/** The page of one submission: its checks, and for each run the requests, the devices and the console. */

import { ANSWERS, REQUEST_TYPES } from '../../../machine/spec/virtio.ts';
import { hex } from '../../bytes/hex.ts';
import type { DeviceEvidence } from '../../evidence/evidence.ts';
import { faultText } from '../../evidence/fault.ts';
import { guestTime } from '../../evidence/guest-time.ts';
import { describeStop } from '../../evidence/stop.ts';
import type { FindingResult, ScenarioResult, SubmissionResult } from '../../result/result.ts';
import { shortName } from '../../vocabulary/virtio-names.ts';
import { buildLines, ownWarnings, warningLines, warningsHead } from '../build-lines.ts';
import { remedyLines } from '../ends.ts';
import { PLAIN } from '../entries.ts';
import {
  findingCode,
  findingText,
  followingText,
  isCause,
  type MergedFinding,
  merged,
  othersText,
  whoseCode,
  withoutTold,
} from '../findings.ts';
import type { Subject } from '../format.ts';
import { pointLines } from '../point-lines.ts';
import type { ImageExcerpt, RequestExcerpt, RunExcerpt } from '../run-excerpt.ts';
import { aboutText } from '../students.ts';
import { clean, count, heading, kernelChoice, mark, score } from '../words.ts';
import { chainDrawing } from './chain.ts';
import { checksSection, detailMarkup, faultMarkup, linesMarkup } from './checks.ts';
import { consoleText } from './console.ts';
import { html, type Markup } from './markup.ts';
import { page } from './page.ts';
import { timeLine } from './time-line.ts';

/** Findings of one run that are listed, of those that must or should not be, and of notes. */
const FINDINGS = 100;

/** `path` is null where there is no page of a class. */
export function submissionPage({ result, runs, path }: Omit<Subject, 'path'> & { readonly path: string | null }): string {
  const body = html`${
    path === null
      ? null
      : html`<nav><a href="${classAddress(path)}">The class</a></nav>
`
  }${titleSection(result)}
${checksSection(result)}
${warningsSection(result)}
${shownRuns(result).map((shown) => {
  const run = runs.find(({ scenario: name }) => name === shown.scenario.name);
  return runSection(shown, run);
})}
${remedyLines(result).map((line) => html`<p>${line}</p>`)}
${footer(result)}`;
  return page({ title: `${heading(result)}: ${result.title}`, body });
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
      id: `run-${index + 1}`,
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

function runSection({ scenario, id, sameEnd, sameFindings }: ShownRun, run: RunExcerpt | undefined): Markup {
  const { name, hidden, stop, faults, why, instructions, time, requests } = scenario;
  const facts = html`<p>Machine stopped: ${describeStop(stop)}</p>
<p class="dim">${count(instructions, 'instruction')} · ${guestTime(time)} of guest time · ${count(requests, 'request')}</p>
${faults.map(faultMarkup)}
${sameEnd === null ? why.map(detailMarkup) : html`<p>It ended as in ${asIn(sameEnd)}.</p>`}
${sameFindings === null ? findingsSection(scenario) : html`<p>It breaks the same rules of the virtio specification as ${asIn(sameFindings)}.</p>`}`;
  return html`<h2 id="${id}">Run: <bdi>${name}</bdi>${hidden ? ' (hidden)' : ''}</h2>
${facts}
${run === undefined ? null : html`${requestsSection(run, id)}${run.devices.map(deviceSection)}${run.images.map(imageSection)}<h3>Console</h3>${consoleText(run.console)}`}`;
}

/** There are many notes, and they require nothing of the student: they are folded. */
function findingsSection({ findings, racesLeftOut }: ScenarioResult): Markup {
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

/** `id`: what the anchors of its parts begin with. */
export function requestsSection({ requests, timeLine: line }: Pick<RunExcerpt, 'requests' | 'timeLine'>, id: string): Markup | null {
  const { first, leftOut, last } = requests;
  if (first.length === 0) return null;
  const anchor = (position: number) => `${id}-${position}`;
  const section = (request: RequestExcerpt) => requestSection(request, anchor(request.position));
  return html`<h3>Requests</h3>
${timeLine(line, anchor)}
${first.map(section)}
${leftOut > 0 ? html`<p class="dim">… ${count(leftOut, 'request')} left out …</p>` : null}
${last.map(section)}`;
}

function requestSection(request: RequestExcerpt, id: string): Markup {
  const { number, drive, type, sector, problem, fault, completion, instructions, queue, head } = request;
  const kind = type === null ? 'no header' : `${shortName(REQUEST_TYPES, type)}, sector ${sector ?? '?'}`;
  const answer = completion === null ? 'never completed' : completion.status === null ? 'no status' : shortName(ANSWERS, completion.status);
  const bad = problem !== null || completion === null || completion.status !== ANSWERS.OK;
  return html`<details id="${id}"><summary><span class="row"><span class="grow">#${number} <bdi>${drive}</bdi>: ${kind}</span>
<b class="${bad ? 'failed' : 'passed'}">${answer}</b></span></summary><div>
${problem === null ? null : html`<p class="failed">${problem}</p>`}
${fault === null ? null : html`<p>On purpose: ${faultText(fault)}.</p>`}
<dl><dt>notified</dt><dd>after ${guestTime(request.time)}, ${count(instructions, 'instruction')}</dd>
<dt>chain</dt><dd>queue ${queue}, head ${head}</dd>
${completion === null ? null : html`<dt>completed</dt><dd>after ${guestTime(completion.time)}, used length ${completion.usedLength}</dd>`}
${request.dataLength === 0 ? null : html`<dt>data</dt><dd>${count(request.dataLength, 'byte')}: <code>${dataStart(request)}</code></dd>`}</dl>
${chainDrawing(request.chain)}</div></details>`;
}

function dataStart({ data, dataGoesOn }: RequestExcerpt): string {
  const shown = data.replace(/..(?=.)/g, '$& ');
  return dataGoesOn ? `${shown} …` : shown;
}

function deviceSection(device: DeviceEvidence): Markup {
  const { drive, statusWrites, deviceFeatures, driverFeatures, queueSize, notifies, interruptsRaised, interruptsAcknowledged } = device;
  return html`<details><summary>Device <bdi>${drive}</bdi>${device.broken === null ? null : html` <b class="failed">broken</b>`}</summary><div>
${device.broken === null ? null : html`<p class="failed">${device.broken}</p>`}
<dl><dt>Status writes</dt><dd class="mono">${statusWrites.map(hex).join(' ') || 'none'}</dd>
<dt>features</dt><dd class="mono">offered ${deviceFeatures}, accepted ${driverFeatures}</dd>
<dt>queue size</dt><dd>${queueSize}</dd>
<dt>notifies</dt><dd>${notifies}</dd>
<dt>interrupts</dt><dd>${interruptsRaised} raised, ${interruptsAcknowledged} acknowledged</dd>
<dt>never notified</dt><dd>${count(device.unnotified, 'chain')}</dd></dl></div></details>`;
}

function imageSection({ drive, size, changed, sectors }: ImageExcerpt): Markup {
  const rest = changed - sectors.length;
  const list = `${sectors.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
  return html`<details><summary>Image <bdi>${drive}</bdi>: ${count(changed, 'sector')} changed</summary><div>
<p>${count(size, 'byte')}${changed === 0 ? '' : `; changed: ${list}`}</p></div></details>`;
}

function footer({ tool, attempt, rubric, kernel }: SubmissionResult): Markup {
  return html`<footer><p>${tool} · attempt ${attempt}</p>
<p>rubric <span class="mono">${rubric.sha256}</span></p>
<p>kernel ${kernel === null ? 'none' : html`<bdi>${clean(kernel.file)}</bdi> <span class="mono">${kernel.sha256}</span>`}</p></footer>`;
}
