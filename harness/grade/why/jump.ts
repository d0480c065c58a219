/** How a kernel came to where it should never execute anything. */
import type { Evidence } from '../../evidence/evidence.ts';
import type { ExceptionEvidence, ExplainedException } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { addressOrigin } from './address-origin.ts';
import { NULL_PAGE } from './stack-pointer.ts';
import { SENTENCE, text } from './text.ts';

type Jump = NonNullable<ExplainedException['jump']>;

const LEADS: Readonly<Record<Jump['kind'], string>> = {
  call: 'that call is at',
  return: 'that return is at',
  jump: 'that jump is at',
  'trap-return': 'that return is at',
  'ran-on': 'the last code before',
  satp: 'satp written at',
};

const WHAT: Readonly<Record<Jump['kind'], string>> = {
  call: 'the address of the function',
  return: 'the return address',
  jump: 'the address',
  'trap-return': 'sepc',
  'ran-on': 'the address',
  satp: 'the address',
};

/** `out lies there (.bss)`; what is where no code is. */
export function lies({ symbol, section, isMemory }: NonNullable<ExplainedException['there']>): string {
  if (symbol !== null) return `${printable(symbol, SENTENCE)} lies there${section === null ? '' : ` (${printable(section)})`}`;
  if (section !== null) return `the section ${printable(section)} lies there`;
  return isMemory ? 'there is memory that the kernel file does not use' : 'there is no memory';
}

export function jump(taken: ExceptionEvidence, explained: ExplainedException, evidence: Evidence): Detail[] {
  const found = explained.jump;
  if (found === null) return [];
  const { kind, stack } = found;
  return [
    { kind: 'code', text: LEADS[kind], stack },
    ...meaning(taken, found).map(text),
    ...(explained.origin === null || explained.vectored !== null ? [] : addressOrigin(WHAT[kind], explained.origin, stack, evidence)),
  ];
}

function meaning({ mode }: ExceptionEvidence, { kind, instruction, to }: Jump): string[] {
  switch (kind) {
    case 'ran-on':
      return [
        `no jump led there: the code before it simply goes on (${printable(instruction)}). Does a function end without a return, or does one return that must not?`,
      ];
    case 'return':
      return [
        `a function returned to ${to}: its return address was overwritten, sp or ra was not what it was at the call (does a trap handler change them?), or it was entered without a call`,
      ];
    case 'trap-return':
      return [
        `${printable(instruction)} went to ${to} in ${mode} mode: that was in ${printable(instruction) === 'mret' ? 'mepc' : 'sepc'}`,
      ];
    case 'satp':
      return [];
    case 'call':
    case 'jump':
      return BigInt(to) < NULL_PAGE ? ['a function pointer that was never set (null)?'] : [];
  }
}
