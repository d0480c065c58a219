/**
 * The counters: cycle (nanoseconds of guest time), time, instret, and those of Zihpm, which count nothing and stay 0.
 * Reference: RISC-V Privileged Architecture, "Hardware Performance Monitor", "Machine Counter-Inhibit CSR"; Zicntr, Zihpm. Of the 29
 * performance counters, 3 to 18 exist, as in QEMU 10.
 */

import { COUNTER, COUNTER_ENABLES } from '../exec/counter-enable.ts';
import type { Slot } from '../layout/slots.ts';
import type { HartState } from '../layout/state.ts';
import type { Csr, CsrPort } from './csr-register.ts';

const ALL = (1n << 64n) - 1n;
const { cycle: CY, time: TM, instret: IR } = COUNTER;
const FIRST_PERFORMANCE = 3;
const LAST_PERFORMANCE = 18;
const EVENT_REGISTERS = 29;
/** Bits of mcounteren and scounteren. */
export const COUNTERS = (1n << BigInt(LAST_PERFORMANCE + 1)) - 1n;
const INHIBITABLE = COUNTERS & ~(1n << BigInt(TM));

/** A counter that counts with a source, at an offset that a write has set. While it is inhibited it stands still. */
export class Counter {
  readonly #state: HartState;
  readonly #offset: Slot;
  #held: bigint | undefined;

  /** @param offset the slot with the offset, from which generated code serves reads while the counter is not inhibited */
  constructor(state: HartState, offset: Slot) {
    this.#state = state;
    this.#offset = offset;
  }

  read(source: bigint): bigint {
    return this.#held ?? (source + this.#state.get(this.#offset)) & ALL;
  }

  /** @param next the source's value after the writing instruction, so that this instruction itself is not added to the written value */
  write(value: bigint, next: bigint): void {
    if (this.#held === undefined) this.#state.set(this.#offset, value - next);
    else this.#held = value;
  }

  /** @param source the source's value before the instruction that changes this, and `next` its value after it */
  inhibit(inhibited: boolean, source: bigint, next: bigint): void {
    if (inhibited === (this.#held !== undefined)) return;
    const value = this.read(source);
    this.#held = inhibited ? value : undefined;
    this.#state.set(this.#offset, value - next);
  }

  save() {
    return { held: this.#held };
  }

  restore({ held }: ReturnType<Counter['save']>): void {
    this.#held = held;
  }
}

const allowed =
  (bit: number) =>
  (p: CsrPort): boolean => {
    const enabled = (slot: Slot) => ((p.state.get(slot) >> BigInt(bit)) & 1n) === 1n;
    return COUNTER_ENABLES.some(([privilege, registers]) => privilege === p.state.small('privilege') && registers.every(enabled));
  };

const now = (p: CsrPort): bigint => BigInt(p.now());
const cycles = (p: CsrPort): bigint => p.cycleCounter.read(now(p));
const instructions = (p: CsrPort): bigint => p.retiredCounter.read(p.retired());

function writeInhibit(p: CsrPort, value: bigint): void {
  const inhibited = (bit: number) => ((value >> BigInt(bit)) & 1n) === 1n;
  p.state.set('mcountinhibit', value & INHIBITABLE);
  p.cycleCounter.inhibit(inhibited(CY), now(p), now(p));
  p.retiredCounter.inhibit(inhibited(IR), p.retired(), p.retired() + 1n);
}

const zihpm = (p: CsrPort): boolean => p.options.zihpm;
const zero = { read: () => 0n, write: () => undefined } as const;

function performance(n: number): readonly Csr[] {
  return [
    { number: 0xc00 + n, name: `hpmcounter${n}`, allowed: (p) => p.options.zihpm && allowed(n)(p), read: () => 0n },
    { number: 0xb00 + n, name: `mhpmcounter${n}`, allowed: zihpm, ...zero },
  ];
}

const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

export const COUNTER_CSRS: readonly Csr[] = [
  { number: 0xc00, name: 'cycle', generated: 'cycle', unrepeatable: true, allowed: allowed(CY), read: cycles },
  { number: 0xc01, name: 'time', generated: 'time', allowed: allowed(TM) },
  { number: 0xc02, name: 'instret', generated: 'instret', unrepeatable: true, allowed: allowed(IR), read: instructions },
  { number: 0xb00, name: 'mcycle', generated: 'cycle', unrepeatable: true, read: cycles, write: (p, v) => p.cycleCounter.write(v, now(p)) },
  {
    number: 0xb02,
    name: 'minstret',
    generated: 'instret',
    unrepeatable: true,
    read: instructions,
    write: (p, v) => p.retiredCounter.write(v, p.retired() + 1n),
  },
  { number: 0x106, name: 'scounteren', slot: 'scounteren', writeMask: COUNTERS },
  { number: 0x306, name: 'mcounteren', slot: 'mcounteren', writeMask: COUNTERS },
  { number: 0x320, name: 'mcountinhibit', unrepeatable: true, read: (p) => p.state.get('mcountinhibit'), write: writeInhibit },
  ...from(FIRST_PERFORMANCE, LAST_PERFORMANCE - FIRST_PERFORMANCE + 1).flatMap(performance),
  ...from(FIRST_PERFORMANCE, EVENT_REGISTERS).map((n) => ({ number: 0x320 + n, name: `mhpmevent${n}`, allowed: zihpm, ...zero })),
];
