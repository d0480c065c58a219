/** The exception that a kernel did not survive: what it was, where, and what most likely led to it. */

import { ACLINT } from '../../../machine/spec/virt-board.ts';
import type { CodeStack } from '../../evidence/code-place.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type ExceptionEvidence, type ExplainedException, FETCH_FAULTS, isAccess, isJump } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { addressOrigin } from './address-origin.ts';
import { deviceWrite } from './dma.ts';
import { illegal } from './illegal.ts';
import { jump, lies } from './jump.ts';
import { pageTable } from './page-fault.ts';
import { recursionOf } from './recursion.ts';
import { isCloseToZero, NULL_PAGE, stackPointer } from './stack-pointer.ts';
import { SENTENCE, text } from './text.ts';

/** Privileged Architecture, scause. */
const CAUSES: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store address misaligned',
  7: 'store access fault',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
};
const [ILLEGAL_INSTRUCTION, BREAKPOINT, ECALL_FROM_U, INSTRUCTION_PAGE_FAULT] = [2, 3, 8, 12];
const BREAK =
  'an ebreak was executed: is it in the source (in asm)? Compilers put one where the program is sure to go wrong (__builtin_trap, abort, a ' +
  'null pointer that they can see)';
/** Causes of addresses that are not aligned to the size of the access. */
const MISALIGNED: ReadonlySet<number> = new Set([4, 6]);

function causeOf({ cause, value }: Pick<ExceptionEvidence, 'cause' | 'value'>): string {
  const name = CAUSES[cause] ?? `exception ${cause}`;
  return cause === ILLEGAL_INSTRUCTION ? `${name} (${value})` : `${name} at address ${value}`;
}

const amount = (count: number): string => count.toLocaleString('en-US');

export function exception(evidence: Evidence): Detail[] {
  const { exception: taken, explanations, stop } = evidence;
  if (taken === null) return [];
  const explained = explanations?.exception ?? null;
  if (taken.cause === ECALL_FROM_U) return repeatedCall(taken, explained);
  const details = [text(`${which(taken)}, after ${amount(taken.instructions)} instructions: ${what(taken, explained)}`)];
  if (explained !== null) details.push(...place(taken, explained, evidence));
  details.push(...likely(taken, explained).map(text));
  if (explained !== null) details.push(...cause(taken, explained, evidence));
  const isLoop = stop.reason === 'trap-loop' || taken.further > 0;
  // Without a vector it is no handler that raises the others.
  const next = taken.vector.state === 'set' ? handler(taken, explained) : [];
  return [...details, ...vector(taken, isLoop).map(text), ...middle(explained), ...next.map(text)];
}

function which({ further, times }: ExceptionEvidence): string {
  if (further > 0) return `the first of ${amount(further + 1)} exceptions`;
  return times > 1 ? `the last exception, raised ${amount(times)} times in a row` : 'the last exception';
}

function what(taken: ExceptionEvidence, explained: ExplainedException | null): string {
  const { pc, mode } = taken;
  if (isUnmappedCode(taken, explained)) {
    return `${causeOf(taken)}: the kernel's code is there, but the page table that is in force does not let it run${satp(explained)}`;
  }
  const there = explained?.there ?? null;
  if (there !== null) {
    const { kind, to } = explained?.jump ?? { kind: 'jump', to: pc };
    const went = kind === 'ran-on' ? 'ran on to' : 'jumped to';
    const until = to === pc ? '' : `; what is there was executed as instructions until ${pc}`;
    return `${causeOf(taken)}: the kernel ${went} ${to}, where no code is: ${lies(there)}${until}`;
  }
  if (isJump(taken) && mode !== 'U') return `${causeOf(taken)}: the kernel jumped there, and there is no code`;
  const instruction = explained?.instruction ?? null;
  const user = mode === 'U' ? 'in a user program (U mode), ' : '';
  return `${causeOf(taken)}, ${user}by the instruction at ${pc}${instruction === null ? '' : `: ${instruction}`}`;
}

function satp(explained: ExplainedException | null): string {
  switch (explained?.jump?.kind) {
    case undefined:
      return '. Was satp just written?';
    case 'satp':
      return ': satp was just written. The new page table must map the code that writes satp at the same address';
    default:
      return '';
  }
}

