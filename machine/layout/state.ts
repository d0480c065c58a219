/** TypeScript's view of what generated code loads and stores in the one memory: the hart's registers and slots. */
import { HART_BYTES, HART_PARTS } from './memory-map.ts';
import { F, FIRST_SHARED, SLOT, SLOTS_END, type Slot } from './slots.ts';

const wordsOf = (buffer: ArrayBuffer): BigUint64Array => new BigUint64Array(buffer, 0, SLOTS_END / 8);

/** TypeScript's view of a hart's registers: 64-bit values are bigints, always unsigned. */
export class HartState {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The hart's registers and slots, eight bytes each, wherever they lie now. */
  words: BigUint64Array;
  /** What belongs to the hart (HART_PARTS), by the addresses that it has in memory while it is the hart's turn. */
  own: DataView;
  readonly #shared: BigUint64Array;
  #parked: Uint8Array | undefined;
  /** Called with a page's number before it is stored to for the first time, while the slot `keeping` is set. */
  keepPage: (page: number) => void = () => {};

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.#shared = wordsOf(memory.buffer);
    this.words = this.#shared;
    this.own = this.view;
  }

  /** Whether what belongs to the hart lies elsewhere, since it is the turn of a different one. */
  get isParked(): boolean {
    return this.own !== this.view;
  }

  /** Takes what belongs to the hart out of the memory. */
  park(): void {
    this.#parked ??= new Uint8Array(HART_BYTES);
    copyParts(this.bytes, this.#parked);
    this.#parkIn(this.#parked);
  }

  #parkIn({ buffer }: Uint8Array): void {
    this.words = wordsOf(buffer as ArrayBuffer);
    this.own = new DataView(buffer);
  }

  /** Puts it back. */
  unpark(): void {
    copyParts(this.#parked!, this.bytes);
    this.#unparked();
  }

  #unparked(): void {
    this.words = this.#shared;
    this.own = this.view;
  }

  /** Makes what belongs to a hart zero in the memory, for a new one. */
  clearOwn(): void {
    for (const [from, to] of HART_PARTS) this.bytes.fill(0, from, to);
  }

  /** What is parked, for a snapshot; undefined where it is in the memory. */
  saveParked(): Uint8Array | undefined {
    return this.isParked ? this.#parked!.slice() : undefined;
  }

  restoreParked(parked: Uint8Array | undefined): void {
    if (parked === undefined) return this.#unparked();
    this.#parked = parked.slice();
    this.#parkIn(this.#parked);
  }

  x(register: number): bigint {
    return this.words[register]!;
  }

  setX(register: number, value: bigint): void {
    if (register !== 0) this.words[register] = value;
  }

  f(register: number): bigint {
    return this.words[F / 8 + register]!;
  }

  setF(register: number, value: bigint): void {
    this.words[F / 8 + register] = value;
  }

  get(slot: Slot): bigint {
    return this.#wordsWith(slot)[SLOT[slot] / 8]!;
  }

  set(slot: Slot, value: bigint): void {
    this.#wordsWith(slot)[SLOT[slot] / 8] = value;
  }

  #wordsWith(slot: Slot): BigUint64Array {
    return SLOT[slot] < FIRST_SHARED ? this.words : this.#shared;
  }

  #viewWith(slot: Slot): DataView {
    return SLOT[slot] < FIRST_SHARED ? this.own : this.view;
  }

  /** A whole number of nanoseconds below 2^53. */
  setTime(slot: Slot, time: number): void {
    const view = this.#viewWith(slot);
    view.setUint32(SLOT[slot], time % 0x1_0000_0000, true);
    view.setUint32(SLOT[slot] + 4, Math.floor(time / 0x1_0000_0000), true);
  }

  time(slot: Slot): number {
    const view = this.#viewWith(slot);
    return view.getUint32(SLOT[slot], true) + view.getUint32(SLOT[slot] + 4, true) * 0x1_0000_0000;
  }

  /** For slots that are small: privilege, budget, interrupt. */
  small(slot: Slot): number {
    return this.#viewWith(slot).getInt32(SLOT[slot], true);
  }

  setSmall(slot: Slot, value: number): void {
    const view = this.#viewWith(slot);
    view.setInt32(SLOT[slot], value, true);
    view.setInt32(SLOT[slot] + 4, value >> 31, true);
  }
}

function copyParts(from: Uint8Array, to: Uint8Array): void {
  for (const [first, end] of HART_PARTS) to.set(from.subarray(first, end), first);
}
