/**
 * The meter of work: what a run costs the host beyond its plain instructions (architecture.md, decision 12).
 *
 * Guest time bounds plain instructions: each is one nanosecond of it, and costs the host about as much. But some things cost the host
 * a thousand times more than an instruction: a trap, a read of 64 MiB that one store starts, a byte of console output. Each of them
 * adds its price to this meter. The prices are fixed numbers, so the same run always comes to the same sum, on any host, under any
 * load, interpreted or translated. A run whose sum reaches its limit ends, inside a slice of guest time and inside one request.
 *
 * A price is about the nanoseconds of processor time that the thing takes at worst on a slow host (`bench/slow.mjs` compares them).
 * Left out: work that happens at most once for so many plain instructions, as the translation of code does.
 */

/** Units of work for one of each kind. */
export const WORK_PRICES = {
  /** An exception, an interrupt or a call of the firmware. */
  traps: 450,
  /** An instruction that is left to TypeScript: a call, a return from a trap, WFI, a fence. */
  'system-instructions': 150,
  /** An access to a CSR that is more than plain storage, on top of that. */
  'csr-accesses': 400,
  /** The TLB forgets everything. */
  flushes: 1300,
  /** The privilege mode, mstatus or what interrupts changes: what the fast paths read is settled again. */
  'context-changes': 15,
  /** A load, a store or an atomic that the TLB cannot serve: a miss, a device, a misaligned access, each byte of one that crosses a page. */
  'slow-accesses': 40,
  /** A jump to a page whose code the TLB does not know, or an instruction that crosses a page. */
  'slow-fetches': 280,
  /** An instruction is decoded. */
  decodings: 100,
  /** A page of RAM becomes a page of code. */
  'code-pages': 8000,
  /** A store to a page of code. */
  'code-stores': 60,
  /** A floating-point operation that the host's own cannot do. */
  'soft-float': 1200,
  /** Changes of what memory protection allows. */
  'protection-changes': 8000,
  /** A register of a device is read or written. */
  'device-accesses': 110,
  /** A register of a virtio device, on top of that: the rules of virtio look at each access. A write counts twice. */
  'virtio-registers': 500,
  /** The driver resets a device, sets its features, or has it look at where its queue is. */
  'device-set-ups': 1500,
  notifications: 2300,
  /** A chain is taken from a queue, judged by the rules of virtio, carried out and answered. */
  chains: 40_000,
  /** Each of its descriptors, on top of that. */
  descriptors: 1500,
  /** Data that a device moves between a disk and memory, for each KiB begun. */
  'kibibytes-moved': 1100,
  /** The supervisor's timer is set anew. */
  'timer-settings': 500,
  /** An alarm of the guest's clock rings. */
  'timer-events': 300,
  /** An access to a page with watched bytes, and each piece of a request that it touches. */
  'watched-accesses': 300,
  /** A range is watched, or no more. */
  'watch-changes': 3000,
  /** Each page that it lies in, on top of that. */
  'watch-steps': 200,
  /** A byte of console output. */
  'console-bytes': 50,
  /** A loop that changes nothing is looked for. */
  'loop-searches': 3000,
} as const;

export type WorkKind = keyof typeof WORK_PRICES;

export const WORK_KINDS = Object.keys(WORK_PRICES) as readonly WorkKind[];
const PRICE_OF = Float64Array.from(WORK_KINDS, (kind) => WORK_PRICES[kind]);

/** The number of each kind, for `add`. */
export const WORK = Object.fromEntries(WORK_KINDS.map((kind, number) => [kind, number])) as Readonly<Record<WorkKind, number>>;

/** Units between two looks at the host: some tens of milliseconds. */
const LOOK_AFTER = 50_000_000;

/** What was done, and what it comes to. */
export interface WorkDone {
  readonly units: number;
  /** How many of each kind; kinds that did not occur are left out. */
  readonly counts: Readonly<Partial<Record<WorkKind, number>>>;
}

/** Why the meter ends a run: the limit is reached; or the host does not want it to go on. */
export type WorkEnd = 'work' | 'interrupted';

export class WorkMeter {
  readonly #counts = new Float64Array(WORK_KINDS.length);
  readonly #look: () => boolean;
  #limit: number;
  #units = 0;
  /** Units at which `over` has to look closer. */
  #threshold: number;
  #nextLook = LOOK_AFTER;
  #halted = false;
  #end: WorkEnd | undefined;
  /** Called once when the run is over, maybe in the middle of an instruction: the hart then runs no further one. */
  ended: () => void = () => {};

  /**
   * @param limit most units
   * @param look asked from time to time; true ends the run
   */
  constructor(limit = Number.POSITIVE_INFINITY, look: () => boolean = () => false) {
    this.#limit = limit;
    this.#look = look;
    this.#threshold = Math.min(limit, this.#nextLook);
  }

  /** `times` things of a kind are about to be done. */
  add(kind: number, times = 1): void {
    this.#counts[kind]! += times;
    this.#units += PRICE_OF[kind]! * times;
  }

  /** Whether what goes on has to stop here. To be asked before each piece of work that is not bounded by something small. */
  get over(): boolean {
    return this.#units >= this.#threshold && this.#lookCloser();
  }

  #lookCloser(): boolean {
    if (this.#halted || this.#end !== undefined) return true;
    if (this.#units >= this.#limit) this.#end = 'work';
    else if (this.#units >= this.#nextLook) {
      this.#nextLook = this.#units + LOOK_AFTER;
      if (this.#look()) this.#end = 'interrupted';
    }
    this.#threshold = this.#end === undefined ? Math.min(this.#limit, this.#nextLook) : 0;
    if (this.#end !== undefined) this.ended();
    return this.#end !== undefined;
  }

  /** Why the run is over, if it is the meter that ends it. */
  get end(): WorkEnd | undefined {
    return this.#end;
  }

  /** Stops the work that is being done, until `goOn`. */
  halt(): void {
    this.#halted = true;
    this.#threshold = 0;
  }

  goOn(): void {
    this.#halted = false;
    this.#threshold = this.#end === undefined ? Math.min(this.#limit, this.#nextLook) : 0;
  }

  /** Lets a run that has ended do a little more, to be looked at. */
  allow(units: number): void {
    this.#limit = this.#units + units;
    this.#end = undefined;
    this.goOn();
  }

  done(): WorkDone {
    const counts: Partial<Record<WorkKind, number>> = {};
    WORK_KINDS.forEach((kind, number) => {
      if (this.#counts[number]! > 0) counts[kind] = this.#counts[number]!;
    });
    return { units: this.#units, counts };
  }

  save() {
    return { counts: this.#counts, units: this.#units, limit: this.#limit, end: this.#end };
  }

  restore({ counts, units, limit, end }: ReturnType<WorkMeter['save']>): void {
    this.#counts.set(counts);
    this.#units = units;
    this.#limit = limit;
    this.#end = end;
    this.#nextLook = units + LOOK_AFTER;
    this.goOn();
  }
}