/** The kernel file has code there: it is not a jump to a wrong place. */
function isUnmappedCode(taken: ExceptionEvidence, explained: ExplainedException | null): boolean {
  return taken.cause === INSTRUCTION_PAGE_FAULT && taken.mode !== 'U' && isJump(taken) && explained !== null && explained.there === null;
}

/** Where it was: of a jump, where the kernel came from. */
function place(taken: ExceptionEvidence, explained: ExplainedException, evidence: Evidence): Detail[] {
  const { stack, there } = explained;
  const led = jump(taken, explained, evidence);
  if (taken.mode !== 'U' && led.length > 0) return led;
  const shown: CodeStack = there !== null || isNowhere(stack) ? { ...stack, places: stack.places.slice(1), notes: [] } : stack;
  return [
    ...(shown.places.length === 0 ? [] : [{ kind: 'code', text: there === null ? 'trapped at' : 'jumped from', stack: shown } as const]),
    ...led,
  ];
}

/** Nothing is known of the place itself. */
function isNowhere({ places }: CodeStack): boolean {
  return places[0]?.frames.length === 0;
}

/** What most likely led to it, as far as the address and the stack pointer tell. */
function likely(taken: ExceptionEvidence, explained: ExplainedException | null): string[] {
  const { cause, value, mode } = taken;
  const address = BigInt(value);
  if (FETCH_FAULTS.has(cause)) {
    return address < NULL_PAGE && explained?.jump == null
      ? ['a call through a function pointer that was never set (null), or a return with a return address that was lost?']
      : [];
  }
  if (cause === BREAKPOINT && mode !== 'U') return [...endless(explained), BREAK];
  if (!isAccess(cause)) return endless(explained);
  if (MISALIGNED.has(cause)) return misaligned(explained);
  const stack = explained === null ? [] : stackPointer(taken, explained);
  if (stack.length > 0) return stack;
  if (address < NULL_PAGE) return ['the address is close to 0: a pointer that was never set (null)?'];
  return [...refused(value, explained), ...endless(explained)];
}

/** An address that the bus or physical memory protection refuses. */
function refused(value: string, explained: ExplainedException | null): string[] {
  const target = explained?.target ?? null;
  if (explained === null || target === null) return [];
  const { physical } = target;
  const entry = explained.walk.at(-1);
  const led =
    entry === undefined
      ? ''
      : `the page table leads ${value} to the physical address ${physical} (level ${entry.level}: entry at ${entry.address} is ${entry.entry}): `;
  return refusedThere(target, physical).map((sentence) => `${led}${sentence}`);
}

function isClint(physical: bigint): boolean {
  return physical >= BigInt(ACLINT.base) && physical < BigInt(ACLINT.base + ACLINT.size);
}

function refusedThere({ kind, ramEnd }: NonNullable<ExplainedException['target']>, value: string): string[] {
  switch (kind) {
    case 'firmware':
      return [`${value} belongs to the firmware, which protects its memory: RAM for the kernel begins at 0x80200000`];
    case 'nothing':
      return [`nothing answers at ${value}: neither RAM (0x80000000 to 0x${(BigInt(ramEnd) - 1n).toString(16)}) nor a device`];
    case 'device':
      if (isClint(BigInt(value))) {
        return [
          `the CLINT is at ${value}, which belongs to M mode: does the firmware protect it? A kernel in S mode reads the time by rdtime, and ` +
            'sets its timer by the SBI call set_timer',
        ];
      }
      return [`a device is at ${value}, and refuses an access of this size or to this register`];
    case 'ram':
      return [];
  }
}

/** A recursion may end in any exception, once it has written over code or data. */
function endless(explained: ExplainedException | null): string[] {
  const recursion = explained === null ? null : recursionOf(explained.stack);
  if (recursion === null || explained === null) return [];
  const { sp } = explained;
  const into = sp.symbol === null ? '' : `, which is in ${printable(sp.symbol, SENTENCE)}`;
  return [`${recursion} calls itself again and again, and sp is ${sp.value}${into}: has the stack run over?`];
}

/** Plain loads and stores may be misaligned on this cpu; atomic ones may not. */
function misaligned(explained: ExplainedException | null): string[] {
  return /^(?:amo|lr|sc)/.test(explained?.instruction ?? '')
    ? [
        'an atomic instruction needs an address that is aligned to its size: is the lock or the counter inside a packed structure, or the pointer wrong?',
      ]
    : [];
}

