/**
 * What a loop does: one round of it, instruction by instruction. Explanations show this; loop-proof.ts has proved that it is a loop.
 * The round is really run, so the clock goes on; afterwards registers and memory are as they were.
 */

import type { ProvedLoop } from '../exec/loop-proof.ts';
import { createDecoder } from '../isa/decoder.ts';
import { EXTENSIONS } from '../isa/instruction.ts';
import type { HartState } from '../layout/state.ts';
import { disassemble } from './disassemble.ts';
import { walkPageTable } from './inspect.ts';

export interface LoopInstruction {
  readonly pc: bigint;
  /** Disassembled. */
  readonly text: string;
}

/** One load of the round. */
export interface LoopLoad {
  readonly pc: bigint;
  /** Virtual and physical address; the latter is undefined where the access faults. */
  readonly address: bigint;
  readonly physical: bigint | undefined;
  readonly width: number;
  /** What the register held after the load (unsigned); 0 for x0. */
  readonly value: bigint;
  /** The address is close above sp, so it is most likely in a frame of the stack. */
  readonly onStack: boolean;
}

export interface LoopView {
  /** Guest nanoseconds (instructions, and traps) of one round. */
  readonly period: number;
  /** In the order of their addresses, each once, at most LOOP_SHOWN of them. */
  readonly instructions: readonly LoopInstruction[];
  /** In the order in which they were executed, each pair of pc and address once, at most LOOP_SHOWN of them. */
  readonly loads: readonly LoopLoad[];
}

export interface LoopViewPort {
  readonly state: HartState;
  step(budget: number): boolean;
  codeAt(): number | undefined;
  now(): number;
}

const LOOP_SHOWN = 256;
/** How far above sp a load still counts as one from the stack. */
const STACK_REACH = 4096n;
const SP = 2;
const WIDTHS: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8 };

const decode = createDecoder(new Set(EXTENSIONS));

/** Where the instruction loads from, and into which register; undefined where it loads nothing. */
function loadOf(bits: number, state: HartState): { address: bigint; width: number; rd: number } | undefined {
  const decoded = decode(bits);
  if (!decoded) return undefined;
  const { instruction, operands } = decoded;
  const named = /^(?:f?l([bhwd])u?|(?:lr|amo\w+)\.([wd]))$/.exec(instruction.name);
  if (!named) return undefined;
  const atomic = named[2] !== undefined;
  const address = BigInt.asUintN(64, state.x(operands.rs1) + (atomic ? 0n : BigInt(operands.imm)));
  return { address, width: WIDTHS[named[1] ?? named[2]!]!, rd: operands.rd };
}

/** Runs one round of the loop that the current pc is in. */
export function viewLoop(port: LoopViewPort, { period }: ProvedLoop): LoopView {
  const { state } = port;
  const instructions = new Map<bigint, LoopInstruction>();
  const loads = new Map<string, LoopLoad>();
  const end = port.now() + period;
  while (port.now() < end) {
    const before = port.now();
    const pc = state.get('pc');
    const host = port.codeAt();
    const bits = host === undefined ? undefined : state.view.getUint16(host, true) | (state.view.getUint16(host + 2, true) << 16);
    const load = bits === undefined ? undefined : loadOf(bits, state);
    const sp = state.x(SP);
    if (bits !== undefined && instructions.size < LOOP_SHOWN) instructions.set(pc, { pc, text: disassemble(bits, pc).text });
    const walk = load && walkPageTable(state, load.address);
    port.step(1);
    if (port.now() === before) break;
    if (!load) continue;
    const key = `${pc} ${load.address}`;
    if (loads.size === LOOP_SHOWN && !loads.has(key)) continue;
    loads.set(key, {
      pc,
      address: load.address,
      physical: walk && 'physical' in walk.end ? walk.end.physical : undefined,
      width: load.width,
      value: state.x(load.rd),
      onStack: load.address >= sp && load.address < sp + STACK_REACH,
    });
  }
  const byAddress = [...instructions.values()].sort((a, b) => (a.pc < b.pc ? -1 : a.pc > b.pc ? 1 : 0));
  return { period, instructions: byAddress, loads: [...loads.values()] };
}
