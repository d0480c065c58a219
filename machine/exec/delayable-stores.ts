/**
 * Which stores it may make a difference to see late, from the log of a run: plain stores to words that another hart touches or a device reads, after which their
 * hart comes to a device, or to another such word, before it comes to what orders them. It makes no difference when exactly a store is seen that is not overtaken.
 */
import { ACCESS_KIND } from '../layout/access-log.ts';
import { MOST_HARTS } from '../spec/virt-board.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';
import { ordersStores } from './delayed-stores.ts';
import { KeptAccesses, type PreemptionPoint } from './kept-accesses.ts';
import { TouchedWords } from './touched-words.ts';

export interface DelayablePoint extends PreemptionPoint {
  /** When the hart came to what orders the store, in units of the engine's clock; Infinity if it never did. */
  readonly until: number;
}

/** What is kept: accesses to memory, of which plain stores can be delayed; those to devices; and what orders a hart's stores before all that follows. */
const MARK = { access: 0, store: 1, device: 2, order: 3 } as const;
const WORD = 8;

export class DelayableStores implements AccessConsumer {
  /** By hart. */
  readonly #words = new TouchedWords();
  readonly #readByDevices = new TouchedWords();
  readonly #kept = new KeptAccesses();

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      const kind = batch.kind(record);
      if (kind <= ACCESS_KIND.conditional) this.#access(batch, record);
      else if (kind === ACCESS_KIND['dma-load']) this.#readByDevice(batch.address(record), Number(batch.value(record)));
      else if (kind === ACCESS_KIND['device-store'] || kind === ACCESS_KIND['device-load']) this.#kept.add(batch, record, MARK.device);
      if (ordersStores(batch, record)) this.#kept.add(batch, record, MARK.order);
    }
  }

  #readByDevice(address: number, length: number): void {
    for (let at = address - (address % WORD); at < address + length; at += WORD) this.#readByDevices.touch(at, 0, false);
  }

  #access(batch: AccessBatch, record: number): void {
    if (!this.#words.touch(batch.address(record), batch.hart(record), batch.writes(record))) return;
    this.#kept.add(batch, record, batch.kind(record) === ACCESS_KIND.store ? MARK.store : MARK.access);
  }

  /** In the order in which they were logged. */
  points(): DelayablePoint[] {
    const points: DelayablePoint[] = [];
    const later = Array.from({ length: MOST_HARTS }, () => new Later());
    for (let at = this.#kept.length - 1; at >= 0; at--) {
      const own = later[this.#kept.hart(at)]!;
      const mark = this.#kept.mark(at);
      if (mark === MARK.order) own.orders(this.#kept.time(at));
      else if (mark === MARK.device) own.touches(undefined);
      else if (this.#isSeen(at)) {
        const address = this.#kept.address(at);
        if (mark === MARK.store && own.touchesOther(address)) points.push({ ...this.#kept.point(at), until: own.until });
        own.touches(address);
      }
    }
    return points.reverse();
  }

  #isSeen(at: number): boolean {
    const address = this.#kept.address(at);
    const others = this.#words.touchedBy(address) & ~(1 << this.#kept.hart(at));
    return others !== 0 || this.#readByDevices.touchedBy(address) !== 0;
  }
}

/** What a hart does later, up to what orders its stores. */
class Later {
  until = Number.POSITIVE_INFINITY;
  /** Words that others see: the first one, and whether there are several, or a device. */
  #word: number | undefined;
  #several = false;

  orders(time: number): void {
    this.until = time;
    this.#word = undefined;
    this.#several = false;
  }

  /** Undefined: a device. */
  touches(address: number | undefined): void {
    if (address === undefined || this.touchesOther(address)) this.#several = true;
    else this.#word = Math.floor(address / WORD);
  }

  touchesOther(address: number): boolean {
    return this.#several || (this.#word !== undefined && this.#word !== Math.floor(address / WORD));
  }
}
