/** How far a driver has looked at its used rings: one repeated run watches what it loads of them. */
import type { Machine, WatchedAccess } from '../../machine/index.ts';
import { RING_HEADER_BYTES, USED_ELEMENT_BYTES } from '../../machine/spec/virtio.ts';
import type { AwaitedExplanation } from '../evidence/awaited-interrupt.ts';
import type { RequestEvidence } from '../evidence/evidence.ts';
import type { LineEvidence } from '../evidence/interrupts.ts';

/** Loads that are looked at before the watch is given up: a kernel may poll for ever. */
const MOST_LOADS = 2_000_000;
/** Of so many last requests of a drive the status byte is watched. */
const MOST_STATUS_BYTES = 256;

type Range = Parameters<Machine['debug']['watch']>[0][number];
type Used = NonNullable<LineEvidence['used']>;

/** Guest times of what happened last. */
class Ring {
  readonly drive: string;
  readonly #used: Used;
  readonly #requests: readonly RequestEvidence[];
  readonly #elements: Range;
  readonly #index: Range;
  readonly #status: ReadonlyMap<Range, string>;
  readonly #written = new Map<number, number>();
  readonly #loaded = new Map<number, number>();
  readonly #statusLoaded = new Map<string, number>();
  #indexLoaded = -1;

  constructor(drive: string, used: Used, requests: readonly RequestEvidence[]) {
    const ring = BigInt(used.ring);
    this.drive = drive;
    this.#used = used;
    this.#requests = requests.filter((one) => one.drive === drive && one.queue === 0);
    this.#elements = { address: ring + BigInt(RING_HEADER_BYTES), length: USED_ELEMENT_BYTES * used.size, loads: true };
    this.#index = { address: ring + 2n, length: 2, loads: true };
    const addresses = new Set(this.#requests.slice(-MOST_STATUS_BYTES).flatMap((request) => statusOf(request) ?? []));
    this.#status = new Map([...addresses].map((address) => [{ address: BigInt(address), length: 1, loads: true }, address] as const));
  }

  get ranges(): Range[] {
    return [this.#elements, this.#index, ...this.#status.keys()];
  }

  /** False if that was another's. */
  touched({ kind, by, ranges, address, length }: WatchedAccess, now: number): boolean {
    const own = ranges.filter((range) => range === this.#elements || range === this.#index || this.#status.has(range));
    for (const range of own) {
      if (range === this.#elements)
        this.#touchedElements(by === 'device' ? this.#written : this.#loaded, { kind, by, address, length }, now);
      if (kind !== 'load') continue;
      if (range === this.#index) this.#indexLoaded = now;
      const status = this.#status.get(range);
      if (status !== undefined) this.#statusLoaded.set(status, now);
    }
    return own.length > 0;
  }

  #touchedElements(
    times: Map<number, number>,
    { kind, by, address, length }: Pick<WatchedAccess, 'kind' | 'by' | 'address' | 'length'>,
    now: number,
  ) {
    if (by === 'hart' && kind !== 'load') return;
    const slotAt = (at: bigint) => Number(at - this.#elements.address) / USED_ELEMENT_BYTES;
    const first = Math.max(0, Math.floor(slotAt(address)));
    const last = Math.min(this.#used.size - 1, Math.floor(slotAt(address + BigInt(length - 1))));
    for (let slot = first; slot <= last; slot++) times.set(slot, now);
  }

  /** How many elements the driver has looked at, in the order in which they were put there. */
  lookedAt(machine: Machine): number {
    const { index, size } = this.#used;
    let left = 0;
    while (left < Math.min(index, size) && !this.#isSeen((index - left - 1) % size, machine)) left++;
    return index - left;
  }

  #isSeen(slot: number, machine: Machine): boolean {
    const written = this.#written.get(slot);
    // It was not written in this run: nothing is known.
    if (written === undefined) return true;
    const isLater = (time: number | undefined) => time !== undefined && time >= written;
    if (isLater(this.#loaded.get(slot))) return true;
    const id = machine.debug.readMemory(this.#elements.address + BigInt(USED_ELEMENT_BYTES * slot), 4);
    const head = id && new DataView(id.buffer).getUint32(0, true);
    const request = this.#requests.findLast((one) => one.head === head);
    const status = request && statusOf(request);
    if (status !== undefined && isLater(this.#statusLoaded.get(status))) return true;
    // A driver that makes one request at a time may look at the index only.
    return this.#loaded.size === 0 && isLater(this.#indexLoaded);
  }
}

function statusOf({ roles }: RequestEvidence): string | undefined {
  return roles.findLast(({ role }) => role === 'status')?.address;
}

export class UsedRings {
  readonly #machine: Machine;
  readonly #rings: readonly Ring[];
  #told = 0;

  constructor(machine: Machine, lines: readonly LineEvidence[], requests: readonly RequestEvidence[]) {
    this.#machine = machine;
    this.#rings = lines.flatMap(({ drive, used }) => (used === null || used.index === 0 ? [] : [new Ring(drive, used, requests)]));
  }

  /** To be watched from the beginning of the run, with `touched` as what is called for each access. */
  get ranges(): Range[] {
    return this.#rings.flatMap(({ ranges }) => ranges);
  }

  touched(access: WatchedAccess): void {
    for (const ring of this.#rings) if (ring.touched(access, this.#machine.now())) this.#told++;
  }

  /** There were too many accesses: the rest need not be watched. */
  get gaveUp(): boolean {
    return this.#told > MOST_LOADS;
  }

  /** To be called at the end of the run. */
  answers(): AwaitedExplanation['looked'] {
    if (this.gaveUp) return [];
    return this.#rings.map((ring) => ({ drive: ring.drive, elements: ring.lookedAt(this.#machine) }));
  }
}
