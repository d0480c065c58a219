/**
 * What became of the variable that a sleeping kernel waits for: who stored to it last, and, where it has changed between the kernel's look and
 * its WFI, what the kernel had seen.
 */
import type { WatchedAccess } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { AwaitedExplanation } from '../evidence/awaited-interrupt.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import type { LoopLoadEvidence } from '../evidence/loop.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import { isOnlyNearStack, type KernelCode } from './code.ts';
import type { Replay } from './replay.ts';

/** Accesses to one variable that are looked at before it is given up. */
const MOST_ACCESSES = 20_000;
/** Last stores that are kept, and variables that are watched. */
const MOST_STORES = 3;
const MOST_VARIABLES = 16;
/** Instructions that look at one of them. */
const MOST_PLACES = 64;
const SP = 2;

interface Store {
  readonly time: number;
  readonly instructions: number;
  /** What it left in the variable, however much of it it wrote: known when the next store comes, or at the end. */
  value: bigint | undefined;
  readonly snapshot: HartSnapshot | undefined;
  /** Whether the kernel loaded it before the next store. */
  looked: boolean;
}

/** A look of the kernel at the variable. */
interface Look {
  readonly time: number;
  readonly value: bigint;
}

interface Watched {
  readonly load: LoopLoadEvidence;
  readonly range: { readonly address: bigint; readonly length: number; readonly loads: boolean };
  told: number;
  stores: Store[];
  /** The last look of each instruction. */
  readonly looks: Map<bigint, Look>;
}

export class AwaitedVariables {
  readonly #replay: Replay;
  readonly #watched: readonly Watched[];
  readonly #sleepsInLoop: boolean;

  constructor(replay: Replay, { loop, interrupts }: Evidence, explained: Explanations['loop']) {
    this.#replay = replay;
    this.#sleepsInLoop = loop?.sleeps === true;
    const inLoop = loop?.scan === undefined ? [explained?.polled ?? loop?.loads[0]] : [];
    const sleeping = this.#sleepsInLoop ? inLoop : (interrupts?.ahead ?? []);
    const loads = sleeping.filter((load) => load !== undefined && load.physical !== null && load.what.kind !== 'register');
    this.#watched = loads.slice(0, MOST_VARIABLES).map((load) => ({
      load: load!,
      range: { address: BigInt(load!.physical!), length: load!.width, loads: true },
      told: 0,
      stores: [],
      looks: new Map(),
    }));
  }

  /** To be watched, with `touched` as what is called for each access. */
  get ranges(): Watched['range'][] {
    return this.#watched.flatMap(({ range, told }) => (told > MOST_ACCESSES ? [] : [range]));
  }

  /** True if one was given up, and need not be watched any more. */
  touched({ kind, by, ranges }: WatchedAccess): boolean {
    const { machine } = this.#replay;
    let gaveUp = false;
    for (const one of this.#watched) {
      if (!ranges.includes(one.range)) continue;
      if (++one.told > MOST_ACCESSES) {
        gaveUp = true;
        continue;
      }
      if (kind === 'load') {
        const bytes = machine.debug.readMemory(one.range.address, one.range.length);
        const last = one.stores.at(-1);
        if (last !== undefined) last.looked = true;
        if (bytes && one.looks.size < MOST_PLACES) one.looks.set(machine.debug.pc(), { time: machine.now(), value: number(bytes) });
        continue;
      }
      this.#complete(one);
      const snapshot = by === 'hart' ? snapshotOf(machine) : undefined;
      one.stores.push({ time: machine.now(), instructions: Number(machine.instructions()), value: undefined, snapshot, looked: false });
      if (one.stores.length > MOST_STORES) one.stores = one.stores.slice(-MOST_STORES);
    }
    return gaveUp;
  }

  /** What the last store has left is in memory just before the next one. */
  #complete({ stores, range }: Watched): void {
    const last = stores.at(-1);
    const bytes = last && this.#replay.machine.debug.readMemory(range.address, range.length);
    if (last !== undefined && bytes !== undefined) last.value = number(bytes);
  }

  /** To be called at the end of the run. */
  answer(code: KernelCode): AwaitedExplanation['variable'] {
    for (const one of this.#watched) this.#complete(one);
    const found = this.#watched
      .filter(({ told }) => told <= MOST_ACCESSES)
      .map((one) => ({ ...one, seen: this.#sleepsInLoop ? undefined : lastLook(one, code) }));
    const variable = found.find(({ load, seen, stores }) => {
      return this.#sleepsInLoop || (seen !== undefined && seen.value !== BigInt(load.value) && stores.some(({ time }) => time > seen.time));
    });
    if (variable === undefined) return null;
    const { seen, stores } = variable;
    const isVariable = isOnlyNearStack(variable.load, code, this.#replay.machine.debug.register(SP));
    const load: LoopLoadEvidence = isVariable ? { ...variable.load, what: { kind: 'memory' } } : variable.load;
    return {
      load,
      symbol: load.what.kind === 'memory' ? code.variableAt(BigInt(load.address)) : null,
      seen: seen === undefined ? null : hex(seen.value),
      stores: stores.map(({ instructions, value, snapshot, looked }) => ({
        looked,
        value: value === undefined ? null : hex(value),
        instructions,
        stack: snapshot === undefined ? null : code.stack(snapshot),
      })),
      place: code.place(BigInt(load.pc)),
    };
  }
}

/** The last look of the function that would look at it next: an interrupt's handler looks at it for other reasons. */
function lastLook({ load, looks }: Watched, code: KernelCode): Look | undefined {
  const own = code.functionOf(BigInt(load.pc));
  const same = [...looks].filter(([pc]) => pc === BigInt(load.pc) || (own !== undefined && code.functionOf(pc) === own));
  return same.map(([, look]) => look).sort((a, b) => b.time - a.time)[0];
}

function number(bytes: Uint8Array): bigint {
  return bytes.reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
}
