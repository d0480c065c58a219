/**
 * What an SBI extension is, and what it sees of the machine: the port of the built-in SBI, and the calling convention.
 *
 * Reference: RISC-V Supervisor Binary Interface v2.0, chapter 3. Where the specification leaves a choice, OpenSBI 1.5.1 on
 * QEMU 10 is followed (measured call by call with a probe in S mode).
 */
import type { GuestMemory } from '../ports.ts';

/** Standard error codes (SBI v2.0, table 1), as a0 carries them. */
export const SBI_SUCCESS = 0n;
export const SBI_ERR_FAILED = -1n;
export const SBI_ERR_NOT_SUPPORTED = -2n;
export const SBI_ERR_INVALID_PARAM = -3n;
export const SBI_ERR_INVALID_ADDRESS = -5n;
export const SBI_ERR_ALREADY_AVAILABLE = -6n;

export type SbiError =
  | typeof SBI_SUCCESS
  | typeof SBI_ERR_FAILED
  | typeof SBI_ERR_NOT_SUPPORTED
  | typeof SBI_ERR_INVALID_PARAM
  | typeof SBI_ERR_INVALID_ADDRESS
  | typeof SBI_ERR_ALREADY_AVAILABLE;

/** a0 and a1 after the call. */
export interface SbiResult {
  readonly error: SbiError;
  readonly value: bigint;
}

/** a0…a5 as unsigned 64-bit values. */
export type SbiArguments = readonly [bigint, bigint, bigint, bigint, bigint, bigint];

export type SbiFunction = (port: SbiPort, args: SbiArguments) => SbiResult;

export interface SbiExtension {
  readonly name: string;
  /** EID, in a7. */
  readonly id: bigint;
  /** By FID, in a6. */
  readonly functions: readonly SbiFunction[];
}

/** Number of the register a0…a7, without the `a`. */
export type ArgumentRegister = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** Where S mode goes on after a suspension, and what it finds in a1. */
export interface ResumePoint {
  readonly address: bigint;
  readonly opaque: bigint;
}

/** What one hart's calls do to any hart. */
export interface SbiHart {
  state(): 'started' | 'stopped' | 'suspended';
  /** S mode starts at the address, with satp = 0, sstatus.SIE = 0, a0 = hart number, a1 = opaque. The hart is stopped. */
  start(at: ResumePoint): void;
  /** Sets S mode's software interrupt (SSIP). */
  interrupt(): void;
  /** Forgets translations and decoded instructions. */
  flushTranslations(): void;
}

/** What the SBI needs of the machine. Registers and addresses are unsigned 64-bit values. */
export interface SbiPort {
  register(index: ArgumentRegister): bigint;
  /** Only the low 64 bits of `value` count: it may be negative. */
  setRegister(index: ArgumentRegister, value: bigint): void;
  /** The debug console: the board's UART. */
  readonly console: {
    putByte(byte: number): void;
    /** -1 if there is no key. */
    getByte(): number;
  };
  readonly memory: GuestMemory;
  /**
   * A doubleword at a virtual address, as S mode would load it. Undefined if the load faults; then the exception has been delivered to the
   * guest, as if the ECALL had raised it.
   */
  loadVirtual(address: bigint): bigint | undefined;
  /** The next timer interrupt of S mode, in ticks of `time`; the pending one is cleared. */
  setTimer(time: bigint): void;
  /** Clears S mode's software interrupt (SSIP) of the hart that calls. */
  clearSoftwareInterrupt(): void;
  /** All harts, by number. */
  readonly harts: readonly SbiHart[];
  /** mvendorid, marchid, mimpid. */
  readonly identity: { readonly vendor: bigint; readonly architecture: bigint; readonly implementation: bigint };
  /** Ends the machine. */
  shutdown(kind: 'poweroff' | 'reset'): void;
  /** The hart that calls stops until a different one starts it. */
  stopHart(): void;
  /**
   * Makes the hart wait for an interrupt, as WFI does, once this call is done. On waking it goes on after the ECALL, or with
   * `resume` at that address: in S mode with satp = 0, sstatus.SIE = 0, a0 = hart number, a1 = opaque.
   */
  suspendHart(resume?: ResumePoint): void;
}

export function success(value = 0n): SbiResult {
  return { error: SBI_SUCCESS, value };
}

export function failure(error: Exclude<SbiError, typeof SBI_SUCCESS>): SbiResult {
  return { error, value: 0n };
}

/** An EID or FID is a 32-bit number; many are four letters. */
export function eid(letters: string): bigint {
  return [...letters].reduce((id, letter) => (id << 8n) | BigInt(letter.charCodeAt(0)), 0n);
}
