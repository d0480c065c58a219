/**
 * Why a delayed store matters, from the log of the run: who has looked while it was not seen yet, and what the hart had done meanwhile that was seen before it.
 * Until when a store is not seen, machine/exec/delayed-stores.ts says; here it is told from the log alone.
 */
import { type AccessBatch, type AccessConsumer, type DelayedStore, isVirtioNotify, ordersStores } from '../../machine/index.ts';
import { timeText } from '../vocabulary/schedule.ts';
import type { Access } from './interleavings.ts';
import type { AccessSentences } from './story-sentences.ts';

const ATOMICS: ReadonlySet<string> = new Set(['atomic', 'reserve', 'conditional']);
const ACCESSES: ReadonlySet<string> = new Set([...ATOMICS, 'load', 'store']);
/** What a hart stores after the delayed store that is remembered. */
const MOST_LATER = 256;
/** Accesses of one run that are looked at. */
const MOST_ACCESSES = 1 << 20;

/** Somebody looks where the store is not seen yet. */
interface Look {
  readonly order: number;
  /** By another hart; undefined: by a device. */
  readonly access: Access | undefined;
  /** What the hart did after the store, and is seen before it: another store, or one to a device's register. */
  readonly overtaker: Access | undefined;
}

export interface ToldStore {
  readonly item: DelayedStore;
  readonly store: Access;
  readonly look: Look | undefined;
}

/** Of one delayed store. */
class Followed {
  readonly item: DelayedStore;
  readonly #clock: number;
  store: Access | undefined;
  look: Look | undefined;
  #isSeen = false;
  /** Stores of the hart that came later, and the one among them that the others have seen. */
  readonly #later: Access[] = [];
  #overtaker: Access | undefined;

  constructor(item: DelayedStore, clock: number) {
    this.item = item;
    this.#clock = clock;
  }

  get isDone(): boolean {
    return this.#isSeen || this.look !== undefined;
  }

  isThis({ hart, time }: Access): boolean {
    return this.store === undefined && hart === this.item.hart && time * this.#clock >= this.item.at;
  }

  /** The hart itself has done something later. */
  passed(access: Access, isOrdered: boolean): void {
    if (isOrdered || (access.kind === 'atomic' && overlap(access, this.store!))) this.#isSeen = true;
    else if (access.kind !== 'load' && this.#later.length < MOST_LATER) this.#later.push(access);
  }

  /** Another hart has accessed a word. */
  accessed(access: Access): void {
    if (this.#isOver(access.time)) return;
    this.#overtaker = this.#later.findLast((later) => overlap(later, access)) ?? this.#overtaker;
    if (overlap(this.store!, access)) this.look = { order: access.order, access, overtaker: this.#overtaker };
  }

  /** A device has read memory, since a hart has stored to one of its registers. */
  read(read: Pick<Access, 'address' | 'width' | 'order' | 'time'>, notify: Access | undefined): void {
    if (!this.#isOver(read.time) && overlap(this.store!, read)) this.look = { order: read.order, access: undefined, overtaker: notify };
  }

  #isOver(time: number): boolean {
    this.#isSeen ||= (time - this.store!.time) * this.#clock >= this.item.for;
    return this.#isSeen;
  }
}

function overlap(one: Pick<Access, 'address' | 'width'>, other: Pick<Access, 'address' | 'width'>): boolean {
  return one.address < other.address + other.width && other.address < one.address + one.width;
}

export class DelayedStoreLooks implements AccessConsumer {
  readonly #followed: readonly Followed[];
  /** Of each hart, its last store to a device. */
  readonly #notifies: (Access | undefined)[] = [];
  #seen = 0;

  /** `clock`: nanoseconds that an instruction takes. */
  constructor(items: readonly DelayedStore[], clock: number) {
    this.#followed = items.toSorted((a, b) => a.at - b.at).map((item) => new Followed(item, clock));
  }

  get isFull(): boolean {
    return this.#seen >= MOST_ACCESSES;
  }

  /** To be asked when the run is over: those that have come. */
  found(): ToldStore[] {
    return this.#followed.flatMap(({ item, store, look }) => (store === undefined ? [] : [{ item, store, look }]));
  }

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length && !this.isFull; record++) {
      const kind = batch.kindName(record);
      if (ACCESSES.has(kind)) this.#seen++;
      this.#take(batch, record, kind);
    }
  }

  #take(batch: AccessBatch, record: number, kind: string): void {
    const access = this.#accessOf(batch, record, kind);
    if (kind === 'device-store') this.#notifies[access.hart] = access;
    const begins = kind === 'store' ? this.#followed.find((one) => one.isThis(access)) : undefined;
    for (const one of this.#followed) {
      if (one.store === undefined || one.isDone) continue;
      if (kind === 'dma-load') one.read({ ...access, width: Number(access.value) }, this.#notifyOf(access));
      else if (access.hart === one.item.hart) one.passed(access, ordersStores(batch, record));
      else if (ACCESSES.has(kind)) one.accessed(access);
    }
    if (begins !== undefined) begins.store = access;
  }

  /** The store in the middle of which a device reads memory. */
  #notifyOf({ hart, time }: Access): Access | undefined {
    const notify = this.#notifies[hart];
    return notify !== undefined && time - notify.time <= 1 ? notify : undefined;
  }

