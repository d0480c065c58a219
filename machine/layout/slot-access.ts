/** How generated code reads and writes the hart's slots (slots.ts). */
import { type I32, type I64, i32, i64, type Statement } from '../wasm/code.ts';
import { SLOT, type Slot } from './slots.ts';

const at = (): I32 => i32.const(0);

export const slot64 = (name: Slot): I64 => i64.load(at(), SLOT[name]);
export const slot32 = (name: Slot): I32 => i32.load(at(), SLOT[name]);
export const setSlot64 = (name: Slot, value: I64): Statement => i64.store(at(), value, SLOT[name]);
export const setSlot32 = (name: Slot, value: I32): Statement => i32.store(at(), value, SLOT[name]);

/** Counts one more of a kind of work that generated code counts. */
export const countWork = (
  name:
    | 'slowAccesses'
    | 'slowFetches'
    | 'codeStores'
    | 'generatedFlushes'
    | 'refreshes'
    | 'traps'
    | 'returns'
    | 'softFloat'
    | 'reached'
    | 'decodings',
): Statement => setSlot32(name, i32.add(slot32(name), i32.const(1)));

/** Whether any bit of the mask is set. */
export const has = (word: I64, mask: bigint): I32 => i64.ne(i64.and(word, i64.const(mask)), i64.const(0));
