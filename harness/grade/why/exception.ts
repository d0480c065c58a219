/** The exception that a kernel did not survive: what it was, where, and what most likely led to it. */

import { ACLINT } from '../../../machine/spec/virt-board.ts';
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import type { CodeStack } from '../../evidence/code-place.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type ExceptionEvidence, type ExplainedException, FETCH_FAULTS, isAccess, isJump } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { addressOrigin } from './address-origin.ts';
import { CALLS, causeOf } from './causes.ts';
import { changedCode } from './changed-code.ts';
import { interruptedBefore } from './handler-registers.ts';
import { illegal } from './illegal.ts';
import { jump, lies } from './jump.ts';
import { middleOfInstruction } from './mid-instruction.ts';
import { pageTable } from './page-fault.ts';
import { isProtectedCode, protection } from './protection.ts';
import { recursionOf } from './recursion.ts';
import { wrongSatp } from './satp.ts';
import { isCloseToZero, NULL_PAGE, stackPointer } from './stack-pointer.ts';
import { SENTENCE, text } from './text.ts';
import { handler, middle, repeatedCall, vector } from './trap-handler.ts';

const [BREAKPOINT, ECALL_FROM_U, INSTRUCTION_PAGE_FAULT] = [3, 8, 12];
const BREAK =
  'an ebreak was executed: is it in the source (in asm)? Compilers put one where the program is sure to go wrong (__builtin_trap, abort, a ' +
  'null pointer that they can see)';
const WITHOUT_FIRMWARE =
  "there is no firmware here that would answer it (the rubric's bios is none): an ecall goes to the kernel's own trap handler in M mode (mtvec). " +
  'Does the kernel print, or power off, by SBI calls? Without firmware it does so by the devices: the UART at 0x10000000, and a store of 0x5555 to 0x100000';
/** Causes of addresses that are not aligned to the size of the access. */
const MISALIGNED: ReadonlySet<number> = new Set([4, 6]);

export function exception(evidence: Evidence): Detail[] {
  const { exception: taken, explanations, stop } = evidence;
  if (taken === null) return [];
  const explained = explanations?.exception ?? null;
  if (taken.cause === ECALL_FROM_U) return repeatedCall(taken, explained);
  const details = [text(`${which(taken)}, after ${groupedDigits(taken.instructions)} instructions: ${what(taken, explained)}`)];
  if (explained !== null) details.push(...place(taken, explained, evidence));
  // Registers that a handler lost lead anywhere.
  const isLost = (explained?.interrupted?.changed.length ?? 0) > 0;
  if (taken.mode === 'U' && isKernelCode(explained) && !isLost) details.push(text(IN_USER_MODE));
  details.push(...likely(taken, explained).map(text));
  if (explained !== null) details.push(...cause(taken, explained, evidence), ...interruptedBefore(taken, explained));
  const isLoop = stop.reason === 'trap-loop' || taken.further > 0;
  // Without a vector it is no handler that raises the others.
  const next = taken.vector.state === 'set' ? handler(taken, explained) : [];
  return [...details, ...vector(taken, isLoop).map(text), ...middle(explained), ...next.map(text)];
}

function which({ further, times }: ExceptionEvidence): string {
  if (further > 0) return `the first of ${groupedDigits(further + 1)} exceptions`;
  return times > 1 ? `the last exception, raised ${groupedDigits(times)} times in a row` : 'the last exception';
}

function what(taken: ExceptionEvidence, explained: ExplainedException | null): string {
  const { pc, mode } = taken;
  if (isUnmappedCode(taken, explained)) {
    return `${causeOf(taken)}: the kernel's code is there, but the page table that is in force does not let it run${satp(explained)}`;
  }
  if (isProtectedCode(taken, explained)) return `${causeOf(taken)}: the kernel's code is there`;
  const there = explained?.there ?? null;
  if (there !== null) {
    const { kind, to } = explained?.jump ?? { kind: 'jump', to: pc };
    const went = kind === 'ran-on' ? 'ran on to' : 'jumped to';
    const until = to === pc ? '' : `; what is there was executed as instructions until ${pc}`;
    return `${causeOf(taken)}: the kernel ${went} ${to}, where no code is: ${lies(there)}${until}`;
  }
  if (isJump(taken) && mode !== 'U') return `${causeOf(taken)}: the kernel jumped there, and there is no code`;
  const instruction = explained?.instruction ?? null;
  const user =
    mode !== 'U' ? '' : isKernelCode(explained) || isEnteredByMistake(explained) ? 'in U mode, ' : 'in a user program (U mode), ';
  return `${causeOf(taken)}, ${user}by the instruction at ${pc}${instruction === null ? '' : `: ${instruction}`}`;
}

function satp(explained: ExplainedException | null): string {
  switch (explained?.jump?.kind) {
    case undefined:
      return '. Was satp just written?';
    case 'satp':
      return explained?.satp == null
        ? ': satp was just written. The new page table must map the code that writes satp at the same address'
        : ': satp was just written';
    default:
      return '';
  }
}

