/** The hart at one moment: what it takes to walk its stack. At the end of a run that came to no end of its own it is part of evidence. */

import type { Machine } from '../../machine/index.ts';
import { base64Of, bytesOfBase64 } from '../bytes/binary.ts';
import { hex } from '../bytes/hex.ts';
import type { Evidence, HartAtEnd, HartEvidence, StopReason } from '../evidence/evidence.ts';
import { isStorm } from '../evidence/interrupts.ts';

/** With a copy of its stack from sp on. */
export interface HartSnapshot {
  readonly pc: bigint;
  /** x0…x31. */
  readonly registers: readonly bigint[];
  readonly stack: Uint8Array;
}

/** Bytes of stack that are looked at: kernels have small ones. */
const STACK_BYTES = 16 * 1024;
const SP = 2;

/** Ends that do not say what the kernel was doing. */
const UNFINISHED: ReadonlySet<StopReason> = new Set(['limit', 'idle', 'waiting-for-input']);

export function snapshotOf({ debug }: Machine, most = STACK_BYTES): HartSnapshot {
  const registers = debug.registers();
  return { pc: debug.pc(), registers, stack: debug.readVirtual(registers[SP]!, most) };
}

/** For evidence; null if the end of the run says by itself what the kernel was at. */
export function hartEvidence(machine: Machine, reason: StopReason): HartEvidence | null {
  if (!UNFINISHED.has(reason)) return null;
  return asEvidence(snapshotOf(machine));
}

export function asEvidence({ registers, stack }: HartSnapshot): HartEvidence {
  return { registers: registers.map(hex), stack: base64Of(stack) };
}

/** One of several harts at the end of a run. */
export function snapshotAtEnd({ pc, hart }: HartAtEnd): HartSnapshot {
  return { pc: BigInt(pc), registers: hart.registers.map(BigInt), stack: bytesOfBase64(hart.stack) };
}

/**
 * The hart at the end of a run, as far as its evidence has it. Where it has just taken the last of endless interrupts, that is the code which
 * they interrupt.
 */
export function savedSnapshot({ pc, hart, interrupts, time }: Evidence): HartSnapshot | null {
  if (hart === null || pc === null) return null;
  const interrupted = interrupts !== null && isStorm(interrupts) ? interrupts.taken.find((one) => one.time === time) : undefined;
  return { pc: BigInt(interrupted?.pc ?? pc), registers: hart.registers.map(BigInt), stack: bytesOfBase64(hart.stack) };
}
