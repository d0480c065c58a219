/**
 * What running again found out, as plain JSON: part of a run's evidence, so that a saved run keeps its explanations.
 * Addresses are strings in hex; instructions and times are counts since power-on, as in evidence.ts.
 */

import type { FindingEvidence } from './finding.ts';

/** One function at an address: several where some were inlined, the innermost first. */
export interface CodeFrame {
  /** Demangled, without generic arguments; null where nothing names it. */
  function: string | null;
  /** Relative to the folder that the kernel was compiled in, where it lies below it. */
  file: string | null;
  line: number | null;
  inlined: boolean;
  /** A compiler's library or a published package: not the submission's own source. */
  library: boolean;
}

/** An instruction of the kernel. For a caller it is the return address; its frames are those of the call. */
export interface CodePlace {
  address: string;
  /** Empty where nothing is known but the address. */
  frames: CodeFrame[];
}

/** The instruction first, then its callers. */
export interface CodeStack {
  places: CodePlace[];
  /** Further functions and calls that are not in it: a stack may be very deep. */
  leftOut: number;
  /** What could not be found out, and why, in sentences. */
  notes: string[];
}

/** Who stored some bytes last, before a given time. */
export type StoreExplanation =
  | { by: 'kernel'; instructions: number; instruction: string; stack: CodeStack }
  /** The device itself wrote them (DMA). */
  | { by: 'device'; instructions: number }
  /** Nobody: they are as the kernel was loaded, or zero. */
  | { by: 'nobody' };

/** One entry of a page-table walk. */
export interface WalkEvidence {
  level: number;
  /** Physical address of the entry, and its value. */
  address: string;
  entry: string;
}

/** An exception that the kernel did not survive. */
export interface ExceptionEvidence {
  pc: string;
  /** scause or mcause. */
  cause: number;
  /** stval or mtval. */
  value: string;
  instructions: number;
  time: number;
  /** The next one, where it came before any instruction: the trap vector itself faulted. */
  nested: { pc: string; cause: number; value: string } | null;
}

/** What a polled address is. */
export type PolledThing =
  | { kind: 'used-index' | 'used-ring' | 'available-ring' | 'descriptor-table'; drive: string }
  | { kind: 'status-byte' | 'data'; drive: string; request: number }
  | { kind: 'register'; device: string; drive: string | null; register: string }
  | { kind: 'stack' }
  | { kind: 'memory' };

export interface LoopLoadEvidence {
  pc: string;
  /** Virtual; `physical` is null where it is mapped to nothing. */
  address: string;
  physical: string | null;
  width: number;
  value: string;
  what: PolledThing;
}

/** The loop that the kernel was in when the machine stopped. */
export interface LoopEvidence {
  /** Guest nanoseconds of one round: instructions, and traps. */
  period: number;
  /** Disassembled, by address; the first ones of a long loop. */
  instructions: { pc: string; text: string }[];
  /** What each round loads, the most telling first. */
  loads: LoopLoadEvidence[];
  /** Guest time of the last access to a device with an effect, and of the last console output, before it. */
  lastEffect: number;
}

/** A race for a buffer's memory, and the calls that led to its first access. */
export interface RaceExplanation {
  finding: FindingEvidence;
  stack: CodeStack;
}

export interface Explanations {
  /** By `storeKey`. */
  stores: Record<string, StoreExplanation>;
  /** By the number of bytes on the console before: where the kernel was when it printed the next one. */
  prints: Record<string, CodeStack>;
  /** Where the kernel was when it began to print its last panic message. */
  panic: CodeStack | null;
  exception: { instruction: string | null; stack: CodeStack; walk: WalkEvidence[]; walkEnd: string | null } | null;
  loop: {
    /** Instructions before the first round; null where it was not found again. */
    since: number | null;
    stack: CodeStack;
    /** The symbol (and distance) of the first load's address, where it is a plain variable. */
    symbol: string | null;
  } | null;
  /** Where the kernel was when it had no time left, or waited: null where the loop says so, or it came to another end. */
  end: CodeStack | null;
  /** Of the run itself where it was watched for races, else of a repeated one that was; null where none was. */
  races: RaceExplanation[] | null;
}

/** Bytes of guest memory as they were at a time. */
export interface StoreQuestion {
  /** Physical. */
  address: string;
  length: number;
  /** Guest time in nanoseconds: of the notify. */
  before: number;
}

/** Which byte on the console, from 0. */
export interface PrintQuestion {
  byte: number;
}

export function storeKey({ address, length, before }: StoreQuestion): string {
  return `${address}+${length}@${before}`;
}
