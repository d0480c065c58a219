/** The races between harts that a run has shown, with the names that the kernel's file has for their places. */
import type { HartRace, RaceDetector } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { RaceFact, RacesFact } from '../evidence/facts.ts';
import { demangle } from './demangle.ts';
import { type ElfFile, readElf, symbolAt } from './elf.ts';

/** Characters of a name. */
const LONGEST_NAME = 160;

export const NOT_LOOKED_AT: RacesFact = { found: [], leftOut: 0, isWhole: false };

/** `file`: the kernel's, with its symbols; undefined: there is none. */
export function racesFact(detector: RaceDetector, file: Uint8Array | undefined): RacesFact {
  const elf = readElf(file ?? new Uint8Array());
  return {
    found: detector.races().map((race) => raceFact(race, elf)),
    leftOut: detector.leftOut,
    isWhole: !detector.isFull,
  };
}

function raceFact({ address, accesses, count }: HartRace, elf: ElfFile): RaceFact {
  return {
    address: hex(address),
    variable: nameOf(elf, linkedAt(elf, address)),
    accesses: accesses.map(({ hart, pc, kind }) => ({ hart, kind, pc: hex(pc), function: nameOf(elf, pc) })),
    count,
  };
}

/** The virtual address that the kernel's file has for a physical one; the same where the file has nothing there. */
function linkedAt({ segments }: ElfFile, physical: bigint): bigint {
  const segment = segments.find((one) => one.physical <= physical && physical - one.physical < one.high - one.low);
  return segment === undefined ? physical : segment.low + (physical - segment.physical);
}

function nameOf(elf: ElfFile, address: bigint): string | null {
  const found = symbolAt(elf, address);
  if (found === undefined) return null;
  const name = demangle(found.symbol.name).slice(0, LONGEST_NAME);
  return found.offset === 0n ? name : `${name}+${hex(found.offset)}`;
}