  #accessOf(batch: AccessBatch, record: number, kind: string): Access {
    const width = batch.width(record);
    return {
      // A device's access comes between those of harts.
      order: this.#seen + (ACCESSES.has(kind) ? 0 : 0.25),
      time: batch.time(record),
      hart: batch.hart(record),
      inHandler: false,
      kind: ATOMICS.has(kind) ? 'atomic' : kind.endsWith('store') ? 'store' : 'load',
      pc: BigInt.asUintN(64, BigInt(batch.pc(record))),
      address: batch.address(record),
      width,
      old: kind === 'store' ? BigInt.asUintN(width * 8, batch.old(record)) : undefined,
      value: kind === 'store' ? BigInt.asUintN(width * 8, batch.value(record)) : batch.value(record),
    };
  }
}

/** All that sentences are about. */
export function accessesOf({ store, look }: ToldStore): Access[] {
  return [store, ...[look?.access, look?.overtaker].filter((access) => access !== undefined)];
}

export function storeSentence({ item, store }: ToldStore, sentences: AccessSentences): string {
  return `${sentences.ofAccess(store, { stores: 1, waits: false, isLast: undefined })}, which others see ${timeText(item.for)} late`;
}

/** What comes of it: who did not see the store, and what should have been ordered after it. */
export function lookSentence({ store, look }: ToldStore, sentences: AccessSentences): string {
  const { access, overtaker } = look!;
  const word = sentences.wordAt(store.address);
  const own = `the store to ${word} at ${sentences.placeOf(store)}`;
  if (access === undefined) {
    const [before, after] =
      overtaker === undefined
        ? ['', 'what has made the device look']
        : [` at the ${registerOf(overtaker)} at ${sentences.placeOf(overtaker)}`, `the ${registerOf(overtaker)}`];
    return `the device looks${before} and does not see ${own} yet: nothing orders it before ${after}`;
  }
  const does = access.kind === 'load' ? 'loads' : access.kind === 'atomic' ? 'changes' : 'stores to';
  const looks = `hart ${access.hart} ${does} ${word} at ${sentences.placeOf(access)} and does not see ${own} yet`;
  if (overtaker === undefined) return looks;
  return `${looks}: nothing orders it before the store to ${sentences.wordAt(overtaker.address)} at ${sentences.placeOf(overtaker)}, which hart ${access.hart} has seen`;
}

function registerOf({ address }: Access): string {
  return isVirtioNotify(address) ? 'notify' : "store to a device's register";
}
