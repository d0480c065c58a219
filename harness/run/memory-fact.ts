/** What memory holds where a check asks, read as the hart sees it at that moment. */
import type { Machine } from '../../machine/index.ts';
import { hex, hexOf } from '../bytes/hex.ts';
import type { MemoryFact } from '../evidence/facts.ts';
import type { MemoryAsk } from '../vocabulary/facts.ts';
import { type ElfFile, readElf } from './elf.ts';
import { loadedAt, symbolsNamed } from './kernel-symbols.ts';

const ADDRESSES = 64;

/** The addresses that a kernel's file gives to the symbols that are asked for. */
export class AskedPlaces {
  readonly #elf: ElfFile | undefined;
  readonly #symbols: ReturnType<typeof symbolsNamed>;

  /** `file`: the kernel's, with its symbols; undefined: there is none. */
  constructor(asks: readonly MemoryAsk[], file: Uint8Array | undefined) {
    const names = [...new Set(asks.flatMap(({ symbol }) => symbol ?? []))];
    this.#elf = names.length === 0 || file === undefined ? undefined : readElf(file);
    this.#symbols = this.#elf === undefined ? new Map() : symbolsNamed(this.#elf, names);
  }

  /** What memory holds now. */
  read(ask: MemoryAsk, { debug }: Machine): MemoryFact {
    const nothing = { ...ask, place: null, bytes: '' };
    const place = this.#placeOf(ask);
    if (typeof place === 'string') return { ...nothing, problem: place };
    const seen = debug.readVirtual(place, ask.length);
    const bytes = seen.length < ask.length && ask.symbol !== null ? (this.#loaded(place, ask, debug) ?? seen) : seen;
    return { ...ask, place: hex(place), bytes: hexOf(bytes), problem: bytes.length === 0 ? 'unmapped' : null };
  }

  #placeOf({ symbol, address, offset }: MemoryAsk): bigint | Exclude<MemoryFact['problem'], null> {
    if (symbol === null) return BigInt.asUintN(ADDRESSES, BigInt(address!) + BigInt(offset));
    if (this.#elf === undefined || this.#elf.symbols.length === 0) return 'no-symbols';
    const [found, other] = this.#symbols.get(symbol) ?? [];
    if (found === undefined) return 'no-symbol';
    return other === undefined ? BigInt.asUintN(ADDRESSES, found.address + BigInt(offset)) : 'several-symbols';
  }

  /** In user mode the page table may have no place for the kernel: its variables are where its file was loaded to. */
  #loaded(place: bigint, { length }: MemoryAsk, debug: Machine['debug']): Uint8Array | undefined {
    const physical = loadedAt(this.#elf!, place);
    return physical === undefined ? undefined : debug.readMemory(physical, length);
  }
}
