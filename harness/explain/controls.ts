/**
 * Which instruction has set the bits and registers that keep an interrupt from being taken: the last change of each, as a repeated run shows
 * it. Left out: what a trap and its return do to sstatus themselves.
 * Reference: Privileged Architecture, "sstatus", "sip and sie"; RISC-V PLIC specification 1.0.0, "Memory Map".
 */
import type { CsrWrite } from '../../machine/index.ts';
import { PLIC } from '../../machine/spec/virt-board.ts';
import { hex } from '../bytes/hex.ts';
import type { AwaitedExplanation } from '../evidence/awaited-interrupt.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import { type InterruptsEvidence, isPlicClaim, kernelMode } from '../evidence/interrupts.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';

/** Writes whose calls are kept; of later ones only the instruction is. */
const MOST_SNAPSHOTS = 4096;
/** Registers of the PLIC that are remembered. */
const MOST_REGISTERS = 128;
const MOST_SHOWN = 16;

interface Written {
  readonly value: bigint;
  readonly time: number;
  readonly pc: bigint;
  readonly snapshot: HartSnapshot | undefined;
}

export class Controls {
  readonly #replay: Replay;
  readonly #found: InterruptsEvidence;
  readonly #mode: ReturnType<typeof kernelMode>;
  /** By name: a bit (`sie.9`) with its last change, a register with its last write. */
  readonly #last = new Map<string, Written>();
  readonly #plic = new Map<number, Written>();
  #snapshots = 0;

  /** To be made at power-on. */
  constructor(replay: Replay, found: InterruptsEvidence) {
    this.#replay = replay;
    this.#found = found;
    this.#mode = kernelMode(found);
    replay.machine.debug.watchControls(['sie', 'mie', 'sstatus', 'mstatus'], {
      csr: (written) => this.#csr(written),
      device: (address, value) => this.#device(address, value),
    });
  }

  #csr(written: CsrWrite): void {
    const { debug } = this.#replay.machine;
    const { enableRegister, statusRegister, enabling, status } = this.#mode;
    const isEnable = written.name === 'sie' || written.name === 'mie';
    const old = debug.csr(isEnable ? 'mie' : 'mstatus');
    const changed = (isEnable ? enabling : status).filter((bit) => isSet(old, bit) !== isSet(after(old, written), bit));
    if (!isEnable && changed.length === 0) return;
    const now = this.#now(written.operand);
    if (isEnable && written.operation !== 'clear') this.#last.set(enableRegister, now);
    const register = isEnable ? enableRegister : statusRegister;
    for (const bit of changed) this.#last.set(`${register}.${bit}`, { ...now, value: isSet(old, bit) ? 0n : 1n });
  }

  #device(address: number, value: number): void {
    if (address < PLIC.base || address >= PLIC.base + PLIC.size || isPlicClaim(BigInt(address))) return;
    if (this.#plic.size < MOST_REGISTERS || this.#plic.has(address)) this.#plic.set(address, this.#now(BigInt(value >>> 0)));
  }

  #now(value: bigint): Written {
    const { machine } = this.#replay;
    const snapshot = this.#snapshots++ < MOST_SNAPSHOTS ? snapshotOf(machine) : undefined;
    return { value, time: machine.now(), pc: machine.debug.pc(), snapshot };
  }

  /** To be called at the end of the run. */
  answer(code: KernelCode): AwaitedExplanation['controls'] {
    const { stvec, mtvec } = this.#found;
    const entry = code.functionOf(BigInt(this.#mode.name === 'S' ? stvec : mtvec) & ~3n);
    const found = [...this.#offBits(), ...this.#registers()];
    return found.map(([name, { value, pc, snapshot }]) => {
      // Nothing calls a trap's entry.
      const isAlone = snapshot === undefined || (entry !== undefined && code.functionOf(pc) === entry);
      const stack: CodeStack = isAlone ? { places: [code.place(pc)], leftOut: 0, notes: [] } : code.stack(snapshot);
      return { name, value: hex(value), stack };
    });
  }

  #offBits(): [string, Written][] {
    const { mie, mstatus, taken } = this.#found;
    const { enableRegister, statusRegister, enabling, status } = this.#mode;
    const off = (register: string, value: bigint, bits: readonly number[]): [string, Written][] =>
      bits.flatMap((bit) => {
        const name = `${register}.${bit}`;
        const last = this.#last.get(name);
        return last === undefined || last.value !== 0n || isSet(value, bit) ? [] : [[name, last]];
      });
    const enables = off(enableRegister, BigInt(mie), enabling);
    const isNeverSet = enabling.some((bit) => !isSet(BigInt(mie), bit) && !this.#last.has(`${enableRegister}.${bit}`));
    const written = this.#last.get(enableRegister);
    // An interrupt that was taken since then was enabled: it is the trap that has changed these bits.
    const lastTrap = Math.max(-1, ...taken.map(({ time }) => time));
    const own = off(statusRegister, BigInt(mstatus) & ~(1n << BigInt(status[1]!)), status).filter(([, { time }]) => time > lastTrap);
    return [...enables, ...(isNeverSet && written !== undefined ? [[enableRegister, written] satisfies [string, Written]] : []), ...own];
  }

  #registers(): [string, Written][] {
    return [...this.#plic].slice(0, MOST_SHOWN).map(([address, written]) => [hex(BigInt(address)), written]);
  }
}

const isSet = (value: bigint, bit: number): boolean => ((value >> BigInt(bit)) & 1n) === 1n;

/** As far as the bits of the kernel's own mode go. */
function after(old: bigint, { operation, operand }: CsrWrite): bigint {
  switch (operation) {
    case 'write':
      return operand;
    case 'set':
      return old | operand;
    case 'clear':
      return old & ~operand;
  }
}
