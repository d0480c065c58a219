/**
 * Where the order of harts may matter, from the log of a run: right before an access to a word that different harts touch, or an interrupt's
 * handler and what it may have interrupted, where at least one of them writes it; right before an access to a device; and right after an access to such a
 * word where the hart then does without memory for long, since it may wait (WFI) for what has happened meanwhile. A schedule that preempts
 * a hart elsewhere, before a fence or where it writes a CSR, makes no difference that one of these does not make.
 *
 * Reference: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs" (PLDI 2007), section 3.1.
 */
import { ACCESS_KIND } from '../layout/access-log.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';
import { KeptAccesses, type PreemptionPoint } from './kept-accesses.ts';
import { Contexts, TouchedWords } from './touched-words.ts';

const DEVICE_KINDS: ReadonlySet<number> = new Set([ACCESS_KIND['device-load'], ACCESS_KIND['device-store']]);
/** A hart that accesses nothing for so many instructions may have waited. */
const LONG = 1000;

export class SharedAccesses implements AccessConsumer {
  readonly #words = new TouchedWords();
  readonly #contexts = new Contexts();
  readonly #kept = new KeptAccesses();

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      const kind = batch.kind(record);
      if (kind <= ACCESS_KIND.conditional) this.#access(batch, record);
      else if (DEVICE_KINDS.has(kind)) this.#kept.add(batch, record);
      else this.#contexts.follow(batch, record);
    }
  }

  #access(batch: AccessBatch, record: number): void {
    const context = this.#contexts.of(batch.hart(record));
    if (this.#kept.isFull || !this.#words.touch(batch.address(record), context, batch.writes(record))) return;
    this.#kept.add(batch, record);
  }

  /** A hart that polls a word in a loop has one point there until it does something else. Empty where no memory is shared. */
  points(): PreemptionPoint[] {
    const points: PreemptionPoint[] = [];
    const last: (PreemptionPoint | undefined)[] = [];
    /** Of each hart, its last access, if that was one of these. */
    const latest: (PreemptionPoint | undefined)[] = [];
    let isMemoryShared = false;
    for (let at = 0; at < this.#kept.length; at++) {
      const [hart, address] = [this.#kept.hart(at), this.#kept.address(at)];
      const waiting = latest[hart];
      if (waiting !== undefined && this.#kept.time(at) - waiting.time >= LONG) points.push(after(waiting));
      latest[hart] = undefined;
      const isMemory = address >= RAM_BASE;
      if (isMemory && !this.#words.isShared(address)) continue;
      isMemoryShared ||= isMemory;
      const point = this.#kept.point(at);
      const before = last[hart];
      last[hart] = point;
      latest[hart] = point;
      if (before === undefined || before.pc !== point.pc || before.address !== point.address) points.push(point);
    }
    return isMemoryShared ? points : [];
  }
}

/** No instruction can be where its `pc` is, so that it is a place of its own. */
function after(point: PreemptionPoint): PreemptionPoint {
  return { ...point, time: point.time + 1, pc: point.pc + 1n };
}
