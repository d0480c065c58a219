/**
 * The meter of work: what a run costs the host beyond its plain instructions (architecture.md, decision 12).
 *
 * Guest time bounds plain instructions: each is one nanosecond of it, and costs the host about as much. But some things cost the host
 * a thousand times more than an instruction: a trap, a read of 64 MiB that one store starts, a byte of console output. Each of them
 * adds its price to this meter. The prices are fixed numbers, so the same run always comes to the same sum, on any host, under any
 * load, interpreted or translated. A run whose sum reaches its limit ends, inside a slice of guest time and inside one request.
 *
 * A price is about the nanoseconds of processor time that the work takes at worst on a slow host (`bench/slow.mjs` compares the two).
 * Left out: work that can only happen once in many plain instructions, such as the translation of code.
 */

/** Units of work for one of each kind. */
export const WORK_PRICES = {
  /** An exception, an interrupt or a call of the firmware. */
  traps: 100,
  /** A return from a trap. */
  returns: 60,
  /** The built-in firmware answers a call; counted in addition to the trap. */
  'firmware-calls': 600,
  /** An instruction that is left to TypeScript: WFI, a cache-block operation, an access to a CSR that has effects. */
  'system-instructions': 150,
  /** An access to a CSR that is more than plain storage; counted in addition to the instruction. */
  'csr-accesses': 400,
  /** The TLB forgets everything. */
  flushes: 150,
  /** The privilege mode, mstatus or a register of interrupts changes: the values that the fast paths read are computed again. */
  'context-changes': 15,
  /**
   * A load, store or atomic that the TLB cannot serve: a miss, a device, a misaligned access. One that crosses a page counts once for
   * each byte.
   */
  'slow-accesses': 40,
  /** A jump to a page of code that is not in the TLB, or an instruction that crosses a page. */
  'slow-fetches': 280,
  /** An instruction is decoded. */
  decodings: 100,
  /** A page of RAM becomes a page of code. */
  'code-pages': 8000,
  /** A store to a page of code. */
  'code-stores': 60,
  /** A floating-point operation that the host's own arithmetic cannot do. */
  'soft-float': 150,
  /** A watched instruction is executed: for each rule by which it is counted. */
  'watched-calls': 30,
  /** Changes of what memory protection allows. */
  'protection-changes': 8000,
  /** A register of a device is read or written. */
  'device-accesses': 110,
  /** An access to a virtio device's register, in addition: the rules of virtio look at each of them. A write counts twice. */
  'virtio-registers': 500,
  /** The driver resets a device, sets its features, or sets where a queue is. */
  'device-set-ups': 1500,
  notifications: 2300,
  /** A chain is taken from a queue, judged by the rules of virtio, carried out and answered. */
  chains: 40_000,
  /** Each descriptor of the chain, in addition. */
  descriptors: 1500,
  /** Data that a device moves between a disk and memory, for each KiB begun. */
  'kibibytes-moved': 1100,
  /** The supervisor's timer is set. */
  'timer-settings': 500,
  /** An alarm of the guest's clock rings. */
  'timer-events': 300,
  /** A turn of one of several harts that ends after less than a tenth of its time: the exchange of harts costs more than what it runs. */
  'short-turns': 1000,
  /** An access to a page with watched bytes, and each piece of a request that it touches. */
  'watched-accesses': 300,
  /** A range of bytes begins to be watched, or ceases to be. */
  'watch-changes': 3000,
  /** Each page that it lies in, on top of that. */
  'watch-steps': 200,
  /** A byte of console output. */
  'console-bytes': 50,
  /** A search for a loop that changes nothing. */
  'loop-searches': 3000,
} as const;

export type WorkKind = keyof typeof WORK_PRICES;

export const WORK_KINDS = Object.keys(WORK_PRICES) as readonly WorkKind[];
const PRICE_OF = Float64Array.from(WORK_KINDS, (kind) => WORK_PRICES[kind]);

/** The number of each kind, for `add`. */
export const WORK = Object.fromEntries(WORK_KINDS.map((kind, number) => [kind, number])) as Readonly<Record<WorkKind, number>>;

/** Units of work after which the host is asked again whether to go on: some tens of milliseconds. */
const LOOK_AFTER = 50_000_000;

/** What was done, and the sum of its prices. */
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
  /** Number of units from which on `over` has to check the limit and ask the host. */
  #threshold: number;
  #nextLook = LOOK_AFTER;
  #halted = false;
  #end: WorkEnd | undefined;
  /** Called once when the meter ends the run, perhaps in the middle of an instruction: the hart then starts no other one. */
  ended: () => void = () => {};

  /**
   * @param limit most units
   * @param look called from time to time; the run ends when it returns true
   */
  constructor(limit = Number.POSITIVE_INFINITY, look: () => boolean = () => false) {
    this.#limit = limit;
    this.#look = look;
    this.#threshold = Math.min(limit, this.#nextLook);
  }

  /** Work of a kind is about to be done, `times` times. */
  add(kind: number, times = 1): void {
    this.#counts[kind]! += times;
    this.#units += PRICE_OF[kind]! * times;
  }

  /** Whether the work has to stop here. To be asked before each piece of work whose size the guest chooses. */
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

  /** Why the run is over, if the meter has ended it. */
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

  /** Lets a run that has ended do a little more, so that it can be examined. */
  allow(units: number): void {
    this.#limit = this.#units + units;
    this.#end = undefined;
    this.goOn();
  }

  /** `more`: work that was done and not added yet, as numbers of kinds and how often. */
  done(more: readonly (readonly [kind: number, times: number])[] = []): WorkDone {
    const counts: Partial<Record<WorkKind, number>> = {};
    const all = this.#counts.slice();
    for (const [kind, times] of more) all[kind]! += times;
    WORK_KINDS.forEach((kind, number) => {
      if (all[number]! > 0) counts[kind] = all[number]!;
    });
    return { units: more.reduce((sum, [kind, times]) => sum + PRICE_OF[kind]! * times, this.#units), counts };
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
