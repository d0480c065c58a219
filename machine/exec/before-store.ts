/**
 * The slots as they were before a store to a device that is being executed. Up to the device's turn such an instruction has changed three:
 * it has been started, its access has been counted, and the place at which code goes on has been taken over by generated code.
 */
import { entryOffset } from '../layout/decoded-page.ts';
import { DECODED_PAGE, DECODED_PAGES, DECODED_POOL } from '../layout/memory-map.ts';
import type { Slot } from '../layout/slots.ts';
import type { HartState } from '../layout/state.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import { FIRST_INSTRUCTION, OPERATION, OPERATION_MASK, OPERATIONS } from './operations.ts';
import { TRANSLATED } from './translated-entry.ts';

const PAGE = BigInt(PAGE_BYTES);
const STORE_WORD = FIRST_INSTRUCTION + OPERATIONS.findIndex(({ instruction }) => instruction.name === 'sw');

/**
 * Undefined where they cannot be told: where the instruction is none that stores one word in one go, or has no decoded entry of its own, since
 * to fetch it once more would be counted once more.
 */
export function slotsBeforeStore(state: HartState): readonly (readonly [Slot, bigint])[] | undefined {
  const pc = state.get('pc');
  const page = state.small('codePage');
  if (page < DECODED_POOL || page >= DECODED_POOL + DECODED_PAGES * DECODED_PAGE || state.get('interrupt') !== 0n) return undefined;
  const entry = page + entryOffset(Number(pc % PAGE));
  const { view } = state;
  const operation = view.getUint16(entry, true) & OPERATION_MASK;
  const original =
    operation === OPERATION.translated ? view.getUint16(view.getInt32(entry + 4, true) + TRANSLATED.original, true) : operation;
  if ((original & OPERATION_MASK) !== STORE_WORD) return undefined;
  return [
    ['budget', state.get('budget') + 1n],
    ['slowAccesses', state.get('slowAccesses') - 1n],
    ['codeAddress', pc - (pc % PAGE)],
  ];
}
