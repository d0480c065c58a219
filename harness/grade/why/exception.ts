/** The exception that a kernel did not survive: what it was, where, and what most likely led to it. */
import type { Evidence } from '../../evidence/evidence.ts';
import { FETCH_FAULTS, isJump } from '../../evidence/exception.ts';
import type { CodeFrame, CodeStack, ExceptionEvidence, Explanations } from '../../evidence/explanation.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { SENTENCE, text } from './text.ts';

type Explained = NonNullable<Explanations['exception']>;

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
const ILLEGAL_INSTRUCTION = 2;
/** Causes of loads and stores. */
const ACCESS: ReadonlySet<number> = new Set([4, 5, 6, 7, 13, 15]);
/** Below this, an address is most likely a null pointer and an offset in what it should point to. */
const NULL_PAGE = 4096n;
/** Calls of one function in a row from which on a recursion is likely. */
const RECURSION = 4;

function causeOf({ cause, value }: Pick<ExceptionEvidence, 'cause' | 'value'>): string {
  const name = CAUSES[cause] ?? `exception ${cause}`;
  return cause === ILLEGAL_INSTRUCTION ? `${name} (${value})` : `${name} at address ${value}`;
}

const amount = (count: number): string => count.toLocaleString('en-US');

export function exception({ exception: taken, explanations, stop }: Evidence): Detail[] {
  if (taken === null) return [];
  const explained = explanations?.exception ?? null;
  const details = [text(`${which(taken)}, after ${amount(taken.instructions)} instructions: ${what(taken, explained)}`)];
  if (explained !== null)
    details.push({
      kind: 'code',
      text: isJump(taken) && !isUnmappedCode(taken, explained) ? 'jumped from' : 'trapped at',
      stack: explained.stack,
    });
  details.push(...likely(taken, explained).map(text));
  if (explained !== null) details.push(...pageTable(explained));
  const isLoop = stop.reason === 'trap-loop' || taken.further > 0;
  // Without a vector it is no handler that raises the others.
  const next = taken.vector.state === 'set' ? handler(taken) : [];
  return [...details, ...vector(taken, isLoop).map(text), ...next.map(text)];
}

function which({ further, times }: ExceptionEvidence): string {
  if (further > 0) return `the first of ${amount(further + 1)} exceptions`;
  return times > 1 ? `the last exception, raised ${amount(times)} times in a row` : 'the last exception';
}

function what(taken: ExceptionEvidence, explained: Explained | null): string {
  const { pc } = taken;
  if (isUnmappedCode(taken, explained)) {
    return `${causeOf(taken)}: the kernel's code is there, but the page table that is in force does not let it run. Was satp just written?`;
  }
  if (isJump(taken)) return `${causeOf(taken)}: the kernel jumped there, and there is no code`;
  const instruction = explained?.instruction ?? null;
  return `${causeOf(taken)}, by the instruction at ${pc}${instruction === null ? '' : `: ${instruction}`}`;
}

const INSTRUCTION_PAGE_FAULT = 12;

/** The kernel file has code there: it is not a jump to a wrong place. */
function isUnmappedCode(taken: ExceptionEvidence, explained: Explained | null): boolean {
  const [place] = explained?.stack.places ?? [];
  return taken.cause === INSTRUCTION_PAGE_FAULT && isJump(taken) && place?.address === taken.pc && place.frames.length > 0;
}

/** What most likely led to it, as far as the address and the stack pointer tell. */
function likely({ cause, value }: ExceptionEvidence, explained: Explained | null): string[] {
  const address = BigInt(value);
  if (FETCH_FAULTS.has(cause)) {
    return address < NULL_PAGE
      ? ['a call through a function pointer that was never set (null), or a return with a return address that was lost?']
      : [];
  }
  if (!ACCESS.has(cause)) return [];
  const stack = explained === null ? [] : stackPointer(explained);
  return stack.length === 0 && address < NULL_PAGE ? ['the address is close to 0: a pointer that was never set (null)?'] : stack;
}

function stackPointer({ sp, stack }: Explained): string[] {
  if (!sp.used) return [];
  if (sp.inFirmware) return [`sp is ${sp.value}, in the firmware's memory: the kernel has not set its stack pointer`];
  const recursion = recursionOf(stack);
  const into = sp.symbol === null ? '' : `, which is in ${printable(sp.symbol, SENTENCE)}`;
  if (recursion !== null) return [`sp is ${sp.value}${into}; ${recursion} calls itself again and again: the stack has run over`];
  if (BigInt.asUintN(64, BigInt(sp.value) + NULL_PAGE) < 2n * NULL_PAGE)
    return [`sp is ${sp.value}: the kernel has not set its stack pointer`];
  return [`the access is to the stack, and sp is ${sp.value}${into}: has the stack run over, or was sp never set?`];
}

/** The function that is in the stack most often, if its calls follow each other. */
function recursionOf({ places }: CodeStack): string | null {
  const names = places.flatMap(({ frames }) => frames.map((frame: CodeFrame) => frame.function));
  let [longest, length] = [0, 0];
  let name: string | null = null;
  for (const [index, one] of names.entries()) {
    length = one !== null && one === names[index - 1] ? length + 1 : 1;
    if (one !== null && length > longest) [longest, name] = [length, one];
  }
  return longest < RECURSION || name === null ? null : printable(name, SENTENCE);
}

function pageTable(explained: Explained): Detail[] {
  const { walk, walkEnd } = explained;
  if (walkEnd === null) return [];
  const steps = walk.map(({ level, address, entry }) => `level ${level}: entry at ${address} is ${entry}`);
  return [text(`page table: ${[...steps, walkEnd].join('; ')}`), ...storer(explained)];
}

/** Bytes above sp in which an entry is taken to lie in the stack, where calls repeat: more than any kernel's stack has. */
const DEEPEST_STACK = 1n << 20n;

function storer({ walk, entryStore: store, sp, stack: trapped }: Explained): Detail[] {
  if (store === null) return [];
  if (store.by === 'nobody') return [text('nothing has stored that entry: it is as the kernel file has it')];
  if (store.by === 'device') return [text('the device has stored that entry: a buffer lies over the page table')];
  const { instruction, stack } = store;
  const above = BigInt(walk.at(-1)!.address) - BigInt(sp.value);
  const recursion = above >= 0n && above < DEEPEST_STACK ? (recursionOf(stack) ?? recursionOf(trapped)) : null;
  const byStack =
    recursion !== null || instruction.endsWith('(sp)') ? ': it has written to its stack, which has grown into the page table' : '';
  const who = recursion === null ? '' : `${recursion} calls itself again and again`;
  return [
    { kind: 'code', text: 'that entry was stored at', stack },
    text(`that entry was stored last by ${instruction}${byStack}${who === '' ? '' : `; ${who}`}`),
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

/** What became of the handler. */
function handler({ instructions, next, further }: ExceptionEvidence): string[] {
  if (next === null) return [];
  const nextToo = further > 1 ? `, and so on: ${amount(further)} further exceptions` : '';
  if (next.instructions === instructions) return [`the trap vector at ${next.pc} then faulted itself: ${causeOf(next)}${nextToo}`];
  return [`before its handler had returned, the instruction at ${next.pc} raised the next exception: ${causeOf(next)}${nextToo}`];
}
