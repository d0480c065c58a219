/**
 * What a loop does: one round of it, instruction by instruction. Explanations show this; loop-proof.ts has proved that it is a loop.
 * Two rounds are really run, so the clock goes on; afterwards registers and memory are as they were.
 */

import type { HartState } from '../layout/state.ts';
import { PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { type Awaited, Awaiting } from './awaited.ts';
import { disassemble } from './disassemble.ts';
import { effectsOf } from './effects.ts';
import { walkPageTable } from './inspect.ts';
import { type Scan, Scans } from './scan.ts';

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
  /** Whether the path of the round depends on the value. */
  readonly decides: boolean;
  /** What the value would have to be for the loop to end, where one branch alone says so. */
  readonly awaited: Awaited | undefined;
}

export interface LoopView {
  /** Instructions and traps of one round. */
  readonly period: number;
  /** In the order of their addresses, each once, at most LOOP_SHOWN of them. */
  readonly instructions: readonly LoopInstruction[];
  /** In the order in which they were executed, each pair of pc and address once, at most LOOP_SHOWN of them. */
  readonly loads: readonly LoopLoad[];
  /** The table that the round looks through with interrupts on; undefined if it does not. */
  readonly scan: Scan<LoopLoad> | undefined;
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

/** Runs two rounds of so many instructions and traps of the loop that the current pc is in. */
export function viewLoop(port: LoopViewPort, period: number): LoopView {
  const { state } = port;
  const instructions = new Map<bigint, LoopInstruction>();
  const loads = new Map<string, Omit<LoopLoad, 'decides' | 'awaited'>>();
  const awaiting = new Awaiting();
  const scans = new Scans<Omit<LoopLoad, 'decides' | 'awaited'>>();
  const firstEnds = port.now() + period;
  const end = firstEnds + period;
  while (port.now() < end) {
    const before = port.now();
    const pc = state.get('pc');
    const host = port.codeAt();
    const bits = host === undefined ? undefined : state.view.getUint16(host, true) | (state.view.getUint16(host + 2, true) << 16);
    const effects = bits === undefined ? undefined : effectsOf(bits);
    const place = effects?.load ?? effects?.store;
    const address = place && BigInt.asUintN(64, state.x(place.base) + BigInt(place.offset));
    const load = effects?.load === undefined ? undefined : `${pc} ${address}`;
    if (bits !== undefined && instructions.size < LOOP_SHOWN) instructions.set(pc, { pc, text: disassemble(bits, pc).text });
    if (effects !== undefined) awaiting.execute({ pc, effects, register: (index) => state.x(index), address, load });
    if (before < firstEnds) scans.execute(isInterruptible(state));
    const sp = state.x(SP);
    const walk = load === undefined ? undefined : walkPageTable(state, address!);
    port.step(1);
    if (port.now() === before) break;
    if (load === undefined) continue;
    const loaded = {
      pc,
      address: address!,
      physical: walk && 'physical' in walk.end ? walk.end.physical : undefined,
      width: effects!.load!.width,
      value: state.x(effects!.operands.rd),
      onStack: address! >= sp && address! < sp + STACK_REACH,
    };
    if (before < firstEnds) scans.load(loaded, sp);
    if (loads.size < LOOP_SHOWN || loads.has(load)) loads.set(load, loaded);
  }
  const byAddress = [...instructions.values()].sort((a, b) => (a.pc < b.pc ? -1 : a.pc > b.pc ? 1 : 0));
  const judge = (load: Omit<LoopLoad, 'decides' | 'awaited'>): LoopLoad => {
    const key = `${load.pc} ${load.address}`;
    return { ...load, decides: awaiting.decides(key), awaited: awaiting.awaited(key) };
  };
  const scan = scans.found((pc, last) => awaiting.decides(`${pc} ${last}`));
  return {
    period,
    instructions: byAddress,
    loads: [...loads.values()].map(judge),
    scan: scan && { ...scan, first: judge(scan.first) },
  };
}

/** Whether a kernel lets itself be interrupted now. */
function isInterruptible(state: HartState): boolean {
  const privilege = state.small('privilege');
  if (privilege === PRIVILEGE.user) return false;
  return (state.get('mstatus') & (privilege === PRIVILEGE.machine ? STATUS.MIE : STATUS.SIE)) !== 0n;
}
