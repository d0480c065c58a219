/**
 * Whose function it is where only a symbol names it: the submission's own, or a library's, by its crate.
 *
 * Nothing lists the crates of the world. A kernel's file says itself which are published: Rust keeps the path of each source line that can
 * panic, and Cargo puts a published crate into NAME-VERSION. A crate that has no such line is judged by where it was linked: rustc links a
 * crate before those that it uses, so what comes before the first published one is the
 * submission's own. Where the file does not say in which order it was linked (objcopy --strip-debug), it counts as the submission's own.
 */
import { demangle } from '../run/demangle.ts';
import { type ElfFile, type ElfSymbol, functionsAround } from '../run/elf.ts';
import { isRustLibrary } from './library.ts';

/** Mentions of source files that are looked at, and how far before each its folders are looked for. */
const MOST_PATHS = 20_000;
const LONGEST_PATH = 240;
/** Slashes that are looked at. */
const MOST_SLASHES = 1_000_000;
const SLASH = 0x2f;
const SOURCE_FOLDER = [...'/src/'].map((character) => character.charCodeAt(0));
const DECODER = new TextDecoder();
/** The file that rustc compiles a part of a crate to, as the symbol table names it. */
const UNIT = /^(\w{1,64})\.[0-9a-f]{1,16}-cgu\.\d{1,9}$/;

export class Crates {
  readonly #elf: ElfFile;
  /** By unit; undefined for what is not Rust's. */
  readonly #units: readonly (string | undefined)[];
  readonly #published = new Set<string>();
  /** Folders that have a `src` and are not a published crate's, as the file has them: other text may stand before a name. */
  readonly #folders: string[] = [];
  readonly #known = new Map<string, boolean>();
  #slashesLeft = MOST_SLASHES;
  #pathsLeft = MOST_PATHS;

  constructor(elf: ElfFile) {
    this.#elf = elf;
    this.#units = elf.units.map((name) => UNIT.exec(name)?.[1]);
    for (const { name, bytes } of elf.sections.values()) {
      if (!name.startsWith('.debug_') && name !== '.strtab') this.#search(bytes);
    }
  }

  /** Whether a function is a library's; `name`: demangled. */
  isLibrary(symbol: ElfSymbol, name: string): boolean {
    const crate = crateOf(name);
    if (crate !== undefined) return this.#isPublished(crate);
    return name === symbol.name && this.#between(symbol);
  }

  #search(bytes: Uint8Array): void {
    for (let at = bytes.indexOf(SLASH); at >= 0; at = bytes.indexOf(SLASH, at + 1)) {
      if (this.#slashesLeft-- <= 0 || this.#pathsLeft <= 0) return;
      if (!SOURCE_FOLDER.every((byte, index) => bytes[at + index] === byte)) continue;
      this.#pathsLeft--;
      this.#read(DECODER.decode(bytes.subarray(Math.max(0, at - LONGEST_PATH), at)));
    }
  }

  /** The folders before a `/src/`. What stands before the end of another path belongs to that. */
  #read(text: string): void {
    const path = text.slice(text.lastIndexOf('.rs') + 1);
    const folders = path.split('/');
    const folder = folders.at(-1)!;
    const version = /-\d{1,9}\.\d{1,9}\.\d/.exec(folder);
    if (version !== null) this.#published.add(crateName(folder.slice(0, version.index)));
    else if (folders.some((one) => one === 'checkouts' || one === 'library')) this.#published.add(crateName(folder));
    else this.#folders.push(crateName(folder));
  }

  #isPublished(crate: string): boolean {
    const known = this.#known.get(crate);
    if (known !== undefined) return known;
    const first = this.#units.findIndex((unit) => unit !== undefined && (this.#published.has(unit) || isRustLibrary(unit)));
    const linked = this.#units.indexOf(crate);
    const published =
      isRustLibrary(crate) ||
      this.#published.has(crate) ||
      (first >= 0 && linked > first && !this.#folders.some((folder) => folder.endsWith(crate)));
    this.#known.set(crate, published);
    return published;
  }

  /** A name without a crate, such as `memcpy`, in a Rust kernel: a library's where only a library's functions are next to it. */
  #between({ address }: ElfSymbol): boolean {
    return functionsAround(this.#elf, address).every((near) => {
      const crate = near.map((one) => this.#crateOf(one)).find((one) => one !== undefined);
      return crate !== undefined && this.#isPublished(crate);
    });
  }

  /** By the file that it was compiled to, or else by its name. */
  #crateOf({ unit, name }: ElfSymbol): string | undefined {
    return unit === undefined ? crateOf(demangle(name)) : this.#units[unit];
  }
}

/** A folder's name as Rust writes the crate in it. */
function crateName(folder: string): string {
  return folder.replaceAll('-', '_');
}

/** The crate that a function is written in: of `<a::Type as b::Trait>::f` that is `a`, and `b` where the type belongs to no crate. */
export function crateOf(name: string): string | undefined {
  if (!name.startsWith('<')) return /^(\w{1,64})::/.exec(name)?.[1];
  return /^[<&*[({ ]{1,16}(?:(?:mut|const|dyn|impl) )?(\w{1,64})::/.exec(name)?.[1] ?? / as (\w{1,64})::/.exec(name)?.[1];
}
