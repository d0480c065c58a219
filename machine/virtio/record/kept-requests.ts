/**
 * Which of a device's requests are kept whole, and which are only counted: a run may make any number of them, and its record must not fill
 * the host's memory. Kept are the first ones and the last ones, those that the run's user has asked for, the first and the last of each
 * kind (type and shape of the chain), and those that say most about a mistake: malformed ones, ones with a finding or a fault on purpose,
 * and ones without an answer.
 *
 * Left out: a finding about a request that was dropped before the finding came, which is later than 64 requests after it.
 */
import { DESCRIPTOR_FLAG } from '../../spec/virtio.ts';
import type { TracedFinding } from './finding.ts';
import { TRACED_BYTES, TRACED_DESCRIPTORS, type TracedDescriptor, type TracedRequest } from './trace.ts';

/** So many requests of a device are kept whole, before any are dropped. */
export const FIRST_KEPT = 1000;
/** Of so many last ones every one is kept: more than a report shows, and than status bytes whose polls are not yet judged. */
const LAST_KEPT = 64;
/** Kinds of which the first and the last one are kept. A usual driver has a handful. */
const MOST_KINDS = 64;
/** Requests after the first ones that are kept for what happened to them. */
const MOST_TELLING = 256;
/** Of so many requests after one with a fault on purpose every one is kept: they may have overtaken it. */
const AFTER_FAULT = 8;
/** Descriptors that tell a kind. */
const SHAPE_LENGTH = 8;

interface Kind {
  /** The last one that is older than the last ones of all. */
  last: number | undefined;
}

/** What the records of all devices of a machine hold together. A hostile kernel must not fill the host's memory, however many disks it has. */
export class TraceRoom {
  #descriptors = 0;
  #bytes = 0;

  take({ descriptors, data }: Pick<TracedRequest, 'descriptors' | 'data'>): void {
    this.#descriptors += descriptors.length;
    this.#bytes += data.length;
  }

  giveBack({ descriptors, data }: TracedRequest): void {
    this.#descriptors -= descriptors.length;
    this.#bytes -= data.length;
  }

  /** Then only the last requests of each device are kept, and those that its user has asked for. */
  get isFull(): boolean {
    return this.#descriptors > TRACED_DESCRIPTORS || this.#bytes > TRACED_BYTES;
  }

  save() {
    return { descriptors: this.#descriptors, bytes: this.#bytes };
  }

  restore({ descriptors, bytes }: ReturnType<TraceRoom['save']>): void {
    this.#descriptors = descriptors;
    this.#bytes = bytes;
  }
}

export interface KeptOptions {
  /** So many first ones are kept. */
  readonly first: number;
  readonly room: TraceRoom;
  /** Asked before a request is dropped; true: it stays. */
  readonly dropped: ((request: TracedRequest) => boolean) | undefined;
}

export class KeptRequests {
  readonly #requests: TracedRequest[];
  readonly #findings: readonly TracedFinding[];
  readonly #options: KeptOptions;
  /** The numbers of the last ones, of which it is not yet decided whether they stay. */
  #recent: number[] = [];
  readonly #kinds = new Map<string, Kind>();
  #telling = 0;
  /** The number of the last request that a fault was done to. */
  #faulted = -Infinity;

  /** `requests`: the record's list, which this class changes. */
  constructor(requests: TracedRequest[], findings: readonly TracedFinding[], options: KeptOptions) {
    this.#requests = requests;
    this.#findings = findings;
    this.#options = options;
  }

  /** `stays`: it is kept in any case. */
  add(request: TracedRequest, { stays }: { readonly stays: boolean }): void {
    const { first, room } = this.#options;
    this.#requests.push(request);
    room.take(request);
    const kind = kindOf(request);
    const isFirst = !this.#kinds.has(kind) && this.#kinds.size < MOST_KINDS;
    if (isFirst) this.#kinds.set(kind, { last: undefined });
    if (stays || (!room.isFull && (isFirst || request.number <= first))) return;
    this.#recent.push(request.number);
    if (this.#recent.length > LAST_KEPT) this.#decide(this.#recent.shift()!);
  }

  /** The request is not among the last ones any more. */
  #decide(number: number): void {
    const request = this.#requests[this.#positionOf(number)]!;
    if (this.#options.room.isFull) return this.#drop(number);
    if (this.#telling < MOST_TELLING && this.#isTelling(request)) {
      this.#telling++;
      return;
    }
    const kind = this.#kinds.get(kindOf(request));
    if (kind === undefined) return this.#drop(number);
    if (kind.last !== undefined) this.#drop(kind.last);
    kind.last = number;
  }

  #isTelling({ number, problem, fault, completion }: TracedRequest): boolean {
    if (fault !== undefined) this.#faulted = number;
    if (problem !== undefined || completion === undefined || number - this.#faulted <= AFTER_FAULT) return true;
    return this.#findings.some(({ request }) => request === number);
  }

  #drop(number: number): void {
    const { dropped, room } = this.#options;
    const at = this.#positionOf(number);
    const request = this.#requests[at]!;
    if (dropped?.(request)) return;
    this.#requests.splice(at, 1);
    room.giveBack(request);
  }

  /** The list is in the order of the numbers. */
  #positionOf(number: number): number {
    let [from, to] = [0, this.#requests.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#requests[middle]!.number < number) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  save() {
    const kinds = [...this.#kinds].map(([name, { last }]) => ({ name, last }));
    return { recent: this.#recent, kinds, telling: this.#telling, faulted: this.#faulted };
  }

  restore({ recent, kinds, telling, faulted }: ReturnType<KeptRequests['save']>): void {
    this.#recent = [...recent];
    this.#kinds.clear();
    for (const { name, last } of kinds) this.#kinds.set(name, { last });
    this.#telling = telling;
    this.#faulted = faulted;
  }
}

const SHAPES = new WeakMap<readonly TracedDescriptor[], string>();

/** Equal for requests of one type whose chains are cut in the same way. */
function kindOf({ type, phantom, descriptors }: TracedRequest): string {
  const shape = SHAPES.get(descriptors) ?? shapeOf(descriptors);
  SHAPES.set(descriptors, shape);
  return `${type} ${phantom} ${shape}`;
}

function shapeOf(descriptors: readonly TracedDescriptor[]): string {
  const pieces = descriptors.slice(0, SHAPE_LENGTH).map(({ length, flags }) => `${length}${flags & DESCRIPTOR_FLAG.WRITE ? 'w' : 'r'}`);
  return `${descriptors.length} ${pieces.join(' ')}`;
}
