/** What became of the handler of an exception, or of the trap vector, where that is what went wrong. */
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import { type ExceptionEvidence, type ExplainedException, isAccess, PAGE_MAPPED } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { causeOf } from './causes.ts';
import { isCloseToZero } from './stack-pointer.ts';
import { SENTENCE, text } from './text.ts';

const BREAKPOINT = 3;

/** A call to which its handler returns for ever. */
export function repeatedCall({ pc, times }: ExceptionEvidence, explained: ExplainedException | null): Detail[] {
  const handler = explained?.handler ?? null;
  const start =
    `the system call (ecall) at ${pc} of a user program is made again and again: ${groupedDigits(times)} times in a row, since the trap handler ` +
    'returns to the ecall itself and not to the instruction after it';
  if (handler === null) return [text(`${start}. The handler must add 4 to sepc`)];
  const { sepc, returns } = handler;
  return sepc === null
    ? [
        text(`${start}: it never writes sepc. It must add 4 to sepc before it returns`),
        { kind: 'code', text: 'it returns at', stack: returns },
      ]
    : [
        text(`${start}: it writes the same value to sepc that it had. It must add 4 to the sepc that it has saved`),
        { kind: 'code', text: 'sepc written at', stack: sepc },
      ];
}

/** Where the exception went, if nothing can handle it there. */
export function vector({ vector: { register, value, state, written }, next, mode }: ExceptionEvidence, isLoop: boolean): string[] {
  if (state === 'refused') {
    return [
      `the trap vector: the kernel wrote ${written} to ${register}, whose lowest two bits are the mode, and 2 and 3 are no modes: the write had no ` +
        `effect. Align the trap handler to 4 bytes. ${register} is still ${value}, as at the start`,
    ];
  }
  if (state === 'unset') {
    const restarts = BigInt(value) !== 0n && isLoop ? ', where the kernel begins: each exception starts it again' : '';
    // Without firmware, M mode handles what it does not hand on.
    const whose =
      register === 'stvec'
        ? ''
        : mode === 'M'
          ? '. An exception of M mode goes there; stvec is for S mode'
          : '. M mode handles this exception, since its bit in medeleg is 0; stvec is for those whose bit is 1';
    return [`the trap vector was never set: ${register} is still ${value}, as at the start${restarts}${whose}`];
  }
  // Mode 1 is for interrupts only; a handler at an odd address is one that was not aligned.
  const isOdd = (BigInt(value) & 1n) === 1n && next !== null;
  return isOdd ? [`${register} is ${value}: its lowest bit is the mode (vectored), so the handler begins at the address without it`] : [];
}

/** An interrupt that has entered the handler in its middle. */
export function middle(explained: ExplainedException | null): Detail[] {
  const vectored = explained?.vectored ?? null;
  if (vectored === null) return [];
  const { cause, entry, instruction, isCompressed, stack } = vectored;
  if (isCompressed) {
    return [
      text(
        `the lowest bit of the trap vector is 1 (vectored mode), so that interrupt ${cause} began ${4 * cause} bytes (4 × ${cause}) after the vector, at ` +
          `${entry}: ${printable(instruction, SENTENCE)}. The jumps of the table there have 2 bytes each, and must have 4: put .option norvc before the ` +
          'table, which has the assembler make no compressed instructions',
      ),
      { kind: 'code', text: 'it began at', stack },
    ];
  }
  return [
    text(
      `the lowest bit of the trap vector is 1 (vectored mode), so that interrupt ${cause} did not begin at the handler's first instruction, ` +
        `but ${4 * cause} bytes (4 × ${cause}) after it, at ${entry}: ${printable(instruction, SENTENCE)}. What comes before, such as saving ` +
        'registers, was left out. Write the address of the handler with its lowest two bits 0 to the vector, or place a table of jumps there',
    ),
    { kind: 'code', text: 'it began at', stack },
  ];
}

/** What became of the handler. */
export function handler({ cause, times, instructions, next, further }: ExceptionEvidence, explained: ExplainedException | null): string[] {
  if (next === null) {
    const skips = cause === BREAKPOINT ? '. It must add the length of the instruction to sepc (2 for c.ebreak, 4 for ebreak)' : '';
    return times > 1 ? [`its handler returns to the same instruction each time, and has not removed the cause${skips}`] : [];
  }
  const nextToo = further > 1 ? `, and so on: ${groupedDigits(further)} further exceptions` : '';
  const end = explained?.vectorEnd ?? null;
  const why =
    end === null || explained?.satp != null
      ? ''
      : `. The page table that is in force does not let the handler run (${end}): ${vectorRemedy(end)}`;
  const scratch = isWithoutStack(next, explained) ? `. ${NO_SCRATCH}` : '';
  if (next.instructions === instructions) return [`the trap vector at ${next.pc} then faulted itself: ${causeOf(next)}${nextToo}${why}`];
  return [`before its handler had returned, the instruction at ${next.pc} raised the next exception: ${causeOf(next)}${nextToo}${scratch}`];
}

/** For a vector that S mode may not execute. `end`: how the walk to its page ended, with the letters of its permissions. */
function vectorRemedy(end: string): string {
  const letters = end.startsWith(PAGE_MAPPED) ? end.slice(PAGE_MAPPED.length, end.indexOf(',')).trim().split(' ') : [];
  if (!letters.includes('X')) return 'stvec must hold an address that it maps with X';
  if (letters.includes('U')) return 'clear U in that entry, since S mode executes no page of user mode';
  return 'set A in that entry, which this cpu does not set by itself';
}

/** Bytes below address 0 that a trap handler may store to, if its stack pointer is 0. */
const FRAME = -4096n;
const NO_SCRATCH =
  'That is where a stack would be that begins at 0, and sscratch was 0 when the trap came: does the trap entry take sp from sscratch? ' +
  'Then write the stack to sscratch first, and swap it with sp only for traps from user mode (sstatus.SPP is 0)';

function isWithoutStack({ value, cause }: NonNullable<ExceptionEvidence['next']>, explained: ExplainedException | null): boolean {
  const address = BigInt.asIntN(64, BigInt(value));
  if (explained === null || isCloseToZero(explained.sp.value)) return false;
  return isAccess(cause) && address < 0n && address >= FRAME && BigInt(explained.csrs.sscratch) === 0n;
}
