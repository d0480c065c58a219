/** A value of satp that cannot be what was meant. */
import type { ExplainedException } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import { SENTENCE } from './text.ts';

/** By MODE. */
const NAMES: Readonly<Record<number, string>> = { 8: 'Sv39, 3 levels', 9: 'Sv48, 4 levels', 10: 'Sv57, 5 levels' };

export function wrongSatp({ satp: wrong, csrs: { satp } }: ExplainedException): string[] {
  if (wrong === null) return [];
  const number = BigInt.asUintN(44, BigInt(satp));
  switch (wrong.kind) {
    case 'off':
      return [
        `satp is ${satp}, and its MODE (bits 60 to 63) is 0, so that no page table is in force: for Sv39 the value is 8 << 60 | root >> 12`,
      ];
    case 'shifted': {
      const what =
        wrong.by === 0
          ? 'which looks like the address of the root table itself'
          : `which is ${wrong.root} shifted right by ${wrong.by} bits`;
      const right = `0x${(BigInt(wrong.root) >> 12n).toString(16)}`;
      return [
        `satp is ${satp}: its page number is 0x${number.toString(16)}, ${what}. It must be the address shifted right by 12 bits: ${right}`,
      ];
    }
    case 'mode': {
      const mode = Number(BigInt(satp) >> 60n);
      return [
        `satp is ${satp}, with MODE ${mode} (${NAMES[mode] ?? 'unknown'}), but the table would map that address if MODE were ${wrong.meant} ` +
          `(${NAMES[wrong.meant] ?? 'unknown'}): is it meant for that?`,
      ];
    }
    case 'unaligned':
      return [
        `satp leads to a root table at 0x${(number << 12n).toString(16)}, but ${printable(wrong.symbol, SENTENCE)} begins at ${wrong.address}: a page table ` +
          'must be aligned to 4096 bytes, since satp has only the number of its page',
      ];
  }
}
