/**
 * What a report shows of a run besides its result: some of its requests, its devices, which sectors changed, the beginning and the end of
 * the console, and how much is left out. It is small whatever the kernel did, so that a run's evidence need not be held until all of a
 * submission's runs are done.
 */
import { isDeviceWritable } from '../../machine/spec/block-request.ts';
import type { DeviceEvidence, Evidence, ImageEvidence, RequestEvidence } from '../evidence/evidence.ts';
import { withPlainLineEnds } from '../evidence/line-ends.ts';
import type { RequestRow } from '../result/result.ts';

/** Requests that are shown one by one: the first and the last of a run. */
const FIRST = 60;
const LAST = 40;
/** Requests on the time line: bars that a screen can tell apart. */
const MOST_BARS = 1000;
/** Descriptors of a chain. */
const MOST_LINKS = 16;
/** Hex digits of a request's data. */
const DATA_DIGITS = 64;
/** Changed sectors of an image. */
const MOST_SECTORS = 100;
/** Console output, in groups of three bytes, which are four characters of base64: most from the end, where things went wrong. */
const HEAD_GROUPS = 11_000;
const TAIL_GROUPS = 33_000;

export interface RunExcerpt {
  readonly scenario: string;
  readonly requests: RequestsExcerpt;
  readonly timeLine: TimeLineExcerpt;
  readonly devices: readonly DeviceEvidence[];
  readonly images: readonly ImageExcerpt[];
  readonly console: ConsoleExcerpt;
}

export interface RequestsExcerpt {
  readonly first: readonly RequestExcerpt[];
  readonly leftOut: number;
  readonly last: readonly RequestExcerpt[];
}

export interface RequestExcerpt extends Omit<RequestEvidence, 'descriptors' | 'roles' | 'data'> {
  /** From 1, in the order of the run's requests to all drives. */
  readonly position: number;
  readonly chain: ChainExcerpt;
  /** Hex of the data's first bytes, and whether the evidence has more. */
  readonly data: string;
  readonly dataGoesOn: boolean;
}

/** The first descriptors of a chain, with the roles that their bytes play. */
export interface ChainExcerpt {
  readonly links: readonly RequestRow[];
  readonly leftOut: number;
}

export interface TimeLineExcerpt {
  readonly bars: readonly TimeLineBar[];
  readonly leftOut: number;
}

export interface TimeLineBar extends Pick<RequestEvidence, 'number' | 'drive' | 'time'> {
  /** Of the request that is shown by itself; null if it is not. */
  readonly position: number | null;
  /** Guest time; null if it never completed. */
  readonly completed: number | null;
  readonly bad: boolean;
}

export interface ImageExcerpt extends Pick<ImageEvidence, 'drive' | 'size'> {
  readonly changed: number;
  /** Numbers of the first of them. */
  readonly sectors: readonly string[];
}

/** Text with plain line ends. All of it is in `head` where nothing is left out. */
export interface ConsoleExcerpt {
  readonly head: string;
  /** Bytes. */
  readonly leftOut: number;
  readonly tail: string;
}

export function excerptOf(evidence: Evidence): RunExcerpt {
  const { scenario, devices, images, console } = evidence;
  return {
    scenario,
    devices,
    ...requestsShown(evidence.requests, evidence.requestsLeftOut),
    images: images.map(imageExcerpt),
    console: consoleExcerpt(console),
  };
}

/** What is shown of requests, which may be those of a run that goes on. `missing`: how many others there were, all of them before the last ones. */
export function requestsShown(requests: readonly RequestEvidence[], missing: number): Pick<RunExcerpt, 'requests' | 'timeLine'> {
  return { requests: requestsExcerpt(requests, missing), timeLine: timeLineExcerpt(requests, missing) };
}

/** The position of the first of the last requests that are shown. */
function lastFrom({ length }: readonly RequestEvidence[]): number {
  return Math.max(FIRST, length - LAST);
}

function requestsExcerpt(requests: readonly RequestEvidence[], missing: number): RequestsExcerpt {
  const from = lastFrom(requests);
  const first = requests.slice(0, FIRST).map((request, index) => requestExcerpt(request, index + 1));
  const last = requests.slice(from).map((request, index) => requestExcerpt(request, missing + from + index + 1));
  return { first, leftOut: missing + requests.length - first.length - last.length, last };
}

function requestExcerpt({ descriptors, roles, data, ...request }: RequestEvidence, position: number): RequestExcerpt {
  const chain = chainExcerpt({ descriptors, roles });
  return { ...request, position, chain, data: data.slice(0, DATA_DIGITS), dataGoesOn: data.length > DATA_DIGITS };
}

function chainExcerpt({ descriptors, roles }: Pick<RequestEvidence, 'descriptors' | 'roles'>): ChainExcerpt {
  const links = descriptors.slice(0, MOST_LINKS).map(({ index, address, length, flags }, position): RequestRow => {
    const played = [...new Set(roles.filter(({ descriptor }) => descriptor === position).map(({ role }) => role))];
    return { descriptor: index, role: played.join(' + '), address, length, deviceWritable: isDeviceWritable(flags), expected: null };
  });
  return { links, leftOut: descriptors.length - links.length };
}

function timeLineExcerpt(requests: readonly RequestEvidence[], missing: number): TimeLineExcerpt {
  const from = lastFrom(requests);
  const bars = requests.slice(0, MOST_BARS).map(({ number, drive, time, completion, problem }, index): TimeLineBar => {
    const position = index < FIRST ? index + 1 : index >= from ? missing + index + 1 : null;
    return { number, drive, time, position, completed: completion?.time ?? null, bad: problem !== null || completion === null };
  });
  return { bars, leftOut: missing + requests.length - bars.length };
}

function imageExcerpt({ drive, size, changed }: ImageEvidence): ImageExcerpt {
  const sectors = Object.keys(changed);
  return { drive, size, changed: sectors.length, sectors: sectors.slice(0, MOST_SECTORS) };
}

function consoleExcerpt(base64: string): ConsoleExcerpt {
  const groups = base64.length / 4;
  const leftOut = groups - HEAD_GROUPS - TAIL_GROUPS;
  if (leftOut <= 0) return { head: textOf(base64), leftOut: 0, tail: '' };
  return { head: textOf(base64.slice(0, 4 * HEAD_GROUPS)), leftOut: 3 * leftOut, tail: textOf(base64.slice(-4 * TAIL_GROUPS)) };
}

function textOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(withPlainLineEnds(bytes));
}