const IN_USER_MODE =
  "that is code of the kernel's own file, and the hart is in U mode: if no user program is meant, the last sret found sstatus.SPP 0, or the " +
  'last mret found mstatus.MPP 0. Such a bit says which mode the return goes to: set it before the return, and keep it where a handler writes sstatus';

/** Of a user program too, the kernel's file may have the code. */
function isKernelCode(explained: ExplainedException | null): boolean {
  const [place] = explained?.stack.places ?? [];
  return place !== undefined && place.frames.length > 0;
}

/** The kernel file has code there: it is not a jump to a wrong place. */
function isUnmappedCode(taken: ExceptionEvidence, explained: ExplainedException | null): boolean {
  return taken.cause === INSTRUCTION_PAGE_FAULT && taken.mode !== 'U' && isJump(taken) && explained !== null && explained.there === null;
}

/** The return from a trap that led there was not the one that was meant: no user program was. */
function isEnteredByMistake(explained: ExplainedException | null): boolean {
  return explained?.origin?.by === 'csr' && explained.origin.instead !== null;
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
  // Which registers a piece of an instruction uses says nothing.
  if (explained?.middle != null) return [];
  const { cause, value, mode } = taken;
  const address = BigInt(value);
  const refusedCode = isProtectedCode(taken, explained) ? protection(taken, explained) : null;
  if (refusedCode !== null) return [refusedCode];
  if (FETCH_FAULTS.has(cause)) {
    return address < NULL_PAGE && explained?.jump == null
      ? ['a call through a function pointer that was never set (null), or a return with a return address that was lost?']
      : [];
  }
  if (cause === BREAKPOINT && mode !== 'U') return [...endless(explained), BREAK];
  if (CALLS.has(cause)) return [WITHOUT_FIRMWARE];
  if (!isAccess(cause)) return endless(explained);
  if (MISALIGNED.has(cause)) return misaligned(explained);
  const protectedMemory = explained?.target?.kind === 'ram' ? protection(taken, explained) : null;
  if (protectedMemory !== null) return [protectedMemory];
  const stack = explained === null ? [] : stackPointer(taken, explained);
  if (stack.length > 0) return stack;
  // The address is what the handler of an interrupt has left there.
  if (changedBase(explained)) return endless(explained);
  if (address < NULL_PAGE) return ['the address is close to 0: a pointer that was never set (null)?'];
  return [...refused(value, explained), ...endless(explained)];
}

/** Whether the register that the access is by is one that the last interrupt has changed. */
function changedBase(explained: ExplainedException | null): boolean {
  const instruction = explained?.instruction ?? '';
  const base = instruction.slice(instruction.lastIndexOf('(') + 1, -1);
  return (explained?.interrupted?.changed ?? []).some(({ register }) => register === base);
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
  return refusedThere(target, physical, explained.instruction).map((sentence) => `${led}${sentence}`);
}

function isClint(physical: bigint): boolean {
  return physical >= BigInt(ACLINT.base) && physical < BigInt(ACLINT.base + ACLINT.size);
}

function refusedThere({ kind, ramEnd }: NonNullable<ExplainedException['target']>, value: string, instruction: string | null): string[] {
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
      return [
        isAtomic(instruction)
          ? `a device is at ${value}, and an atomic instruction reaches memory only: write the register by a plain store`
          : `a device is at ${value}, and refuses an access of this size or to this register`,
      ];
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

const isAtomic = (instruction: string | null): boolean => /^(?:amo|lr|sc)/.test(instruction ?? '');

/** Plain loads and stores may be misaligned on this cpu; atomic ones may not. */
function misaligned(explained: ExplainedException | null): string[] {
  return isAtomic(explained?.instruction ?? null)
    ? [
        'an atomic instruction needs an address that is aligned to its size: is the lock or the counter inside a packed structure, or the pointer wrong?',
      ]
    : [];
}

/** What the repeated run has shown of the cause. */
function cause(taken: ExceptionEvidence, explained: ExplainedException, evidence: Evidence): Detail[] {
  if (explained.middle !== null) return middleOfInstruction(explained.middle);
  const { origin, stack, sp, target } = explained;
  // Where the stack pointer came from is said with it, as far as it is known to be wrong.
  const isShown = origin?.by === 'memory' ? isCloseToZero(sp.value) : origin?.by === 'instruction' && target?.kind === 'nothing';
  const isSaid = sp.used && !isShown;
  const isUnknown = explained.jump !== null || origin === null || explained.vectored !== null;
  const base = isUnknown || isSaid ? [] : addressOrigin(sp.used ? 'the stack pointer' : 'the address', origin, stack, evidence);
  const reason =
    explained.illegal === null || explained.there !== null || explained.overwritten !== null ? null : illegal(taken, explained.illegal);
  return [
    ...(reason === null ? [] : [text(reason)]),
    ...overwritten(taken, explained, evidence),
    ...base,
    ...wrongSatp(explained).map(text),
    ...pageTable(taken, explained, evidence),
  ];
}

function overwritten({ pc }: ExceptionEvidence, { overwritten: found, instruction, sp }: ExplainedException, evidence: Evidence): Detail[] {
  return found === null ? [] : changedCode({ ...found, pc, instruction, sp: sp.symbol === null ? sp.value : null }, evidence);
}
