/**
 * Taking and leaving traps. Reference: RISC-V Privileged Architecture, "Machine Trap Delegation Registers" and the
 * sections on mepc, mcause, mtvec, MRET and SRET.
 */
import { INTERRUPT_PRIORITY, PRIVILEGE } from './cause.ts';
import type { HartState } from './state.ts';
import { STATUS } from './status.ts';

const INTERRUPT_BIT = 1n << 63n;

export type TrapTarget = 'machine' | 'supervisor';

/** Where a trap goes: down to S mode where it is delegated and the hart is not above it. */
export function trapTarget(state: HartState, cause: number, interrupt: boolean): TrapTarget {
  const delegated = (state.get(interrupt ? 'mideleg' : 'medeleg') >> BigInt(cause)) & 1n;
  return delegated === 1n && state.small('privilege') !== PRIVILEGE.machine ? 'supervisor' : 'machine';
}

function vectored(vector: bigint, cause: number, interrupt: boolean): bigint {
  const base = vector & ~3n;
  return interrupt && (vector & 3n) === 1n ? base + 4n * BigInt(cause) : base;
}

/** A reservation ends where the privilege mode may change, so that no other context can use it (as QEMU). */
export function breakReservation(state: HartState): void {
  state.set('reservation', (1n << 64n) - 1n);
}

/** Enters the handler. `refresh` has to follow. */
export function enterTrap(state: HartState, target: TrapTarget, cause: number, tval: bigint, interrupt: boolean): void {
  const status = state.get('mstatus');
  const privilege = BigInt(state.small('privilege'));
  const code = BigInt(cause) | (interrupt ? INTERRUPT_BIT : 0n);
  if (target === 'supervisor') {
    state.set('sepc', state.get('pc'));
    state.set('scause', code);
    state.set('stval', tval);
    const previous = (status & STATUS.SIE) !== 0n ? STATUS.SPIE : 0n;
    state.set('mstatus', (status & ~(STATUS.SIE | STATUS.SPIE | STATUS.SPP)) | previous | (privilege << 8n));
    state.set('pc', vectored(state.get('stvec'), cause, interrupt));
    state.setSmall('privilege', PRIVILEGE.supervisor);
  } else {
    state.set('mepc', state.get('pc'));
    state.set('mcause', code);
    state.set('mtval', tval);
    const previous = (status & STATUS.MIE) !== 0n ? STATUS.MPIE : 0n;
    state.set('mstatus', (status & ~(STATUS.MIE | STATUS.MPIE | STATUS.MPP)) | previous | (privilege << 11n));
    state.set('pc', vectored(state.get('mtvec'), cause, interrupt));
    state.setSmall('privilege', PRIVILEGE.machine);
  }
  breakReservation(state);
}

/** MRET. */
export function leaveMachineTrap(state: HartState): void {
  const status = state.get('mstatus');
  const previous = Number((status & STATUS.MPP) >> 11n);
  const enable = (status & STATUS.MPIE) !== 0n ? STATUS.MIE : 0n;
  const kept = previous === PRIVILEGE.machine ? status : status & ~STATUS.MPRV;
  state.set('mstatus', (kept & ~(STATUS.MIE | STATUS.MPP)) | enable | STATUS.MPIE);
  state.setSmall('privilege', previous);
  state.set('pc', state.get('mepc'));
  breakReservation(state);
}

/** SRET. */
export function leaveSupervisorTrap(state: HartState): void {
  const status = state.get('mstatus');
  const previous = Number((status & STATUS.SPP) >> 8n);
  const enable = (status & STATUS.SPIE) !== 0n ? STATUS.SIE : 0n;
  state.set('mstatus', (status & ~(STATUS.SIE | STATUS.SPP | STATUS.MPRV)) | enable | STATUS.SPIE);
  state.setSmall('privilege', previous);
  state.set('pc', state.get('sepc'));
  breakReservation(state);
}

/** The interrupt to take now, of those that `refresh` found enabled: M-level ones first, then by priority. */
export function pendingInterrupt(state: HartState): { cause: number; target: TrapTarget } | undefined {
  const pending = state.get('mip') & state.get('mie');
  const status = state.get('mstatus');
  const privilege = state.small('privilege');
  const enabled = (level: number, bit: bigint) => privilege < level || (privilege === level && (status & bit) !== 0n);
  const delegated = state.get('mideleg');
  const machine = enabled(PRIVILEGE.machine, STATUS.MIE) ? pending & ~delegated : 0n;
  const supervisor = enabled(PRIVILEGE.supervisor, STATUS.SIE) ? pending & delegated : 0n;
  for (const [set, target] of [
    [machine, 'machine'],
    [supervisor, 'supervisor'],
  ] as const) {
    const cause = INTERRUPT_PRIORITY.find((c) => ((set >> BigInt(c)) & 1n) === 1n);
    if (cause !== undefined) return { cause, target };
  }
  return undefined;
}
