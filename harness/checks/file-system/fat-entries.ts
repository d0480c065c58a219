/** Entries of a folder of FAT, with their long names. Reference: as in fat.ts, sections "FAT Directory Structure" and "Long Directory Entries". */
import { Block } from './disk.ts';

const ENTRY = 32;
const DELETED = 0xe5;
const LONG_NAME = 0x0f;
const VOLUME_LABEL = 0x08;
const FOLDER = 0x10;
/** In byte 12, as Windows and Linux write them: the name or its ending is in lower case. */
const LOWER_NAME = 0x08;
const LOWER_ENDING = 0x10;
/** Letters of a long name in one entry, in UTF-16. */
const LETTERS_AT = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
const MOST_PARTS = 20;

export interface FatEntry {
  readonly name: string;
  /** The eleven bytes of the short name. */
  readonly short: Uint8Array;
  readonly isFolder: boolean;
  readonly size: number;
  /** First cluster; 0 where there is none. */
  readonly first: number;
}

/** `isWide`: FAT32, whose numbers of clusters have two halves. */
export function* fatEntries(pieces: Iterable<Uint8Array>, { isWide }: { isWide: boolean }): Iterable<FatEntry> {
  let long: LongName | null = null;
  for (const piece of pieces) {
    for (let at = 0; at + ENTRY <= piece.length; at += ENTRY) {
      const entry = new Block(piece.subarray(at, at + ENTRY));
      const [first, kind] = [entry.u8(0), entry.u8(11)];
      if (first === 0) return;
      if (first === DELETED) long = null;
      else if ((kind & 0x3f) === LONG_NAME) long = longer(long, entry);
      else {
        const name = long?.left === 0 && long.sum === sumOf(entry.bytes) ? long.name : shortName(entry.bytes);
        long = null;
        if ((kind & VOLUME_LABEL) !== 0) continue;
        const cluster = entry.u16(26) + (isWide ? entry.u16(20) * 2 ** 16 : 0);
        yield { name, short: entry.bytes.slice(0, 11), isFolder: (kind & FOLDER) !== 0, size: entry.u32(28), first: cluster };
      }
    }
  }
}

/** A long name whose last parts have been read: they come before the first ones. */
interface LongName {
  readonly name: string;
  /** Parts that are still to come. */
  readonly left: number;
  readonly sum: number;
}

function longer(before: LongName | null, entry: Block): LongName | null {
  const [order, sum] = [entry.u8(0), entry.u8(13)];
  const number = order & 0x3f;
  const letters = LETTERS_AT.map((at) => entry.u16(at));
  const end = letters.indexOf(0);
  const part = String.fromCharCode(...(end === -1 ? letters : letters.slice(0, end)));
  if ((order & 0x40) !== 0) return number === 0 || number > MOST_PARTS ? null : { name: part, left: number - 1, sum };
  if (before === null || before.left !== number || before.sum !== sum || number === 0) return null;
  return { name: part + before.name, left: number - 1, sum };
}

/** The checksum of a short name that its long name repeats. */
function sumOf(short: Uint8Array): number {
  let sum = 0;
  for (const byte of short.subarray(0, 11)) sum = (((sum & 1) << 7) + (sum >> 1) + byte) & 0xff;
  return sum;
}

function shortName(entry: Uint8Array): string {
  const text = (from: number, to: number) => String.fromCharCode(...entry.subarray(from, to)).trimEnd();
  const base = entry[0] === 0x05 ? `\xe5${text(1, 8)}` : text(0, 8);
  const ending = text(8, 11);
  const flags = entry[12]!;
  const name = (flags & LOWER_NAME) !== 0 ? base.toLowerCase() : base;
  if (ending === '') return name;
  return `${name}.${(flags & LOWER_ENDING) !== 0 ? ending.toLowerCase() : ending}`;
}
