/**
 * What harts do to each other by memory, from the log of a run: how an access of one comes between two of another, whose value a load reads, and who
 * waits for a word in the end. What the run under a schedule has of these, and the run without one has not, is what the schedule made
 * different, and so most likely why it fails.
 *
 * References: Lu, Tucek, Qin and Zhou, "AVIO: detecting atomicity violations via access-interleaving invariants" (ASPLOS 2006), for `between`; Shi and
 * others, "Do I use the wrong definition?" (OOPSLA 2010), for `reads`.
 * An interrupt's handler counts as somebody else than the hart that it interrupts. Words that are accessed with different beginnings are different words.
 */
import { type AccessBatch, type AccessConsumer, Contexts, TouchedWords } from '../../machine/index.ts';

const ACCESSES: ReadonlySet<string> = new Set(['load', 'store', 'atomic', 'reserve', 'conditional']);

/** Words that are followed, and interleavings that are kept, one for each combination of instructions. */
const MOST_WORDS = 1 << 16;
const MOST_KEPT = 1 << 12;
/** So many accesses to the same word, one after another, are a loop that waits for it. */
const POLLS = 32;
/** Accesses of one run that are looked at. */
const MOST_ACCESSES = 1 << 20;

export interface Access {
  /** Its place among all accesses of the run. */
  readonly order: number;
  /** In units of the engine's clock. */
  readonly time: number;
  readonly hart: number;
  readonly inHandler: boolean;
  readonly kind: 'load' | 'store' | 'atomic';
  readonly pc: bigint;
  /** Physical. */
  readonly address: number;
  /** Bytes. */
  readonly width: number;
  /** What the word held before a store or an atomic; undefined for a load. */
  readonly old: bigint | undefined;
  /** What a store stores, what a load loads as far as the log tells, and for an atomic what the word held before. */
  readonly value: bigint | undefined;
}

export type InterleavingKind =
  /** A store of one, between a load and a store of another: what it stored is lost. */
  | 'lost'
  /** A load of one, between two stores of another, which it was perhaps not to see. */
  | 'between'
  /** What one has made of the word of a lock (or another atomic), another one changes next. */
  | 'changed'
  /** One has loaded what another one stores afterwards, and does not look again. */
  | 'old-value'
  /** One loads what another one has stored. Before these two comes what it accessed last. */
  | 'reads'
  /** One waits for a word in the end, as another one has left it. */
  | 'held';

export interface Interleaving {
  readonly kind: InterleavingKind;
  readonly accesses: readonly Access[];
  /** The store of another one is the last of so many. */
  readonly stores: number;
}

interface Since {
  /** What the context accessed last when the first store came. */
  before?: Access;
  /** The last ones. */
  load?: Access;
  store?: Access;
  firstStore?: Access;
  stores: number;
}

/** Of one word. */
interface Word {
  isAtomic: boolean;
  /** Of each context, its last access. */
  readonly last: Map<number, Access>;
  /** Of each context, what others have done since then. */
  readonly since: Map<number, Since>;
  lastChange: Access | undefined;
  /** The last store, if no atomic has come after it. */
  lastStore: Access | undefined;
  /** The last atomic, of which only the next access will tell whether it has changed the word. */
  open: Access | undefined;
}

/** Of one context. */
interface Polled {
  /** The first access to the word that it accesses now, and how often it does in a row. */
  readonly access: Access;
  count: number;
  /** Its last access to a shared word. */
  last: Access | undefined;
}

/** Finds the words that are shared. */
export class SharedWords implements AccessConsumer {
  readonly words = new TouchedWords();
  readonly #contexts = new Contexts();
  #seen = 0;

  get isFull(): boolean {
    return this.#seen >= MOST_ACCESSES;
  }

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      if (!ACCESSES.has(batch.kindName(record))) this.#contexts.follow(batch, record);
      else if (this.#seen++ < MOST_ACCESSES)
        this.words.touch(batch.address(record), this.#contexts.of(batch.hart(record)), batch.writes(record));
    }
  }
}

export class Interleavings implements AccessConsumer {
  /** Of each preemption, where among the accesses it is, and what the hart accesses next, outside of handlers that come first. */
  readonly preempted: ({ readonly order: number; readonly next: Access } | undefined)[] = [];
  readonly #shared: TouchedWords;
  readonly #preemptions: readonly { readonly hart: number; readonly time: number }[];
  /** Of each hart, the last access. */
  readonly #last: (Access | undefined)[] = [];
  readonly #contexts = new Contexts();
  readonly #words = new Map<number, Word>();
  readonly #found = new Map<string, Interleaving>();
  /** By context. */
  readonly #polled: Polled[] = [];
  #seen = 0;

  /** `shared`: words that are looked at. `preemptions`: times at which harts are preempted, in units of the engine's clock. */
  constructor(shared: TouchedWords, preemptions: readonly { readonly hart: number; readonly time: number }[] = []) {
    this.#shared = shared;
    this.#preemptions = preemptions;
  }

  get isFull(): boolean {
    return this.#seen >= MOST_ACCESSES;
  }

