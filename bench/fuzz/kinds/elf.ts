/** Kernel files whose headers, tables and names are wrong, and small ones that are made up. */
import { readElf } from '../../../harness/run/elf.ts';
import { writeElf } from '../../../machine/testkit/elf-writer.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { mustBeGraded } from '../grading.ts';
import { anyAddress, anyNumber } from '../guest/numbers.ts';
import type { Kind } from '../kind.ts';
import { anyBytes, anyEdge, changeBytes, changed, changedOften, putNumber } from '../mutate.ts';
import { SMALL_SAMPLES, sample } from '../samples.ts';

/** Offsets in the header, and what follows (System V gABI, chapter 4). */
const HEADER = 64;
const TABLES = { programs: { offset: 32, count: 56, entry: 56 }, sections: { offset: 40, count: 60, entry: 64 } } as const;

/** Changes a field of the header, of a program header or of a section header. */
function changedHeader(file: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(file);
  if (copy.length < HEADER) return copy;
  const view = new DataView(copy.buffer);
  const { offset, count, entry } = random.pick(Object.values(TABLES));
  const table = Number(view.getBigUint64(offset, true) & 0xffff_ffffn);
  const size = random.below(3) ? entry * view.getUint16(count, true) : 0;
  const [from, length] = size === 0 ? [0, HEADER] : [table, size];
  const at = from + 2 * random.below(length / 2);
  const value = random.pick([() => anyEdge(random), () => anyAddress(random), () => BigInt(random.below(file.length + 1))])();
  if (random.below(4)) putNumber(copy, at & ~7, value, random.pick([2, 4, 8]));
  else changeBytes(copy, random, Math.min(from, copy.length), Math.min(length, copy.length - from));
  return copy;
}

function madeUp(random: Random): Uint8Array {
  const segments = Array.from({ length: random.below(5) }, () => ({
    address: random.below(2) ? 0x8020_0000n + BigInt(random.below(0x10_0000)) : anyAddress(random),
    bytes: anyBytes(random, random.below(300)),
    flags: random.below(8),
    type: random.below(4) ? 1 : random.below(8),
    ...(random.below(4) ? {} : { memorySize: BigInt.asUintN(64, anyNumber(random)) }),
    ...(random.below(8) ? {} : { fileSize: BigInt.asUintN(64, anyNumber(random)) }),
  }));
  const name = random.pick(['tohost', 'fromhost', 'main', '_ZN4mainE', '', '\xff'.repeat(9)]);
  return writeElf({
    segments,
    entry: BigInt.asUintN(64, anyNumber(random)),
    ...(random.below(2) ? { symbols: { [name]: anyAddress(random) } } : {}),
  });
}

export const elf: Kind = {
  describe: 'kernel files with wrong headers and tables, and made-up ones',
  make(random) {
    const file = random.below(4) ? sample(random.pick(SMALL_SAMPLES)) : madeUp(random);
    const change = random.below(4) ? changedHeader : changed;
    return changedOften(file, random, change);
  },
  check(input, scratch) {
    readElf(input);
    return mustBeGraded(input, scratch);
  },
};
