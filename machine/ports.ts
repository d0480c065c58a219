/**
 * The narrow ports through which the board's parts meet (architecture.md, decision 8).
 *
 * A device sees these and never the machine: so it can be tested alone, and adding one touches one file and one line of
 * `board.ts`. Nothing here knows RISC-V.
 */

/** Width of a register access in bytes. */
export type Width = 1 | 2 | 4;

/** A device on the bus. Offsets are relative to its first byte; values are unsigned and at most 32 bits wide. */
export interface Device {
  readonly name: string;
  /** The widths that the device takes; any other is an access fault (QEMU's `MemoryRegionOps.valid`). */
  readonly widths: readonly Width[];
  /** 8-byte accesses are split into two 4-byte ones, low half first; without this they are access faults. */
  readonly splits8?: boolean;
  /** Whether a read of this offset, now, changes nothing and depends on no clock: a loop of such reads can be proved to hang. */
  quiet?(offset: number): boolean;
  /** The specification's name of the register at an offset, for explanations. */
  register?(offset: number): string | undefined;
  read(offset: number, width: Width): number;
  write(offset: number, value: number, width: Width): void;
}

/** A wire to an interrupt controller. Setting it to the level that it has is free. */
export interface InterruptLine {
  set(level: boolean): void;
}

/** Physical memory as a device sees it (DMA): RAM only, in bytes. */
export interface GuestMemory {
  /** A copy of the bytes, or undefined where not every byte of the range is RAM. */
  read(address: bigint, length: number): Uint8Array | undefined;
  /** Writes all or nothing; false where not every byte of the range is RAM. */
  write(address: bigint, bytes: Uint8Array): boolean;
}

/** Watched bytes of RAM. */
export interface WatchedRange {
  readonly address: bigint;
  /** In bytes, at least 1. */
  readonly length: number;
  /** Whether loads are told, too. */
  readonly loads?: boolean;
}

/** Tells a device what the hart does to given bytes of RAM. */
export interface MemoryWatch {
  /** `tell` is called before each access of the hart's to what is watched. To be called once, before anything is watched. */
  listen(tell: (access: HartAccess) => void): void;
  /** Watches these as well. A range is known by its identity. */
  add(ranges: readonly WatchedRange[]): void;
  /** Watches these no more. */
  remove(ranges: readonly WatchedRange[]): void;
}

export interface HartAccess {
  readonly kind: 'load' | 'store';
  /** The watched ranges that it touches. */
  readonly ranges: readonly WatchedRange[];
  /** Physical. */
  readonly address: bigint;
  readonly length: number;
  /** Low 32 bits (signed) of what a plain store stores; 0 for a load or an atomic. */
  readonly value: number;
  readonly pc: bigint;
}

/** Something that rings by the guest's clock. It is made once, at construction, so that when it will ring is plain state. */
export interface Alarm {
  /**
   * Guest time in nanoseconds at which it rings; undefined: it does not. A past time means now. Once it rings it is undefined again. Alarms
   * for one time ring in the order in which they were set.
   */
  at: number | undefined;
}

/** One tick of the board's 10 MHz timebase in guest nanoseconds. */
export const NANOSECONDS_PER_TICK = 100;

/** The guest's clock: nanoseconds since power-on, counted and not measured (decision 3). Exact below 2^53 ns = 104 days. */
export interface Clock {
  now(): number;
  /** Makes an alarm that is not set. */
  alarm(ring: () => void): Alarm;
}

/** A block device's medium. Offsets and lengths in bytes; callers stay below `size`. */
export interface Disk {
  readonly size: number;
  readonly readOnly: boolean;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
  /** Makes what was written durable (virtio FLUSH); nothing to do for a disk in memory. */
  flush(): void;
}

/** Why a machine stopped, as the machine knows it; the harness adds `until`, `limit` and `host-limit`. */
export type MachineStop =
  | { readonly reason: 'poweroff' }
  | { readonly reason: 'reset' }
  /** Test finisher: 0 for pass, else the code that was written; `tohost` of riscv-tests likewise. */
  | { readonly reason: 'exit'; readonly code: number }
  /** WFI with nothing scheduled that could end it. */
  | { readonly reason: 'idle' }
  | { readonly reason: 'waiting-for-input' }
  /** Proved: the machine's state repeats, and nothing is scheduled that could end it. */
  | { readonly reason: 'hang' }
  /** Likewise, and the loop takes exceptions: a trap vector that itself faults, or a handler that goes back to what faults again. */
  | { readonly reason: 'trap-loop' };
