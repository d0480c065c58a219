/**
 * Where the order of harts may matter, from the log of a run: right before an access to a word that different harts touch, or an interrupt's
 * handler and what it may have interrupted, where at least one of them writes it. A schedule that preempts a hart elsewhere makes no difference.
 *
 * Reference: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs" (PLDI 2007), section 3.1.
 */
import { ACCESS_KIND } from '../layout/access-log.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';
import { KeptAccesses, type PreemptionPoint } from './kept-accesses.ts';
import { Contexts, TouchedWords } from './touched-words.ts';

export class SharedAccesses implements AccessConsumer {
  readonly #words = new TouchedWords();
  readonly #contexts = new Contexts();
  readonly #kept = new KeptAccesses();

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      if (batch.kind(record) <= ACCESS_KIND.conditional) this.#access(batch, record);
      else this.#contexts.follow(batch, record);
    }
  }

  #access(batch: AccessBatch, record: number): void {
    const context = this.#contexts.of(batch.hart(record));
    if (this.#kept.isFull || !this.#words.touch(batch.address(record), context, batch.writes(record))) return;
    this.#kept.add(batch, record);
  }

  /** In the order in which they were logged. A hart that polls a word in a loop has one point there until it does something else. */
  points(): PreemptionPoint[] {
    const points: PreemptionPoint[] = [];
    const last: (PreemptionPoint | undefined)[] = [];
    for (let at = 0; at < this.#kept.length; at++) {
      if (!this.#words.isShared(this.#kept.address(at))) continue;
      const point = this.#kept.point(at);
      const before = last[point.hart];
      last[point.hart] = point;
      if (before === undefined || before.pc !== point.pc || before.address !== point.address) points.push(point);
    }
    return points;
  }
}
