/**
 * Variables that a kernel read before anything had stored to them: it takes .bss for zeroes, which only a loader makes of it. Asked where RAM held
 * something else at power-on, and of a kernel that resets the machine, since RAM keeps its values over a reset.
 */
import { hex } from '../bytes/hex.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay, ReplayedRun } from './replay.ts';

/** Accesses to .bss that are looked at: a kernel's stack may lie there. */
const MOST_ACCESSES = 1_000_000;
/** Bytes of .bss that are watched; a heap may be a part of it. */
const MOST_BYTES = 1 << 20;
const MOST_VARIABLES = 16;

type Unset = NonNullable<Explanations['unset']>;

interface Look {
  readonly address: bigint;
  readonly length: number;
  readonly value: string;
  readonly snapshot: HartSnapshot;
}

export function mayBeUnset({ scenario }: ReplayedRun, { stop }: Evidence): boolean {
  return scenario.machine.fillRam !== 0 || stop.reason === 'reset';
}

/** Null if there are none, or it takes too long to know. */
export function explainUnset(replay: Replay, run: ReplayedRun, { time }: Evidence, code: KernelCode): Unset | null {
  replay.goBefore(0);
  const { debug } = replay.machine;
  const isFilled = run.scenario.machine.fillRam !== 0;
  const ranges = code.zeroed(MOST_BYTES).map((area) => ({ ...area, loads: true, stored: new Uint8Array(area.length) }));
  const looks = new Map<string, Look>();
  let left = MOST_ACCESSES;
  const watcher = {};
  replay.watch(watcher, ranges, ({ kind, by, address, length, ranges: touched }) => {
    if (left-- === 0) return replay.watch(watcher, [], () => undefined);
    for (const { address: start, stored } of ranges.filter((range) => touched.includes(range))) {
      const at = Number(address - start);
      if (kind === 'store') stored.fill(1, Math.max(0, at), Math.max(0, at + length));
      else if (by === 'hart' && looks.size < MOST_VARIABLES && stored.subarray(Math.max(0, at), at + length).includes(0)) {
        const symbol = variableOf(address, code);
        if (symbol !== null && !looks.has(symbol))
          looks.set(symbol, { address, length, value: numberIn(debug.readMemory(address, length)), snapshot: snapshotOf(replay.machine) });
      }
    }
  });
  if (!replay.runTo(time) || left <= 0) return null;
  replay.watch(watcher, [], () => undefined);
  const all = [...looks].map(([symbol, look]) => ({ symbol, ...look, end: numberIn(debug.readMemory(look.address, look.length)) }));
  const telling = all.filter(({ value, end }) => (isFilled ? value : end) !== '0x0');
  const [first] = telling;
  if (first === undefined) return null;
  return {
    symbol: first.symbol,
    address: hex(first.address),
    value: first.value,
    end: first.end,
    filled: isFilled,
    others: telling.slice(1).map(({ symbol }) => symbol),
    stack: code.stack(first.snapshot),
  };
}

function numberIn(bytes: Uint8Array | undefined): string {
  return hex((bytes ?? new Uint8Array()).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n));
}

function variableOf(physical: bigint, code: KernelCode): string | null {
  const address = code.fileAddress(physical);
  return address === undefined ? null : code.variableAt(address);
}
