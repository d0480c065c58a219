/**
 * The instructions that the generated code leaves to TypeScript: WFI, Svinval, Zawrs and cache-block operations.
 * Reference: RISC-V Privileged Architecture, "Machine-Mode Privileged Instructions", "Supervisor Instructions", "Svinval";
 * Unprivileged ISA, "CMO", "Zawrs". Their encodings: isa/system.ts, isa/svinval.ts, isa/zicbo.ts, isa/zawrs.ts.
 */
import type { Core } from '../exec/core.ts';
import type { DecodedEntry } from '../exec/operations.ts';
import type { GeneratedOperation } from '../exec/registers-in-memory.ts';
import { breakReservation } from '../exec/trap.ts';
import type { SystemOperation } from '../isa/instruction.ts';
import { CACHE_BLOCK_SIZE } from '../isa/zicbo.ts';
import type { HartState } from '../layout/state.ts';
import { ACCESS, FAULT } from '../mmu/walk.ts';
import { ENVCFG, PRIVILEGE, STATUS } from '../spec/riscv.ts';

/** What these instructions need of the hart. */
export interface SystemPort {
  readonly state: HartState;
  readonly core: Pick<Core, 'locate' | 'store'>;
  /** Takes an exception at pc. */
  exception(cause: number, tval: bigint): void;
  illegal(): void;
  /** Goes on after the instruction. */
  next(entry: DecodedEntry): void;
  waitForInterrupt(): void;
}

type Execute = (p: SystemPort, entry: DecodedEntry) => void;

const privilegeOf = ({ state }: SystemPort): number => state.small('privilege');

/** An instruction that is illegal in U mode, and in S mode too if this bit of mstatus is set. */
const supervisor =
  (trap: bigint, execute: Execute): Execute =>
  (p, entry) => {
    const privilege = privilegeOf(p);
    const trapped = privilege === PRIVILEGE.supervisor && (p.state.get('mstatus') & trap) !== 0n;
    if (privilege === PRIVILEGE.user || trapped) p.illegal();
    else execute(p, entry);
  };

const nothing = supervisor(0n, (p, entry) => p.next(entry));

/** As QEMU's: the reservation is gone afterwards. */
const endReservation: Execute = (p, entry) => {
  breakReservation(p.state);
  p.next(entry);
};

/** WRS.NTO has no bound of its own on its wait, so TW makes it illegal below M mode when that of the implementation is over: here at once. */
const waitWithoutTimeout: Execute = (p, entry) => {
  const trapped = privilegeOf(p) < PRIVILEGE.machine && (p.state.get('mstatus') & STATUS.TW) !== 0n;
  if (trapped) p.illegal();
  else endReservation(p, entry);
};

/** Without caches there is nothing to do. But an address that may be neither loaded from nor stored to faults, as a store does. */
function touch({ core, state }: SystemPort, block: bigint): boolean {
  if (core.locate(block, CACHE_BLOCK_SIZE, ACCESS.load) !== FAULT) return true;
  state.setSmall('fault', 0);
  return core.locate(block, CACHE_BLOCK_SIZE, ACCESS.store) !== FAULT;
}

function zero({ core, state }: SystemPort, block: bigint): boolean {
  for (let offset = 0; offset < CACHE_BLOCK_SIZE; offset += 8) {
    core.store(block + BigInt(offset), 0n, 8);
    if (state.small('fault') !== 0) return false;
  }
  return true;
}

/** Below M mode, menvcfg has to enable a cache-block operation, and for U mode senvcfg as well. `act` gives false after a fault. */
const cacheBlock =
  (enable: bigint, act: (p: SystemPort, block: bigint) => boolean): Execute =>
  (p, entry) => {
    const { state } = p;
    const enabled = (slot: 'menvcfg' | 'senvcfg') => (state.get(slot) & enable) !== 0n;
    if (privilegeOf(p) < PRIVILEGE.machine && !enabled('menvcfg')) return p.illegal();
    if (privilegeOf(p) < PRIVILEGE.supervisor && !enabled('senvcfg')) return p.illegal();
    if (act(p, BigInt.asIntN(64, state.x(entry.rs1) & ~BigInt(CACHE_BLOCK_SIZE - 1)))) return p.next(entry);
    state.setSmall('fault', 0);
    p.exception(Number(state.get('cause')), state.get('tval'));
  };

export const SYSTEM_OPERATIONS: Readonly<Record<Exclude<SystemOperation, GeneratedOperation>, Execute>> = {
  wfi: supervisor(STATUS.TW, (p, entry) => {
    p.waitForInterrupt();
    p.next(entry);
  }),
  'wrs.nto': waitWithoutTimeout,
  'wrs.sto': endReservation,
  'sfence.w.inval': nothing,
  'sfence.inval.ir': nothing,
  'cbo.inval': cacheBlock(ENVCFG.CBIE, touch),
  'cbo.clean': cacheBlock(ENVCFG.CBCFE, touch),
  'cbo.flush': cacheBlock(ENVCFG.CBCFE, touch),
  'cbo.zero': cacheBlock(ENVCFG.CBZE, zero),
};
