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
import { requestsMade, type SelectionEvidence } from '../evidence/request-counts.ts';
import { unserved } from '../evidence/unserved.ts';
import type { Detail } from '../result/result.ts';
import { interestKey, type RequestInterest, type RequestSelection } from '../vocabulary/request-interest.ts';
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

/** As a run looks for it (run/request-watch.ts). */
export function interestInOne({ after, drive, nth }: Selector): RequestInterest {
  return { of: { after, drive }, nth, all: null, steps: [] };
}

/** What the run has counted for a check of the requests that it has left out. */
export function leftOutOf(interest: RequestInterest, { requestsLeftOut, selections }: Evidence): Omit<SelectionEvidence, 'key'> {
  if (requestsLeftOut === 0) return { leftOut: 0, wrong: 0, request: null };
  const key = interestKey(interest);
  const found = selections.find((one) => one.key === key);
  if (found === undefined) throw new Error('the run did not look for these requests: grading again should have refused the evidence');
  return found;
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
export function requestsSeen({ after, before, drive, type, sector }: RequestSelection, evidence: Evidence): Seen {
  const ofDrive = requestsOf(drive, evidence);
  const first = shown(after, 0, evidence);
  const last = first && shown(before, first.end, evidence);
  if (first === undefined || last === undefined) {
    const [text, when] =
      first === undefined ? [after, 'after which the request is looked for'] : [before, 'before which requests are looked for'];
    const details = [
      ...consoleDifference(shownBy(evidence), text!.console),
      ...whatThereIs(ofDrive, drive, evidence, droppedOf(drive, evidence)),
    ];
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
export function isMeant(
  { drive, type, sector }: Pick<RequestSelection, 'drive' | 'type' | 'sector'>,
  request: Pick<RequestEvidence, 'drive' | 'type' | 'sector'>,
): boolean {
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
  const { leftOut, request: place } = leftOutOf(interestInOne(selector), evidence);
  const isPlace = ({ drive, number }: RequestEvidence) => drive === place?.drive && number === place.number;
  const request = evidence.requestsLeftOut === 0 ? candidates[selector.nth - 1] : candidates.find(isPlace);
  if (request !== undefined) return { request };
  const count = candidates.length + leftOut;
  const when = selector.after === undefined ? '' : ` after ${quoted(selector.after.console, 60)}`;
  const reason =
    count === 0
      ? `no request reached the device${when}`
      : `only ${countOf(count, 'request')} reached the device${when}, looked for number ${selector.nth}`;
  return { request: null, reason, details: whatThereIs(all, selector.drive, evidence, droppedOf(selector.drive, evidence)), questions: [] };
}

/** How many requests to the drive, or to all disks, are only counted. */
function droppedOf(wanted: string | undefined, evidence: Evidence): number {
  if (evidence.requestsLeftOut === 0) return 0;
  const counts = evidence.requestCounts.filter(({ drive }) => (wanted === undefined ? drive !== RNG_NAME : drive === wanted));
  return requestsMade(counts) - requestsOf(wanted, evidence).length;
}

/** Requests that are listed in a report. */
const LISTED = 5;

/** What the device did see: the requests there were, and why there may be no more. `leftOut`: how many more there were, which are only counted. */
export function whatThereIs(
  requests: readonly RequestEvidence[],
  drive: string | undefined,
  evidence: Evidence,
  leftOut: number,
): Detail[] {
  const made = requests.length + leftOut;
  const listed = requests.slice(0, LISTED).map(requestTitle).join('; ');
  const more = made > LISTED ? '; …' : '';
  const all = made === 0 ? 'the device saw no request at all' : `${countOf(made, 'request')} in all: ${listed}${more}`;
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
