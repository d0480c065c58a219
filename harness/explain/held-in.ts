/**
 * The variable whose constant was stored. In optimized code the instruction that makes a constant says little: it stands where many variables
 * are put together, such as an array of buffers. Debug information still knows of each variable which constants it consists of. A variable is
 * named only where a different part of it lies beside the store as well, such as a buffer's length beside its flags in the descriptor.
 */
import { hex } from '../bytes/hex.ts';
import type { CodePlace, HeldIn, StoreExplanation } from '../evidence/code-place.ts';
import { isOwnLine } from '../evidence/culprit.ts';
import type { KernelCode, KnownVariable } from './code.ts';

/** Bytes of a descriptor, and of the header of a block request: what is looked at around a store begins at a multiple of this. */
export const AROUND = 16;

interface Stored {
  readonly stack: Extract<StoreExplanation, { by: 'kernel' }>['stack'];
  readonly value: bigint;
  /** The AROUND bytes with the store. */
  readonly around: Uint8Array;
}

/** Null where none is known, or it could be one of several. The outermost function's is taken: there the value was chosen. */
export function heldIn({ stack, value, around }: Stored, code: KernelCode): HeldIn | null {
  const fields = fieldsOf(around);
  for (const [index, { address }] of [...stack.places.entries()].reverse()) {
    const known = code.variablesAt(BigInt(address), { isReturn: index > 0 }).flatMap((variable) => {
      const part = partOf(variable, value, fields);
      return part !== undefined && isOwnLine(variable.frame) ? [{ ...variable, part }] : [];
    });
    const outermost = Math.max(...known.map(({ depth }) => depth));
    const [first, second] = known.filter(({ depth }) => depth === outermost);
    if (first === undefined) continue;
    if (second !== undefined) return null;
    const place: CodePlace = { address, frames: [first.frame] };
    return { name: first.name, value: hex(first.part), declared: { places: [place], leftOut: 0, notes: [] } };
  }
  return null;
}

/** The part that the value was made of, where a different part of the variable is one of the fields. */
function partOf({ parts }: KnownVariable, value: bigint, fields: ReadonlySet<bigint>): bigint | undefined {
  const fits = parts.findIndex(
    (part) => part.value === value || (part.value !== undefined && part.value !== 0n && (value & part.value) === part.value),
  );
  const others = parts.filter((part, index) => index !== fits && part.value !== undefined && fields.has(part.value));
  return fits >= 0 && others.length > 0 ? parts[fits]!.value : undefined;
}

/** An address or sector, and a length. */
function fieldsOf(around: Uint8Array): ReadonlySet<bigint> {
  if (around.length < AROUND) return new Set();
  const view = new DataView(around.buffer, around.byteOffset, around.byteLength);
  const fields = [view.getBigUint64(0, true), view.getBigUint64(8, true), BigInt(view.getUint32(8, true))];
  return new Set(fields.filter((field) => field !== 0n));
}
