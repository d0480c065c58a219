/**
 * Finds the symbols that checks name: as the file has them, or as its source has them where the language mangles names (`os::syscall::syscall`).
 * The file is a student's: what is looked at is bounded, and where it is too much, symbols are missing.
 */
import { demangle } from './demangle.ts';
import type { ElfFile, ElfSymbol } from './elf.ts';

/** Characters of names that are read, and names that are demangled: many symbols may share one long name. */
const MOST_CHARACTERS = 64 * 2 ** 20;
const MOST_DEMANGLED = 20_000;

/** By name, the symbols of that name with different addresses, by address. */
export function symbolsNamed({ symbols }: ElfFile, names: readonly string[]): Map<string, ElfSymbol[]> {
  const found = new Map<string, ElfSymbol[]>(names.map((name) => [name, []]));
  const paths = names.filter((name) => name.includes('::'));
  let [characters, demangled] = [0, 0];
  const add = (name: string, symbol: ElfSymbol) => {
    const list = found.get(name);
    if (list !== undefined && list.at(-1)?.address !== symbol.address) list.push(symbol);
  };
  for (const symbol of symbols) {
    const { name } = symbol;
    characters += name.length;
    if (characters > MOST_CHARACTERS) break;
    add(name, symbol);
    if (!paths.some((path) => name.includes(lastPart(path))) || demangled++ >= MOST_DEMANGLED) continue;
    add(demangle(name), symbol);
  }
  return found;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('::') + 2);
}

/** Where a virtual address lies in physical memory once the file is loaded; undefined where the file loads nothing there. */
export function loadedAt({ segments }: ElfFile, address: bigint): bigint | undefined {
  const segment = segments.find(({ low, high }) => low <= address && address < high);
  return segment && segment.physical + (address - segment.low);
}
