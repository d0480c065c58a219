/** What is wrong with the stack pointer, where an access by it was refused. */
import type { ExceptionEvidence, ExplainedException } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import { recursionOf } from './recursion.ts';
import { SENTENCE } from './text.ts';

/** Below this, an address is most likely a null pointer and an offset in what it should point to. */
export const NULL_PAGE = 4096n;
/** Traps that were not returned from, from which on they are taken to have used the stack up. */
const MANY_TRAPS = 64;
/** Bytes below sp at which a function with a large frame may store. */
const LARGEST_FRAME = 65_536n;

export function stackPointer(
  { value, unreturned }: ExceptionEvidence,
  { sp, stack, origin, walk, walkEnd, target }: ExplainedException,
): string[] {
  const recursion = recursionOf(stack);
  const distance = BigInt.asIntN(64, BigInt(value) - BigInt(sp.value));
  const isNear = distance >= -LARGEST_FRAME && distance < LARGEST_FRAME;
  if (!sp.used && !(isNear && recursion !== null)) return [];
  const into = sp.symbol === null ? '' : `, which is in ${printable(sp.symbol, SENTENCE)}`;
  if (recursion !== null) {
    const firmware = sp.inFirmware ? ", down into the firmware's memory" : '';
    return [`sp is ${sp.value}${into}; ${recursion} calls itself again and again: the stack has run over${firmware}`];
  }
  if (origin?.by === 'csr') return fromScratch(sp.value, origin);
  if (sp.inFirmware && unreturned >= MANY_TRAPS)
    return [`sp is ${sp.value}, in the firmware's memory: the stack has run over, down into it`];
  if (sp.inFirmware) return [`sp is ${sp.value}, in the firmware's memory: the kernel has not set its stack pointer`];
  if (isCloseToZero(sp.value)) {
    return [
      origin?.by === 'start'
        ? `sp is ${sp.value}: the kernel has not set its stack pointer`
        : `sp is ${sp.value}, which is close to 0: was it never set, or loaded from where none had been saved?`,
    ];
  }
  const which = `the access is to the stack, and sp is ${sp.value}${into}`;
  // Only a page fault has the end of a walk.
  if (walkEnd !== null)
    return [
      `${which}: the page table does not allow it. Are the pages of the stack mapped with R and W, or has the stack run over, beyond them?`,
    ];
  if (target?.kind === 'nothing') {
    const ram = `RAM is from 0x80000000 to 0x${(BigInt(target.ramEnd) - 1n).toString(16)}`;
    return [
      walk.length === 0
        ? `${which}, where no memory is: ${ram}. Set sp to the end of memory that the kernel has reserved for its stack`
        : `${which}: the page table leads it to the physical address ${target.physical}, where no memory is: ${ram}`,
    ];
  }
  return [`${which}: has the stack run over, or was sp never set?`];
}

export function isCloseToZero(sp: string): boolean {
  return BigInt.asUintN(64, BigInt(sp) + NULL_PAGE) < 2n * NULL_PAGE;
}

/** A trap's entry takes its stack from a register that belongs to the kernel. */
function fromScratch(sp: string, { csr, value }: Extract<NonNullable<ExplainedException['origin']>, { by: 'csr' }>): string[] {
  const name = printable(csr);
  const which = `sp is ${sp}: it was taken from ${name}, which held ${value}`;
  return BigInt(value) === 0n
    ? [
        `${which}. Was ${name} never written, or did a trap come while the kernel itself ran (where ${name} is often 0 by design)? Write the ` +
          "kernel's stack to it before the first trap, and in the trap entry swap it with sp only for traps from user mode (sstatus.SPP is 0)",
      ]
    : [`${which}, and that is no stack of the kernel`];
}
