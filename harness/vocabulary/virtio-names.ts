/**
 * The names of virtio's numbers (machine/spec/virtio.ts) in words: what rubrics write and reports show.
 */

import type { FEATURE_BITS, STATUS_BITS } from '../../machine/spec/virtio.ts';
import { hex } from '../bytes/hex.ts';

export type StatusBit = keyof typeof STATUS_BITS;
export type Feature = keyof typeof FEATURE_BITS;

/** The keys of a table, as zod's enum wants them: never empty. */
export function namesOf<Name extends string>(table: Readonly<Record<Name, number>>): [Name, ...Name[]] {
  return Object.keys(table) as [Name, ...Name[]];
}

/** `OUT (1)`; a number without a name in hex. */
export function numberName(table: Readonly<Record<string, number>>, value: number): string {
  const name = Object.keys(table).find((key) => table[key] === value);
  return name === undefined ? hex(value) : `${name} (${value})`;
}

/** `OUT`; a number without a name in hex. */
export function shortName(table: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(table).find((key) => table[key] === value) ?? hex(value);
}