/** What the repeated run has shown of the cause. */
function cause(taken: ExceptionEvidence, explained: ExplainedException, evidence: Evidence): Detail[] {
  const { origin, stack, sp } = explained;
  // Where the stack pointer came from is said with it, as far as it is known to be wrong.
  const isSaid = sp.used && !(origin?.by === 'memory' && isCloseToZero(sp.value));
  const isUnknown = explained.jump !== null || origin === null || explained.vectored !== null;
  const base = isUnknown || isSaid ? [] : addressOrigin(sp.used ? 'the stack pointer' : 'the address', origin, stack, evidence);
  const reason =
    explained.illegal === null || explained.there !== null || explained.overwritten !== null ? null : illegal(taken, explained.illegal);
  return [
    ...(reason === null ? [] : [text(reason)]),
    ...changedCode(taken, explained, evidence),
    ...base,
    ...pageTable(taken, explained, evidence),
  ];
}

/** Code that is not what the kernel file has there. */
function changedCode({ pc }: ExceptionEvidence, { overwritten, instruction }: ExplainedException, evidence: Evidence): Detail[] {
  if (overwritten === null) return [];
  const { file, store } = overwritten;
  const start = `the code at ${pc} was overwritten: the kernel file has ${file} there, and memory has ${instruction ?? 'something different'}`;
  switch (store?.by) {
    case undefined:
    case 'nobody':
      return [text(start)];
    case 'device':
      return [text(`${start}; the device has written there last${deviceWrite(pc, store, evidence)}: a buffer lies over the code`)];
    case 'kernel':
      return [
        text(`${start}; stored last by ${printable(store.instruction, SENTENCE)}`),
        { kind: 'code', text: 'overwritten at', stack: store.stack },
      ];
  }
}

/** A call to which its handler returns for ever. */
function repeatedCall({ pc, times }: ExceptionEvidence, explained: ExplainedException | null): Detail[] {
  const handler = explained?.handler ?? null;
  const start =
    `the system call (ecall) at ${pc} of a user program is made again and again: ${amount(times)} times in a row, since the trap handler ` +
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
function vector({ vector: { value, state, written }, next }: ExceptionEvidence, isLoop: boolean): string[] {
  if (state === 'refused') {
    return [
      `the trap vector: the kernel wrote ${written} to stvec, whose lowest two bits are the mode, and 2 and 3 are no modes: the write had no ` +
        `effect. Align the trap handler to 4 bytes. stvec is still ${value}, as at the start`,
    ];
  }
  if (state === 'unset') {
    const restarts = BigInt(value) !== 0n && isLoop ? ', where the kernel begins: each exception starts it again' : '';
    return [`the trap vector was never set: stvec is still ${value}, as at the start${restarts}`];
  }
  // Mode 1 is for interrupts only; a handler at an odd address is one that was not aligned.
  const isOdd = (BigInt(value) & 1n) === 1n && next !== null;
  return isOdd ? [`stvec is ${value}: its lowest bit is the mode (vectored), so the handler begins at the address without it`] : [];
}

/** An interrupt that has entered the handler in its middle. */
function middle(explained: ExplainedException | null): Detail[] {
  const vectored = explained?.vectored ?? null;
  if (vectored === null) return [];
  const { cause, entry, instruction, stack } = vectored;
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
function handler({ cause, times, instructions, next, further }: ExceptionEvidence, explained: ExplainedException | null): string[] {
  if (next === null) {
    const skips = cause === BREAKPOINT ? '. It must add the length of the instruction to sepc (2 for c.ebreak, 4 for ebreak)' : '';
    return times > 1 ? [`its handler returns to the same instruction each time, and has not removed the cause${skips}`] : [];
  }
  const nextToo = further > 1 ? `, and so on: ${amount(further)} further exceptions` : '';
  const end = explained?.vectorEnd ?? null;
  const why =
    end === null
      ? ''
      : `. The page table that is in force does not let the handler run (${end}): stvec must hold an address that it maps with X`;
  const scratch = isWithoutStack(next, explained) ? `. ${NO_SCRATCH}` : '';
  if (next.instructions === instructions) return [`the trap vector at ${next.pc} then faulted itself: ${causeOf(next)}${nextToo}${why}`];
  return [`before its handler had returned, the instruction at ${next.pc} raised the next exception: ${causeOf(next)}${nextToo}${scratch}`];
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
