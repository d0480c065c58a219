/**
 * What is kept of traps for explanations, in the one memory: generated code writes it at each trap (exec/trap-record.ts), and TypeScript reads
 * it when a run is explained (hart/trap-unit.ts, hart/last-exception.ts). A field is 8 bytes.
 */
import { type I64, i32, i64, type Statement } from '../wasm/code.ts';
import { TRAP_RECORD } from './memory-map.ts';
import type { HartState } from './state.ts';

/** An exception: whether there is one; how it was raised; and the trap vector register that it went to. */
const EXCEPTION_FIELDS = [
  'kept',
  'pc',
  'cause',
  'tval',
  'privilege',
  'retired',
  'time',
  'depth',
  'machine',
  'vector',
  'refusedVector',
  'vectorRefused',
] as const;
export type ExceptionField = (typeof EXCEPTION_FIELDS)[number];

const FIELDS = [
  /** Traps not returned from. An estimate: a kernel may leave a trap by the return of another one, or never return from it. */
  'depth',
  /** Interrupts since the last instruction of the code that they interrupted. */
  'inARow',
  /** Instructions retired when a handler returned last; all ones before the first time. */
  'returnedAt',
  /** Exceptions since then that are faults. */
  'unreturned',
  /** Nothing but the same exception will ever come. */
  'loop',
  /** Guest time of the last exception that is not a call; all ones before the first one. */
  'lastTime',
  /** About the exception that is kept: how many came after it, how often it came, whether its handler has returned. */
  'further',
  'times',
  'returned',
  /** The exception after it, if there was one. */
  'nextKept',
  'nextPc',
  'nextCause',
  'nextTval',
  'nextRetired',
  /** The calls of a user program that came one after the other from one instruction. */
  'calls',
  'callPc',
  /** Calls that the handler of the open one has made itself, and the first of these. */
  'nestedCalls',
  'nestedPc',
  'nestedCause',
  'nestedRetired',
] as const;
export type RecordField = (typeof FIELDS)[number];

const addresses = <Name extends string>(names: readonly Name[], base: number): Readonly<Record<Name, number>> =>
  Object.fromEntries(names.map((name, n) => [name, base + 8 * n])) as Record<Name, number>;

const AFTER_FIELDS = TRAP_RECORD + 8 * FIELDS.length;
const AFTER_FIRST = AFTER_FIELDS + 8 * EXCEPTION_FIELDS.length;
const AFTER_CALL = AFTER_FIRST + 8 * EXCEPTION_FIELDS.length;
const AFTER_OPEN = AFTER_CALL + 8 * EXCEPTION_FIELDS.length;

/** Addresses of the fields. */
export const TRAPS = addresses(FIELDS, TRAP_RECORD);
/** The exception that is kept; the second call in a row; and the first call without firmware whose handler has not returned. */
export const FIRST_EXCEPTION = addresses(EXCEPTION_FIELDS, AFTER_FIELDS);
export const SECOND_CALL = addresses(EXCEPTION_FIELDS, AFTER_FIRST);
export const OPEN_CALL = addresses(EXCEPTION_FIELDS, AFTER_CALL);
export type ExceptionRecord = typeof FIRST_EXCEPTION;

/** A row for each interrupt, by its cause times 2, plus 1 where S mode takes it. */
export const TAKEN = AFTER_OPEN;
export const TAKEN_FIELDS = { count: 0, time: 8, pc: 16, retired: 24 } as const;
export const TAKEN_ROW = 32;
/** Interrupts have causes below 16. */
export const TAKEN_ROWS = 32;

export function clearTrapRecord(state: HartState): void {
  for (let at = TRAP_RECORD; at < TAKEN + TAKEN_ROWS * TAKEN_ROW; at += 8) state.own.setBigInt64(at, 0n, true);
  for (const field of ['returnedAt', 'lastTime'] as const) state.own.setBigInt64(TRAPS[field], -1n, true);
}

/** A field as TypeScript reads it; a number below 2^53, or -1. */
export const numberAt = ({ own }: HartState, address: number): number => Number(own.getBigInt64(address, true));
export const bitsAt = ({ own }: HartState, address: number): bigint => own.getBigUint64(address, true);

/** The same in generated code. */
export const field = {
  get: (address: number): I64 => i64.load(i32.const(0), address),
  set: (address: number, value: I64): Statement => i64.store(i32.const(0), value, address),
};
