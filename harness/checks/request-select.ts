/**
 * Which request a `request` check is about: chosen by when it was made, never by what is graded. A request is "after" a text
 * if the whole text was on the console when the driver notified the device, and "before" it if not. A `requests` check, which counts,
 * may also choose by type and sector.
 */

import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { binaryOfText } from '../bytes/binary.ts';
import { describeProblem } from '../evidence/chain-problems.ts';
import type { DeviceEvidence, Evidence, RequestEvidence } from '../evidence/evidence.ts';
import { quoted } from '../evidence/printable.ts';
import { unserved } from '../evidence/unserved.ts';
import type { Detail } from '../result/result.ts';
import type { Count } from '../vocabulary/fields.ts';
import { RNG_NAME } from '../vocabulary/scenario.ts';
import { shortName } from '../vocabulary/virtio-names.ts';
import { consoleDifference } from './console-difference.ts';
import { shownBy } from './console-text.ts';
import { isWithin } from './count.ts';
import type { Question } from './kind.ts';

export interface Selector {
  after?: { console: string };
  /** From 1. */
  nth: number;
  drive?: string;
}

/** Which requests a `requests` check is about. */
export interface Selection {
  after?: { console: string };
  before?: { console: string };
  drive?: string;
  /** Of virtio's. */
  type?: number;
  sector?: Count;
}

export type Selected = { request: RequestEvidence } | { request: null; reason: string; details: Detail[]; questions: Question[] };

export function selectRequest(selector: Selector, evidence: Evidence): Selected {
  const seen = requestsSeen(selector, evidence);
  if ('reason' in seen) return { request: null, ...seen };
  const selected = pick(selector, seen.requests, requestsOf(selector.drive, evidence), evidence);
  return selected.request === null && seen.start !== null ? { ...selected, questions: [printedAt(seen.start)] } : selected;
}

/** `start`: the byte of the console at which the text begins after which they were made; null where none is given. */
type Seen = { requests: RequestEvidence[]; start: number | null } | { reason: string; details: Detail[]; questions: Question[] };

/** All requests of a selection, in the order in which they were made. The text of `before` is looked for after that of `after`. */
export function requestsSeen({ after, before, drive, type, sector }: Selection, evidence: Evidence): Seen {
  const ofDrive = requestsOf(drive, evidence);
  const first = shown(after, 0, evidence);
  const last = first && shown(before, first.end, evidence);
  if (first === undefined || last === undefined) {
    const [text, when] =
      first === undefined ? [after, 'after which the request is looked for'] : [before, 'before which requests are looked for'];
    const details = [...consoleDifference(shownBy(evidence), text!.console), ...whatThereIs(ofDrive, drive, evidence)];
    return { reason: `the console never shows the text ${when}`, details, questions: [] };
  }
  const isSelected = (one: RequestEvidence) =>
    one.consoleBytes >= first.end && (before === undefined || one.consoleBytes < last.end) && isMeant({ type, sector }, one);
  return { requests: ofDrive.filter(isSelected), start: after === undefined ? null : first.start };
}

/** The device's own, and those that no driver made, are left out. */
function requestsOf(wanted: string | undefined, evidence: Evidence): RequestEvidence[] {
  return evidence.requests.filter(({ drive, phantom }) => !phantom && (wanted === undefined ? drive !== RNG_NAME : drive === wanted));
}

/** Whether a request is of this drive, type and sector. */
export function isMeant({ drive, type, sector }: Pick<Selection, 'drive' | 'type' | 'sector'>, request: RequestEvidence): boolean {
  return (
    (drive === undefined || drive === request.drive) &&
    (type === undefined || type === request.type) &&
    (sector === undefined || (request.sector !== null && isWithin(sector, Number(request.sector))))
  );
}

/** Where the console shows a text from a byte on; that byte where none is asked for; undefined: it never does. */
function shown(text: { console: string } | undefined, from: number, evidence: Evidence): { start: number; end: number } | undefined {
  if (text === undefined) return { start: from, end: from };
  const sought = binaryOfText(text.console);
  const start = shownBy(evidence).indexOf(sought, from);
  return start === -1 ? undefined : { start, end: start + sought.length };
}

/** Where the driver should have been called from next. */
function printedAt(byte: number): Question {
  return { about: 'print', text: 'the text was printed at', question: { byte } };
}

function pick(selector: Selector, candidates: readonly RequestEvidence[], all: readonly RequestEvidence[], evidence: Evidence): Selected {
  const request = candidates[selector.nth - 1];
  if (request !== undefined) return { request };
  const when = selector.after === undefined ? '' : ` after ${quoted(selector.after.console, 60)}`;
  const reason =
    candidates.length === 0
      ? `no request reached the device${when}`
      : `only ${countOf(candidates.length, 'request')} reached the device${when}, looked for number ${selector.nth}`;
  return { request: null, reason, details: whatThereIs(all, selector.drive, evidence), questions: [] };
}

/** Requests that are listed in a report. */
const LISTED = 5;

/** What the device did see: the requests there were, and why there may be no more. */
export function whatThereIs(requests: readonly RequestEvidence[], drive: string | undefined, evidence: Evidence): Detail[] {
  const listed = requests.slice(0, LISTED).map(requestTitle).join('; ');
  const more = requests.length > LISTED ? '; …' : '';
  const all =
    requests.length === 0 ? 'the device saw no request at all' : `${countOf(requests.length, 'request')} in all: ${listed}${more}`;
  const devices = evidence.devices.filter((one) => drive === undefined || one.drive === drive);
  return [{ kind: 'found', text: all }, ...devices.flatMap((device) => deviceTrouble(device, evidence))];
}

function deviceTrouble(device: DeviceEvidence, evidence: Evidence): Detail[] {
  const { drive, broken } = device;
  if (broken !== null) return [{ kind: 'text', text: `The device ${drive} had stopped answering: ${describeProblem(broken)}.` }];
  // An exception is what stopped the kernel; after it, a kernel that starts again has cleared its rings, or is in the middle of it.
  const why = evidence.exception === null ? unserved(device, evidence) : null;
  if (why === null) return [];
  return [{ kind: 'text', text: `${drive}: ${why.text}${why.text.endsWith('?') ? '' : '.'}` }];
}

export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `#2 OUT, sector 0` */
export function requestTitle({ number, type, sector }: RequestEvidence): string {
  return `#${number} ${type === null ? 'malformed' : shortName(REQUEST_TYPES, type)}${sector === null ? '' : `, sector ${sector}`}`;
}
