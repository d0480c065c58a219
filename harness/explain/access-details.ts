/**
 * What the log of a run does not have of an access: what a load loads, and who has called. The run is repeated, and looked at just before each of them.
 * Loads of pages that are watched are translated anew each time, so a run in which a hart uses a translation that is no longer there may go on differently:
 * from there on nothing is found.
 */
import type { Machine } from '../../machine/index.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { ScenarioRun } from '../run/scenario.ts';
import type { Access } from './interleavings.ts';

/** Accesses to the words in question that are looked at. */
const MOST_LOOKED_AT = 1 << 20;

export interface AccessDetail {
  readonly snapshot: HartSnapshot;
  /** What the word holds before it. */
  readonly value: bigint | undefined;
}

export class AccessDetails {
  readonly #clock: number;
  /** By hart, time and instruction. */
  readonly #asked = new Map<string, Access>();
  readonly #found = new Map<number, AccessDetail>();
  #looked = 0;

  /** `clock`: nanoseconds that an instruction takes. */
  constructor(accesses: readonly Access[], clock: number) {
    this.#clock = clock;
    for (const access of accesses) this.#asked.set(keyOf(access.hart, access.time, access.pc), access);
  }

  /** `run`: at its beginning. */
  look(run: ScenarioRun): void {
    const ranges = [...this.#asked.values()].map(({ address, width }) => ({ address: BigInt(address), length: width, loads: true }));
    const isDone = () => this.#found.size === this.#asked.size || this.#looked > MOST_LOOKED_AT;
    run.watch(ranges, (machine) => this.#at(machine), isDone);
  }

  of({ order }: Access): AccessDetail | undefined {
    return this.#found.get(order);
  }

  #at(machine: Machine): void {
    const { debug } = machine;
    this.#looked++;
    // The instruction itself is counted already.
    const access = this.#asked.get(keyOf(debug.hart, machine.now() / this.#clock - 1, debug.pc()));
    if (access === undefined || this.#found.has(access.order)) return;
    const bytes = debug.readMemory(BigInt(access.address), access.width);
    const value = bytes?.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
    if (access.old === undefined || access.old === value) this.#found.set(access.order, { snapshot: snapshotOf(machine), value });
  }
}

function keyOf(hart: number, time: number, pc: bigint): string {
  return `${hart} ${time} ${pc}`;
}
