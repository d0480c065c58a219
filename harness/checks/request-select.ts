/**
 * Which request a `request` check is about: chosen by when it was made, never by what is graded. A request is "after" a text
 * if the whole text was on the console when the driver notified the device.
 */

import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { binaryOfText } from '../bytes/binary.ts';
import { describeProblem } from '../evidence/chain-problems.ts';
import type { DeviceEvidence, Evidence, RequestEvidence } from '../evidence/evidence.ts';
import { quoted } from '../evidence/printable.ts';
import { unserved } from '../evidence/unserved.ts';
import type { Detail } from '../result/result.ts';
import { RNG_NAME } from '../vocabulary/scenario.ts';
import { shortName } from '../vocabulary/virtio-names.ts';
import { consoleDifference } from './console-difference.ts';
import { consoleBinary } from './console-text.ts';
import type { Question } from './kind.ts';

export interface Selector {
  after?: { console: string };
  /** From 1. */
  nth: number;
  drive?: string;
}

export type Selected = { request: RequestEvidence } | { request: null; reason: string; details: Detail[]; questions: Question[] };

export function selectRequest(selector: Selector, evidence: Evidence): Selected {
  const ofDrive = evidence.requests.filter(
    ({ drive, phantom }) => !phantom && (selector.drive === undefined ? drive !== RNG_NAME : drive === selector.drive),
  );
  if (selector.after === undefined) return pick(selector, ofDrive, ofDrive, evidence);
  const text = selector.after.console;
  const sought = binaryOfText(text);
  const start = consoleBinary(evidence).indexOf(sought);
  if (start === -1) {
    const details = [...consoleDifference(evidence, text), ...whatThereIs(ofDrive, selector, evidence)];
    return { request: null, reason: 'the console never shows the text after which the request is looked for', details, questions: [] };
  }
  const end = start + sought.length;
  const selected = pick(
    selector,
    ofDrive.filter((one) => one.consoleBytes >= end),
    ofDrive,
    evidence,
  );
  return selected.request === null ? { ...selected, questions: [printedAt(start)] } : selected;
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
  return { request: null, reason, details: whatThereIs(all, selector, evidence), questions: [] };
}

/** Requests that are listed in a report. */
const LISTED = 5;

/** What the device did see: the requests there were, and why there may be no more. */
function whatThereIs(requests: readonly RequestEvidence[], selector: Selector, evidence: Evidence): Detail[] {
  const listed = requests.slice(0, LISTED).map(requestTitle).join('; ');
  const more = requests.length > LISTED ? '; …' : '';
  const all =
    requests.length === 0 ? 'the device saw no request at all' : `${countOf(requests.length, 'request')} in all: ${listed}${more}`;
  const devices = evidence.devices.filter((one) => selector.drive === undefined || one.drive === selector.drive);
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

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `#2 OUT, sector 0` */
function requestTitle({ number, type, sector }: RequestEvidence): string {
  return `#${number} ${type === null ? 'malformed' : shortName(REQUEST_TYPES, type)}${sector === null ? '' : `, sector ${sector}`}`;
}
