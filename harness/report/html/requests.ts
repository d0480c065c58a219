/** The requests of a run: along the guest's time, drawn one by one as far as there is room for it, the others as rows of a table. */
import { ANSWERS, REQUEST_TYPES } from '../../../machine/spec/virtio.ts';
import { faultText } from '../../evidence/fault.ts';
import { guestTime } from '../../evidence/guest-time.ts';
import { shortName } from '../../vocabulary/virtio-names.ts';
import type { ChainExcerpt, RequestExcerpt, RunExcerpt } from '../run-excerpt.ts';
import { count } from '../words.ts';
import { chainDrawing } from './chain.ts';
import { html, type Markup } from './markup.ts';
import { timeLine } from './time-line.ts';

export interface RequestLimits {
  /** Requests that are shown, those of them that are drawn, and bars of the time line. */
  readonly requests: number;
  readonly drawn: number;
  readonly bars: number;
}

const UNLIMITED: RequestLimits = { requests: Number.POSITIVE_INFINITY, drawn: Number.POSITIVE_INFINITY, bars: Number.POSITIVE_INFINITY };

/** Of the requests that are shown, the part that comes from the end of the run. */
const FROM_END = 0.4;

/** `id`: what the anchors of its parts begin with. */
export function requestsSection(
  { requests, timeLine: line }: Pick<RunExcerpt, 'requests' | 'timeLine'>,
  id: string,
  limits: RequestLimits = UNLIMITED,
): Markup | null {
  const anchor = (position: number) => `${id}-${position}`;
  const { first, leftOut, last } = fewer(requests, limits.requests);
  if (first.length === 0) return null;
  const shown = [...first, ...last];
  const drawn = new Set(shown.slice(0, limits.drawn));
  const list = (part: readonly RequestExcerpt[]) => [
    ...part.filter((one) => drawn.has(one)).map((one) => requestSection(one, anchor(one.position))),
    requestTable(
      part.filter((one) => !drawn.has(one)),
      anchor,
    ),
  ];
  const positions = new Set(shown.map(({ position }) => position));
  return html`<h3>Requests</h3>
${limits.drawn === 0 ? null : timeLine(line, { anchor: (position) => (positions.has(position) ? anchor(position) : null), most: limits.bars })}
${list(first)}
${leftOut > 0 ? html`<p class="dim">… ${count(leftOut, 'request')} left out …</p>` : null}
${list(last)}`;
}

function fewer({ first, leftOut, last }: RunExcerpt['requests'], most: number): RunExcerpt['requests'] {
  const surplus = first.length + last.length - most;
  if (surplus <= 0) return { first, leftOut, last };
  const fromEnd = Math.min(last.length, Math.floor(most * FROM_END));
  const kept = first.slice(0, most - fromEnd);
  return { first: kept, leftOut: leftOut + first.length - kept.length + last.length - fromEnd, last: last.slice(last.length - fromEnd) };
}

function kindOf({ type, sector }: RequestExcerpt): string {
  return type === null ? 'no header' : `${shortName(REQUEST_TYPES, type)}, sector ${sector ?? '?'}`;
}

function answerOf({ completion }: RequestExcerpt): string {
  if (completion === null) return 'never completed';
  return completion.status === null ? 'no status' : shortName(ANSWERS, completion.status);
}

function isBad({ problem, completion }: RequestExcerpt): boolean {
  return problem !== null || completion === null || completion.status !== ANSWERS.OK;
}

/** A row takes a tenth of what a drawing does. */
function requestTable(requests: readonly RequestExcerpt[], anchor: (position: number) => string): Markup | null {
  if (requests.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Requests"><table class="requests"><thead>
<tr><th scope="col">request<th scope="col">answer<th scope="col">after<th scope="col">chain: descriptor, role, address, bytes<th scope="col">data</thead><tbody>
${requests.map((request) => requestRow(request, anchor(request.position)))}</tbody></table></div>`;
}

function requestRow(request: RequestExcerpt, id: string): Markup {
  const { number, drive, problem, fault, time, chain } = request;
  const notes = [...(problem === null ? [] : [problem]), ...(fault === null ? [] : [`on purpose: ${faultText(fault)}`])];
  return html`<tr id="${id}"><td>#${number} <bdi>${drive}</bdi> ${kindOf(request)}<td${isBad(request) ? html` class="failed"` : null}>${answerOf(request)}${notes.map((note) => `; ${note}`)}<td>${guestTime(time)}<td class="mono">${chainText(chain)}<td class="mono">${dataStart(request, ROW_DIGITS)}
`;
}

/** Hex digits of data in a row. */
const ROW_DIGITS = 16;

/** `r`: the device reads it; `w`: it writes it. */
function chainText({ links, leftOut }: ChainExcerpt): string {
  const parts = links.map(
    ({ descriptor, role, address, length, deviceWritable }) => `${descriptor} ${role} ${address} ${length} ${deviceWritable ? 'w' : 'r'}`,
  );
  return [...parts, ...(leftOut > 0 ? [`… and ${count(leftOut, 'descriptor')} more`] : [])].join('; ');
}

function requestSection(request: RequestExcerpt, id: string): Markup {
  const { number, drive, problem, fault, completion, instructions, queue, head } = request;
  return html`<details id="${id}"><summary><span class="row"><span class="grow">#${number} <bdi>${drive}</bdi>: ${kindOf(request)}</span>
<b class="${isBad(request) ? 'failed' : 'passed'}">${answerOf(request)}</b></span></summary><div>
${problem === null ? null : html`<p class="failed">${problem}</p>`}
${fault === null ? null : html`<p>On purpose: ${faultText(fault)}.</p>`}
<dl><dt>notified</dt><dd>after ${guestTime(request.time)}, ${count(instructions, 'instruction')}</dd>
<dt>chain</dt><dd>queue ${queue}, head ${head}</dd>
${completion === null ? null : html`<dt>completed</dt><dd>after ${guestTime(completion.time)}, used length ${completion.usedLength}</dd>`}
${request.dataLength === 0 ? null : html`<dt>data</dt><dd>${count(request.dataLength, 'byte')}: <code>${dataStart(request, request.data.length)}</code></dd>`}</dl>
${chainDrawing(request.chain)}</div></details>`;
}

function dataStart({ data, dataGoesOn }: RequestExcerpt, digits: number): string {
  const shown = data.slice(0, digits).replace(/..(?=.)/g, '$& ');
  return dataGoesOn || data.length > digits ? `${shown} …` : shown;
}
