/**
 * Buffers of consecutive reads that begin again where an earlier one was: in a loop over sectors, an offset that is kept in 16 bits goes back to
 * its beginning after 65,536 bytes, and the device writes over data that the kernel has not read yet.
 */
import type { Evidence, RequestEvidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';

const WRAPS_AT = 65_536n;
const SECTOR = 512;
const READ = 0;

type Wrapped = NonNullable<Explanations['wrapped']>;

interface Candidate {
  readonly earlier: RequestEvidence;
  readonly later: RequestEvidence;
  readonly buffer: Buffer;
}

interface Buffer {
  readonly address: bigint;
  readonly length: number;
}

/** The data of a read that was done, where they are in one piece. */
function bufferOf({ type, roles, completion, sector }: RequestEvidence): Buffer | undefined {
  const data = roles.filter(({ role }) => role === 'data');
  const [only] = data;
  if (type !== READ || completion === null || sector === null || data.length !== 1 || only === undefined) return undefined;
  return { address: BigInt(only.address), length: only.length };
}

/** Where the buffer of the last read ended. */
interface End {
  readonly number: number;
  readonly end: bigint;
  readonly sector: bigint;
  /** How many buffers lie one after the other there. */
  readonly run: number;
}

/** The first request whose buffer lies 65,536 bytes before the place where the one before it ended, and where an earlier one has had its data. */
export function wrappedBuffer({ requests }: Evidence): Candidate | null {
  const [last, ends] = [new Map<string, RequestEvidence>(), new Map<string, End>()];
  for (const request of requests) {
    const buffer = bufferOf(request);
    const known = ends.get(request.drive);
    // Others may have been left out between the two.
    const before = known?.number === request.number - 1 ? known : undefined;
    if (buffer === undefined) {
      ends.delete(request.drive);
      continue;
    }
    const sector = BigInt(request.sector!);
    const follows = before?.sector === sector;
    const key = `${request.drive} ${buffer.address}`;
    const earlier = last.get(key);
    if (follows && before.run > 1 && buffer.address === before.end - WRAPS_AT && earlier !== undefined)
      return { earlier, later: request, buffer };
    const run = follows && before.end === buffer.address ? before.run + 1 : 1;
    ends.set(request.drive, {
      number: request.number,
      end: buffer.address + BigInt(buffer.length),
      sector: sector + BigInt(Math.floor(buffer.length / SECTOR)),
      run,
    });
    last.set(key, request);
  }
  return null;
}

/** Null if the kernel has read what was there, or that is not known. */
export function explainWrapped(replay: Replay, { earlier, later, buffer }: Candidate, code: KernelCode): Wrapped | null {
  const from = earlier.completion!.time;
  replay.goBefore(from);
  if (!replay.runTo(from)) return null;
  let wasRead = false;
  replay.watch(earlier, [{ ...buffer, loads: true }], ({ by, kind }) => {
    wasRead ||= by === 'hart' && kind === 'load';
  });
  const isThere = replay.runTo(replay.justBefore(later.time));
  const stack = code.stack(snapshotOf(replay.machine));
  replay.watch(earlier, [], () => undefined);
  if (!isThere || wasRead) return null;
  return {
    drive: later.drive,
    earlier: earlier.number,
    later: later.number,
    address: `0x${buffer.address.toString(16)}`,
    bytes: Number(WRAPS_AT),
    stack,
  };
}
