/** A trap that will be taken for ever: the vector's own first instruction traps. */
import { PRIVILEGE } from './cause.ts';
import type { HartState } from './state.ts';
import type { TrapTarget } from './trap.ts';

const REGISTERS = {
  machine: { vector: 'mtvec', epc: 'mepc', cause: 'mcause', tval: 'mtval', privilege: PRIVILEGE.machine },
  supervisor: { vector: 'stvec', epc: 'sepc', cause: 'scause', tval: 'stval', privilege: PRIVILEGE.supervisor },
} as const;

/**
 * Whether this exception repeats the trap before, with the same cause, address and value: nothing has changed since and nothing will, as
 * long as no interrupt can come between.
 * @param machineMode whether the guest has an M mode, whose interrupts could come between
 */
export function isTrapLoop(state: HartState, target: TrapTarget, cause: number, tval: bigint, machineMode: boolean): boolean {
  const registers = REGISTERS[target];
  const pc = state.get('pc');
  return (
    state.small('privilege') === registers.privilege &&
    (state.get(registers.vector) & ~3n) === pc &&
    state.get(registers.epc) === pc &&
    state.get(registers.cause) === BigInt(cause) &&
    state.get(registers.tval) === tval &&
    (target === 'machine' || !machineMode || (state.get('mie') & ~state.get('mideleg')) === 0n)
  );
}
