/**
 * The log of what harts do to memory: while it is on, the engine runs the logging variant of the generated code, nothing is translated, and
 * every load, store, atomic and fence becomes a record (layout/access-log.ts). What harts do is the same as without it, to the instruction
 * and to the unit of work. It is for those who look for races and for the places where the order of harts matters.
 */
import {
  ACCESS_FIELD,
  ACCESS_KIND,
  ACCESS_LOG,
  ACCESS_LOG_END,
  ACCESS_RECORD,
  type AccessKind,
  INTERRUPT_TRAP,
} from '../layout/access-log.ts';
import type { HartState } from '../layout/state.ts';

const KINDS = Object.keys(ACCESS_KIND) as AccessKind[];
const HIGH = 2 ** 32;

/** Records in the order in which they happened. They are only there while `take` is called, and are read one by one. */
export class AccessBatch {
  readonly #view: DataView;
  readonly #words: Uint32Array;
  /** How many records there are. */
  length = 0;

  /** `memory`: all of it. The library's declarations name this class, and cannot name types of WebAssembly. */
  constructor(memory: DataView) {
    this.#view = memory;
    this.#words = new Uint32Array(memory.buffer);
  }

  /** A number of ACCESS_KIND. */
  kind(record: number): number {
    return this.#first(record) & 0xff;
  }

  kindName(record: number): AccessKind {
    return KINDS[this.kind(record)]!;
  }

  /** Bytes. */
  width(record: number): number {
    return (this.#first(record) >>> 8) & 0xff;
  }

  /** FENCE_ORDER or ATOMIC_ORDER. */
  order(record: number): number {
    return (this.#first(record) >>> 16) & 0xff;
  }

  hart(record: number): number {
    return this.#first(record) >>> 24;
  }

  /** Virtual. It is negative for addresses of the upper half, so that it is exact for all page tables of up to four levels. */
  pc(record: number): number {
    const at = this.#at(record, ACCESS_FIELD.pc);
    return (this.#words[at + 1]! | 0) * HIGH + this.#words[at]!;
  }

  /** Physical, for an access; for a signal, the number of the hart that it goes to. */
  address(record: number): number {
    return this.#number(record, ACCESS_FIELD.address);
  }

  /** Of a trap: its cause, if it is an interrupt. */
  interrupt(record: number): number | undefined {
    const cause = this.address(record);
    return cause >= INTERRUPT_TRAP ? cause - INTERRUPT_TRAP : undefined;
  }

  /** The engine's time before the instruction: a run until this time ends right before it. */
  time(record: number): number {
    return this.#number(record, ACCESS_FIELD.time);
  }

  /** What memory held before. */
  old(record: number): bigint {
    return this.#view.getBigUint64(ACCESS_LOG + record * ACCESS_RECORD + ACCESS_FIELD.old, true);
  }

  /** What a store stores: it may have bits beyond its width. */
  value(record: number): bigint {
    return this.#view.getBigUint64(ACCESS_LOG + record * ACCESS_RECORD + ACCESS_FIELD.value, true);
  }

  /** Whether it may have changed memory: an SC does only where memory still holds what LR has read. */
  writes(record: number): boolean {
    const kind = this.kind(record);
    if (kind === ACCESS_KIND.store || kind === ACCESS_KIND.atomic) return true;
    if (kind !== ACCESS_KIND.conditional) return false;
    const bits = this.width(record) * 8;
    return BigInt.asUintN(bits, this.old(record)) === BigInt.asUintN(bits, this.value(record));
  }

  #at(record: number, field: number): number {
    return (ACCESS_LOG + record * ACCESS_RECORD + field) >>> 2;
  }

  #first(record: number): number {
    return this.#words[this.#at(record, 0)]!;
  }

  #number(record: number, field: number): number {
    const at = this.#at(record, field);
    return this.#words[at + 1]! * HIGH + this.#words[at]!;
  }
}

/** Gets the records, some thousand at a time. It must neither ask the machine anything nor change it: an instruction may be in progress. */
export interface AccessConsumer {
  take(batch: AccessBatch): void;
}

export class AccessLog {
  readonly #state: HartState;
  readonly #consumer: AccessConsumer;
  readonly #batch: AccessBatch;

  constructor(state: HartState, consumer: AccessConsumer) {
    this.#state = state;
    this.#consumer = consumer;
    this.#batch = new AccessBatch(state.view);
    this.clear();
  }

  /** Forgets what nobody has read; also after a snapshot was restored, which has the slot of a different machine. */
  clear(): void {
    this.#state.setSmall('accessLog', ACCESS_LOG);
  }

  /** Hands over what there is. */
  flush(): void {
    this.#batch.length = (this.#state.small('accessLog') - ACCESS_LOG) / ACCESS_RECORD;
    if (this.#batch.length === 0) return;
    this.clear();
    this.#consumer.take(this.#batch);
  }

  /** A record that TypeScript writes, by the hart whose turn it is. `time` is the engine's. */
  add(
    kind: 'signal' | 'wake' | 'remote-fence' | 'dma-load' | 'dma-store',
    record: { readonly address: number; readonly time: number; readonly value?: number },
  ): void {
    const { view } = this.#state;
    const at = this.#state.small('accessLog');
    view.setUint32(at, ACCESS_KIND[kind] | (this.#state.small('hart') << 24), true);
    view.setBigUint64(at + ACCESS_FIELD.pc, this.#state.get('pc'), true);
    view.setBigUint64(at + ACCESS_FIELD.address, BigInt(record.address), true);
    view.setBigUint64(at + ACCESS_FIELD.time, BigInt(record.time), true);
    view.setBigUint64(at + ACCESS_FIELD.old, 0n, true);
    view.setBigUint64(at + ACCESS_FIELD.value, BigInt(record.value ?? 0), true);
    this.#state.setSmall('accessLog', at + ACCESS_RECORD);
    if (at + ACCESS_RECORD === ACCESS_LOG_END) this.flush();
  }
}
