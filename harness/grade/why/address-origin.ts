/** Where the address came from that was used for a jump, a load or a store. */
import type { CodeStack } from '../../evidence/code-place.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { AddressOrigin } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { deviceWrite } from './dma.ts';
import { SENTENCE, text } from './text.ts';

type FromMemory = Extract<AddressOrigin, { by: 'memory' }>;

/** Stores of fewer bytes than an address has. */
const NARROW = /^(?:c\.)?s[bhw](?:sp)? /;
const runOver = (onStack: boolean) =>
  `, which stores fewer bytes than an address has: has an array ${onStack ? 'on the stack' : 'before it'} run over?`;

const KNOWN_ZERO =
  'Where the compiler knows that it is 0, it may use it as a null pointer. Does a function return a null pointer, or the address of one of its ' +
  'own variables (compilers make a null pointer of that)?';
const amount = (bytes: number) => `${bytes} byte${bytes === 1 ? '' : 's'}`;

/** `what`: of which address, e.g. `the return address`. `trapped`: where it was used; what is on the same line is not said again. */
export function addressOrigin(what: string, origin: AddressOrigin, trapped: CodeStack, evidence: Evidence): Detail[] {
  switch (origin.by) {
    case 'memory':
      return [...fromMemory(what, origin, trapped, evidence)];
    case 'csr': {
      const shown = printable(origin.csr);
      if (origin.instead !== null) {
        const { csr, stack } = origin.instead;
        const other = csr === 'mepc' ? 'mret' : 'sret';
        return [
          text(
            `${shown} held ${origin.value}, and the kernel had written an address to ${csr}, which is where ${other} goes: is ${other} meant in the place of this return?`,
          ),
          { kind: 'code', text: `${csr} written at`, stack },
        ];
      }
      const written = origin.written === null ? '' : ', which was written last at the line below';
      return [
        text(
          what === shown
            ? `${shown} held ${origin.value}, and nothing had written it shortly before`
            : `${what} came from the register ${shown}, which held ${origin.value}${written}`,
        ),
        ...(origin.written === null ? [] : [{ kind: 'code', text: `${shown} written at`, stack: origin.written } as const]),
      ];
    }
    case 'instruction':
      if (origin.instruction === 'ecall') {
        return [
          text(
            `${what} came from a0 or a1 after an SBI call (ecall): a call overwrites both, a0 with an error code (0: no error) and a1 with a value. ` +
              'Was an argument or a variable still expected there? Inline assembly must name both as outputs or as clobbered',
          ),
          { kind: 'code', text: 'called at', stack: origin.stack },
        ];
      }
      return isSameLine(origin.stack, trapped)
        ? []
        : [text(`${what} was made by ${printable(origin.instruction, SENTENCE)}`), { kind: 'code', text: 'made at', stack: origin.stack }];
    case 'start':
      return [text(`nothing has written ${what} since the kernel was started`)];
  }
}

function fromMemory(what: string, origin: FromMemory, trapped: CodeStack, evidence: Evidence): Detail[] {
  const { address, symbol, onStack, value, bytes, stack, store } = origin;
  const name = onStack ? 'the stack' : symbol === null ? 'memory' : `the variable ${printable(symbol, SENTENCE)}`;
  const start = `${what} (${value}${textOf(value)}) was loaded from ${name} at ${address}`;
  const loaded: Detail[] = isSameLine(stack, trapped) ? [] : [{ kind: 'code', text: 'loaded at', stack }];
  // An address that is kept in 4 bytes is a mistake that a store shows.
  if (bytes < (store?.by === 'kernel' ? 4 : 8)) {
    const number = `${what} (${value}) was loaded as ${amount(bytes)} from ${name} at ${address}: that is a number and not an address`;
    return [text(`${number}. ${BigInt(value) === 0n ? KNOWN_ZERO : 'Was it taken for a pointer?'}`), ...loaded];
  }
  switch (store?.by) {
    case undefined:
      return [text(start), ...loaded];
    case 'nobody':
      return [text(`${start}, where nothing has stored anything: it still holds what the kernel file has there, or zero`), ...loaded];
    case 'device':
      return [
        text(
          `${start}, where the device has written last${origin.physical === null ? '' : deviceWrite(origin.physical, store, evidence)}: ` +
            'its buffer lies over this memory. Is the buffer too small for what was asked for, was it freed while the device still owned it, or is it on the stack of a function that has returned?',
        ),
        ...loaded,
      ];
    case 'kernel':
      return [
        text(
          BigInt(value) === 0n
            ? `${start}, where zero was stored last: was it ever set?`
            : `${start}, where ${printable(store.instruction, SENTENCE)} had stored it last${NARROW.test(store.instruction) ? runOver(onStack) : ''}`,
        ),
        { kind: 'code', text: 'stored at', stack: store.stack },
      ];
  }
}

/** Of a value that consists of letters and the like: a text was copied over it. */
function textOf(value: string): string {
  const digits = value.slice(2);
  if (digits.length % 2 !== 0 || digits.length < 8) return '';
  const bytes = (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)).reverse();
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? `, which is the text "${printable(String.fromCharCode(...bytes))}"` : '';
}

/** Whether the innermost line of both is the same one. */
function isSameLine(a: CodeStack, b: CodeStack): boolean {
  const [one, other] = [a, b].map(({ places }) => places[0]?.frames.find(({ line }) => line !== null));
  return one !== undefined && other !== undefined && one.file === other.file && one.line === other.line;
}
