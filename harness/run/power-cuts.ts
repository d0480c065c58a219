/**
 * Moments at which the power may have gone off in a run, and what its drives hold then, as a virtio block device allows it.
 *
 * VIRTIO 1.2, 5.2.6.2: a write is stable once it is completed, if the driver has negotiated neither VIRTIO_BLK_F_FLUSH nor a write cache by
 * VIRTIO_BLK_F_CONFIG_WCE; else once a FLUSH that was sent after it is completed. What the sectors of a volatile write hold after a crash is undefined. So:
 *
 * - The power goes off while a request is being carried out. Each sector of it is on the disk or not: a sector is never torn, as with real disks.
 * - Without a write cache all requests before it are on the disk.
 * - With one, each sector that was written since the last FLUSH holds any of what was written to it since then, or what it held at the FLUSH.
 *
 * The schedule is decided by a seed. Left out: requests that are in flight together. Those before the one in which the power goes off count as
 * completed, and a FLUSH covers all that were made before it.
 */
import type { InitialImage } from '../vocabulary/image.ts';
import type { CutSchedule } from '../vocabulary/scenario.ts';
import type { LoggedWrite, WriteLog } from './write-log.ts';

type Drives = ReadonlyMap<string, InitialImage>;

export interface PowerCut {
  /** In the schedule, from 1. */
  readonly number: number;
  readonly drives: Drives;
  /** When it was and what was lost, as a sentence without a full stop. */
  readonly text: string;
}

/** The bytes of a sector: what is sure to be on the disk (undefined: what the image began with), and then what was written since. */
interface Versions {
  readonly sure: Uint8Array | undefined;
  readonly written: Uint8Array[];
}

type Sectors = Map<number, Uint8Array>;

/** In the order of the run. Empty where nothing was written. */
export function* powerCuts(log: WriteLog, before: Drives, { runs, seed, only, inOrder }: CutSchedule): Generator<PowerCut> {
  const writes = log.entries.filter((entry) => entry.kind === 'write').length;
  if (writes === 0) return;
  const random = randomFrom(seed);
  const state = new WrittenState(inOrder);
  let [done, entry] = [0, 0];
  for (let run = 0; run < runs; run++) {
    // One in each of as many equal parts of the run; the last moment is after the last write.
    const at = Math.min(writes, Math.floor(((run + random()) * (writes + 1)) / runs));
    while (done < at || log.entries[entry]?.kind === 'flush') {
      const next = log.entries[entry++]!;
      state.take(next);
      if (next.kind === 'write') done++;
    }
    const interrupted = log.entries[entry];
    const style = STYLES[Math.floor(random() * STYLES.length)]!;
    // Drawn also where it is not the one that is asked for, so that each cut is the same whichever others are made.
    const chosen = state.chosen(interrupted?.kind === 'write' ? interrupted : undefined, style, random);
    if (only !== null && only !== run + 1) continue;
    const drives = new Map([...before].map(([drive, image]) => [drive, image.with(sorted(chosen.sectors.get(drive)))]));
    yield {
      number: run + 1,
      drives,
      text: `${momentText(interrupted?.kind === 'write' ? interrupted : undefined)}; ${lostText(chosen.lost)}`,
    };
  }
}

/** All that was written before is there and nothing of the request; nothing is there that need not be; each sector for itself. */
const STYLES = ['in-order', 'lost', 'mixed', 'mixed'] as const;
type Style = (typeof STYLES)[number];

interface Chosen {
  /** By drive: every sector that the run has written, as the disk holds it. */
  readonly sectors: ReadonlyMap<string, Sectors>;
  /** Sectors that do not hold what was written to them last. */
  readonly lost: readonly { readonly drive: string; readonly sector: number }[];
}

class WrittenState {
  readonly #drives = new Map<string, { sure: Sectors; volatile: Map<number, Uint8Array[]> }>();

  readonly #inOrder: boolean;

  constructor(inOrder: boolean) {
    this.#inOrder = inOrder;
  }

  take(entry: WriteLog['entries'][number]): void {
    const { sure, volatile } = this.#of(entry.drive);
    if (entry.kind === 'flush') {
      for (const [sector, written] of volatile) sure.set(sector, written.at(-1)!);
      volatile.clear();
      return;
    }
    for (const { sector, bytes } of entry.sectors) {
      if (entry.stable || this.#inOrder) {
        sure.set(sector, bytes);
        volatile.delete(sector);
      } else volatile.set(sector, [...(volatile.get(sector) ?? []).slice(1 - MOST_VERSIONS), bytes]);
    }
  }

  chosen(interrupted: LoggedWrite | undefined, style: Style, random: () => number): Chosen {
    const sectors = new Map<string, Sectors>();
    const lost: { drive: string; sector: number }[] = [];
    if (interrupted !== undefined) this.#of(interrupted.drive);
    for (const [drive, { sure, volatile }] of this.#drives) {
      const held = new Map(sure);
      const own = interrupted?.drive === drive ? interrupted.sectors : [];
      const touched = new Set([...volatile.keys(), ...own.map(({ sector }) => sector)]);
      for (const sector of touched) {
        const written = volatile.get(sector) ?? [];
        const now = own.findLast((one) => one.sector === sector)?.bytes;
        const which = pick(
          { sure: sure.get(sector), written: now === undefined ? written : [...written, now] },
          written.length,
          style,
          random,
        );
        if (which.bytes !== undefined) held.set(sector, which.bytes);
        if (!which.last) lost.push({ drive, sector });
      }
      sectors.set(drive, held);
    }
    return { sectors, lost: lost.sort((a, b) => a.sector - b.sector) };
  }

  #of(drive: string) {
    const known = this.#drives.get(drive);
    if (known !== undefined) return known;
    const made = { sure: new Map<number, Uint8Array>(), volatile: new Map<number, Uint8Array[]>() };
    this.#drives.set(drive, made);
    return made;
  }
}

/** Older bytes of one sector that may come back. */
const MOST_VERSIONS = 8;

/** `before`: how many of the written ones come from requests before the interrupted one. */
function pick(
  { sure, written }: Versions,
  before: number,
  style: Style,
  random: () => number,
): { bytes: Uint8Array | undefined; last: boolean } {
  const index = style === 'in-order' ? before : style === 'lost' ? 0 : Math.floor(random() * (written.length + 1));
  return { bytes: index === 0 ? sure : written[index - 1], last: index === written.length };
}

function sorted(sectors: Sectors | undefined): { sector: number; bytes: Uint8Array }[] {
  return [...(sectors ?? [])].map(([sector, bytes]) => ({ sector, bytes })).sort((a, b) => a.sector - b.sector);
}

function momentText(interrupted: LoggedWrite | undefined): string {
  if (interrupted === undefined) return 'the power went off after the last request that wrote';
  const numbers = interrupted.sectors.map(({ sector }) => sector);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const where = first === last ? `sector ${first}` : `sectors ${first} to ${last}`;
  return `the power went off during request number ${interrupted.nth} of those that wrote to drive ${interrupted.drive} (${where})`;
}

const MOST_NAMED = 8;

function lostText(lost: Chosen['lost']): string {
  if (lost.length === 0) return 'nothing that was written is missing';
  const named = lost.slice(0, MOST_NAMED).map(({ sector }) => sector);
  const more = lost.length > MOST_NAMED ? ` and ${lost.length - MOST_NAMED} more` : '';
  const verb = lost.length === 1 ? `sector ${named[0]} does` : `sectors ${named.join(', ')}${more} do`;
  return `${verb} not hold what was written there last`;
}

/** Numbers from 0 to below 1: a counter with odd steps, whose bits are mixed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
