/**
 * Who holds a lock: the hart that has changed its word last. The run is repeated for it, with a watch on the words; what harts do in it, and in which order, follows from
 * guest time, so that it is the same run.
 */
import type { Machine } from '../../machine/index.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import { ScenarioRun } from '../run/scenario.ts';
import type { ReplayedRun } from './replay.ts';

/** Bytes of the stack: what takes a lock is not called from deep inside. */
const STACK = 4096;
/** Accesses that may change a word: one for each time that a lock is taken or released. */
const MOST_CHANGES = 50_000;
/** Accesses that are looked at in all, those of loops among them. */
const MOST_LOOKED_AT = 5_000_000;

export interface Holder {
  readonly hart: number;
  readonly snapshot: HartSnapshot;
}

/** A word, and the access that may have changed it: what comes next will tell. */
interface Watched {
  readonly address: bigint;
  readonly length: number;
  /** What it held before the last access. */
  before: bigint | undefined;
  last: Holder | undefined;
  changed: Holder | undefined;
}

/** By physical address. Those of which it is not known, in a run that takes too long, are missing. */
export function lockHolders(
  run: ReplayedRun,
  words: readonly { readonly address: bigint; readonly length: number }[],
): Map<bigint, Holder> {
  const watched = words.map((word): Watched => ({ ...word, before: undefined, last: undefined, changed: undefined }));
  let [changes, looked] = [0, 0];
  const again = new ScenarioRun(run.scenario, run.images, run.kernel, run.host);
  again.watch(
    words,
    (machine) => {
      looked++;
      for (const word of watched) if (look(word, machine)) changes++;
    },
    () => changes > MOST_CHANGES || looked > MOST_LOOKED_AT,
  );
  again.release();
  if (changes > MOST_CHANGES || looked > MOST_LOOKED_AT) return new Map();
  return new Map(watched.flatMap(({ address, changed }) => (changed === undefined ? [] : [[address, changed] as const])));
}

/** Before each access to any of the words. Returns whether this one may be a change. */
function look(word: Watched, machine: Machine): boolean {
  const { debug } = machine;
  const now = numberAt(debug.readMemory(word.address, word.length));
  const hasChanged = word.before !== undefined && now !== word.before;
  if (hasChanged) word.changed = word.last;
  word.before = now;
  // The same instruction once more, in a loop that waits.
  if (!hasChanged && word.last?.hart === debug.hart && word.last.snapshot.pc === debug.pc()) return false;
  word.last = { hart: debug.hart, snapshot: snapshotOf(machine, STACK) };
  return true;
}

function numberAt(bytes: Uint8Array | undefined): bigint | undefined {
  return bytes?.reduceRight((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}