  /** In the order in which they came, by kind and instructions: each the first of its sort. To be asked when the run is over. */
  found(): ReadonlyMap<string, Interleaving> {
    for (const word of this.#words.values()) this.#finish(word);
    // The accesses to a lock that come between two others are what it is for.
    const isPlain = ({ address }: Access) => !this.#words.get(address)!.isAtomic;
    const isMeant = ({ kind, accesses }: Interleaving) =>
      kind === 'lost' || kind === 'between' ? isPlain(accesses[0]!) : kind !== 'changed' || !isPlain(accesses[0]!);
    return new Map([...this.#found].filter(([, one]) => isMeant(one)));
  }

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      if (!ACCESSES.has(batch.kindName(record))) this.#contexts.follow(batch, record);
      else if (this.#seen++ < MOST_ACCESSES) this.#take(batch, record);
    }
  }

  #take(batch: AccessBatch, record: number): void {
    const access = this.#accessOf(batch, record);
    const { hart, address } = access;
    const context = this.#contexts.of(hart);
    this.#passPreemptions(access);
    const polled = this.#polled[context];
    if (polled?.access.address === address && polled.access.pc === access.pc) polled.count++;
    else this.#polled[context] = { access, count: 1, last: polled?.last };
    const word = this.#shared.isShared(address) ? this.#word(address) : undefined;
    if (word === undefined) return;
    this.#polled[context]!.last = access;
    const kind = batch.kindName(record);
    word.isAtomic ||= kind !== 'load' && kind !== 'store';
    if (word.open !== undefined && kind !== 'load') this.#settle(word, access.old !== word.open.old);
    this.#look(word, access, context);
    if (access.kind === 'atomic') word.open = access;
    if (kind !== 'load') word.lastStore = kind === 'store' ? access : undefined;
    if (access.kind === 'store') this.#changes(word, access);
    remember(word, access, context, this.#polled);
  }

  #passPreemptions(access: Access): void {
    const { hart } = access;
    const last = this.#last[hart];
    this.#preemptions.forEach((one, index) => {
      if (one.hart !== hart || access.time < one.time || this.preempted[index] !== undefined) return;
      if (!access.inHandler || last?.inHandler === true) this.preempted[index] = { order: (last?.order ?? 0) + 0.5, next: access };
    });
    if (!access.inHandler || last?.inHandler === true) this.#last[hart] = access;
  }

  #accessOf(batch: AccessBatch, record: number): Access {
    const kind = batch.kindName(record);
    const [hart, width, address] = [batch.hart(record), batch.width(record), batch.address(record)];
    const number = (bits: bigint) => BigInt.asUintN(width * 8, bits);
    const old = kind === 'load' ? undefined : number(batch.old(record));
    const known = this.#words.get(address)?.lastStore;
    const value = kind === 'store' ? number(batch.value(record)) : kind === 'load' && known?.width === width ? known.value : old;
    return {
      order: this.#seen,
      time: batch.time(record),
      hart,
      inHandler: this.#contexts.isInHandler(hart),
      kind: kind === 'atomic' ? kind : batch.writes(record) ? 'store' : 'load',
      pc: BigInt.asUintN(64, BigInt(batch.pc(record))),
      address,
      width,
      old,
      value,
    };
  }

  #look(word: Word, access: Access, context: number): void {
    const before = word.last.get(context);
    const { store, load, stores, before: previous } = word.since.get(context) ?? { stores: 0 };
    if (access.kind === 'load') {
      const stored = before === undefined ? word.lastChange : store;
      if (stored !== undefined) this.#keep('reads', previous === undefined ? [stored, access] : [previous, stored, access], stores);
    } else if (access.kind === 'store') {
      if (before?.kind === 'load' && store !== undefined) this.#keep('lost', [before, store, access], stores);
      if (before?.kind === 'store' && store === undefined && load !== undefined) this.#keep('between', [before, load, access], 1);
    }
  }

  #settle(word: Word, hasChanged: boolean): void {
    const { open } = word;
    word.open = undefined;
    if (hasChanged && open !== undefined) this.#changes(word, open);
  }

  #changes(word: Word, access: Access): void {
    const { lastChange } = word;
    if (lastChange !== undefined && !isSame(lastChange, access)) this.#keep('changed', [lastChange, access]);
    word.lastChange = access;
  }

  #finish(word: Word): void {
    word.open = undefined;
    const { lastChange } = word;
    for (const [context, { firstStore }] of word.since) {
      const last = word.last.get(context)!;
      if (last.kind === 'load' && firstStore !== undefined) this.#keep('old-value', [last, firstStore]);
      const { access, count } = this.#polled[context]!;
      if (count < POLLS || access.address !== last.address || lastChange === undefined || isSame(lastChange, last)) continue;
      this.#keep('held', [lastChange, access], 1, access.address);
    }
  }

  #keep(kind: InterleavingKind, accesses: readonly Access[], stores = 1, address?: number): void {
    if (this.#found.size === MOST_KEPT) return;
    // What a reader did before may be different each time.
    const own = kind === 'reads' ? accesses.slice(-2) : accesses;
    const key = [kind, ...own.map(({ pc }) => pc), address].join(' ');
    if (!this.#found.has(key)) this.#found.set(key, { kind, accesses, stores });
  }

  #word(address: number): Word | undefined {
    const known = this.#words.get(address);
    if (known !== undefined || this.#words.size === MOST_WORDS) return known;
    const word: Word = { isAtomic: false, last: new Map(), since: new Map(), lastChange: undefined, lastStore: undefined, open: undefined };
    this.#words.set(address, word);
    return word;
  }
}

function remember({ last, since }: Word, access: Access, context: number, polled: readonly Polled[]): void {
  for (const [other, others] of since) {
    if (other === context) continue;
    if (access.kind === 'load') others.load = access;
    else {
      others.store = access;
      others.before ??= polled[other]?.last;
      others.firstStore ??= access;
      others.stores++;
    }
  }
  last.set(context, access);
  since.set(context, { stores: 0 });
}

function isSame(one: Access, other: Access): boolean {
  return one.hart === other.hart && one.inHandler === other.inHandler;
}
