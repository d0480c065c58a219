/**
 * Calls of functions that checks ask about. A function is where the kernel's file says that it is loaded, in physical memory: its calls count
 * wherever the kernel maps it. Of several functions with one name (static ones of C, instances of a generic one of Rust) the calls of all count.
 */
import { type CodeWatch, type Tally, watchesWithRoom } from '../../machine/index.ts';
import type { ReachFact } from '../evidence/facts.ts';
import type { ReachAsk } from '../vocabulary/facts.ts';
import { type ElfFile, extentOf, readElf } from './elf.ts';
import { loadedAt, symbolsNamed } from './kernel-symbols.ts';

/** Functions that share a name, from which on none of them is watched. */
const MOST_OF_A_NAME = 64;

type Problem = NonNullable<ReachFact['problem']>;
type Place = Pick<CodeWatch, 'at' | 'from'>;

export class AskedFunctions {
  readonly #asks: readonly ReachAsk[];
  readonly #elf: ElfFile;
  readonly #symbols: ReturnType<typeof symbolsNamed>;
  /** For each ask: the number of its watch, or why it has none. */
  readonly #found: readonly (number | Problem)[];
  readonly watches: readonly CodeWatch[];
  /** By watch. */
  readonly #symbolOf: readonly (string | null)[];

  /** `endings`: symbols of functions, each of which is asked for, that end the run. `file`: the kernel's, with its symbols; undefined: there is none. */
  constructor(asks: readonly ReachAsk[], endings: readonly string[], file: Uint8Array | undefined) {
    const names = [...new Set(asks.flatMap(({ symbol, from }) => [symbol ?? [], from ?? []].flat()))];
    this.#asks = asks;
    this.#elf = readElf(asks.length === 0 || file === undefined ? new Uint8Array() : file);
    this.#symbols = symbolsNamed(this.#elf, names);
    const isEnding = ({ symbol, from }: ReachAsk) => symbol !== null && from === null && endings.includes(symbol);
    const places = asks.map((ask) => ({ ask, place: this.#placeOf(ask) }));
    const whole = places.flatMap(({ ask, place }) => (typeof place === 'string' ? [] : [{ ...place, tells: isEnding(ask), ask }]));
    const room = watchesWithRoom(whole);
    this.watches = whole.slice(0, room);
    this.#found = places.map(({ ask, place }) => {
      if (typeof place === 'string') return place;
      const number = whole.findIndex((one) => one.ask === ask);
      return number < room ? number : 'too-many';
    });
    this.#symbolOf = whole.map(({ ask }) => ask.symbol);
  }

  get asksNothing(): boolean {
    return this.#asks.length === 0;
  }

  /** The symbol of a watch that tells. */
  ending(watch: number): string {
    return this.#symbolOf[watch]!;
  }

  /** `tally`: what the machine has counted. */
  facts({ reached }: Tally): ReachFact[] {
    return this.#asks.map((ask, index) => {
      const found = this.#found[index]!;
      return typeof found === 'number' ? { ...ask, count: reached[found]!, problem: null } : { ...ask, count: null, problem: found };
    });
  }

  #placeOf({ symbol, address, from }: ReachAsk): Place | Problem {
    if ((symbol !== null || from !== null) && this.#elf.symbols.length === 0) return 'no-symbols';
    const functions = symbol === null ? [] : this.#symbols.get(symbol)!;
    const callers = from === null ? [] : this.#symbols.get(from)!;
    if (symbol !== null && functions.length === 0) return 'no-function';
    if (from !== null && callers.length === 0) return 'no-caller';
    if (Math.max(functions.length, callers.length) > MOST_OF_A_NAME) return 'too-many';
    const at = symbol === null ? [BigInt(address!)] : functions.map((one) => one.address);
    return {
      at: at.map((one) => loadedAt(this.#elf, one) ?? one),
      from: from === null ? null : callers.map((one) => extentOf(this.#elf, one)),
    };
  }
}
