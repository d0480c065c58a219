/** What the main thread and the watchdog tell each other: numbers and a text in memory that both threads see. */
import { MOST_BESIDE_GUEST, type Patience } from './deadlines.ts';

/** Why the watchdog gives up, in the order of their numbers in shared memory. */
const VERDICTS = ['over', 'silent', 'asleep', 'memory'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Indices of the numbers. */
const FIELDS = ['state', 'verdict', 'beats', 'ends', 'seconds', 'memory', 'letters'] as const;
const at = (field: (typeof FIELDS)[number]) => FIELDS.indexOf(field);

/** Values of `state`. */
const [IDLE, WORKING, GIVEN_UP] = [0, 1, 2];

const TEXT_AT = 4 * FIELDS.length;
/** Bytes of text; scenarios' names may be of any length. */
const TEXT = 400;

/** Milliseconds of processor time that this process has used. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
}

export class WatchState {
  readonly buffer: SharedArrayBuffer;
  readonly #numbers: Int32Array;
  readonly #text: Uint8Array;

  constructor(buffer = new SharedArrayBuffer(TEXT_AT + TEXT)) {
    this.buffer = buffer;
    this.#numbers = new Int32Array(buffer, 0, FIELDS.length);
    this.#text = new Uint8Array(buffer, TEXT_AT);
  }

  /** `memory`: MiB that the process may occupy. */
  begin(memory: number): void {
    Atomics.store(this.#numbers, at('memory'), memory);
    Atomics.store(this.#numbers, at('state'), WORKING);
  }

  /** False if the watchdog has given up just before. */
  end(): boolean {
    return Atomics.compareExchange(this.#numbers, at('state'), WORKING, IDLE) === WORKING;
  }

  /** `seconds`: of processor time, which the stage may take. */
  enter(where: string, seconds: number): void {
    Atomics.store(this.#numbers, at('seconds'), Math.ceil(seconds));
    Atomics.store(this.#numbers, at('ends'), Math.ceil(processorTime() + 1000 * seconds));
    Atomics.store(this.#numbers, at('letters'), new TextEncoder().encodeInto(where, this.#text).written);
    this.beat();
  }

  beat(): void {
    Atomics.add(this.#numbers, at('beats'), 1);
  }

  get isWorking(): boolean {
    return Atomics.load(this.#numbers, at('state')) === WORKING;
  }

  get beats(): number {
    return Atomics.load(this.#numbers, at('beats'));
  }

  /** Milliseconds of processor time at which the stage is over. */
  get ends(): number {
    return Atomics.load(this.#numbers, at('ends'));
  }

  get memory(): number {
    return Atomics.load(this.#numbers, at('memory'));
  }

  /** False if the work has ended just before. */
  giveUp(verdict: Verdict): boolean {
    Atomics.store(this.#numbers, at('verdict'), VERDICTS.indexOf(verdict));
    return Atomics.compareExchange(this.#numbers, at('state'), WORKING, GIVEN_UP) === WORKING;
  }

  get isGivenUp(): boolean {
    return Atomics.load(this.#numbers, at('state')) === GIVEN_UP;
  }

  /** The work that was given up has really ended. */
  reset(): void {
    Atomics.store(this.#numbers, at('state'), IDLE);
  }

  /** Why it was given up, as a phrase. */
  reason({ silence, sleep }: Patience): string {
    const where = Buffer.from(this.#text.slice(0, Atomics.load(this.#numbers, at('letters')))).toString();
    switch (VERDICTS[Atomics.load(this.#numbers, at('verdict'))]!) {
      case 'over':
        return `it took more than ${Atomics.load(this.#numbers, at('seconds'))} seconds of processor time ${where}`;
      case 'silent':
        return `stuck for ${silence} seconds of processor time ${where}`;
      case 'asleep':
        return `nothing moved for ${sleep} seconds ${where}`;
      case 'memory':
        return `out of memory: it needed more than ${MOST_BESIDE_GUEST} MiB besides the memory of the machine, ${where}`;
    }
  }
}
