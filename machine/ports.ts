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
  /** The widths that the device accepts; an access of any other width is a fault (QEMU's `MemoryRegionOps.valid`). */
  readonly widths: readonly Width[];
  /** 8-byte accesses are split into two 4-byte ones, low half first; without this they are access faults. */
  readonly splits8?: boolean;
  /** Called before the two reads of 4 bytes that one of 8 bytes becomes. */
  aboutToSplit?(offset: number): void;
  /** Whether a read of this offset would change nothing now, and does not depend on a clock: a loop of such reads can be proved to hang. */
  quiet?(offset: number): boolean;
  /** The specification's name of the register at an offset, for explanations. */
  register?(offset: number): string | undefined;
  read(offset: number, width: Width): number;
  write(offset: number, value: number, width: Width): void;
}

/** A wire to an interrupt controller. It may be set to the level that it already has. */
export interface InterruptLine {
  set(level: boolean): void;
}

/** Physical memory as a device sees it (DMA): RAM only, in bytes. */
export interface GuestMemory {
  /** The address after RAM's last byte. */
  readonly end: bigint;
  /** A copy of the bytes, or undefined where not every byte of the range is RAM. */
  read(address: bigint, length: number): Uint8Array | undefined;
  /** Writes all or nothing; false where not every byte of the range is RAM. */
  write(address: bigint, bytes: Uint8Array): boolean;
}

/** The page table that the hart uses now. */
export interface PageMap {
  /** Whether virtual addresses are translated. */
  readonly on: boolean;
  /** Undefined if the address is not mapped, or nothing is translated. */
  physicalOf(virtual: bigint): bigint | undefined;
  /** The virtual pages that lie in a frame: some of them if there are many; undefined if the table is too large to be searched. */
  virtualPagesOf(frame: bigint): readonly bigint[] | undefined;
}

/** Watched bytes of RAM. */
export interface WatchedRange {
  readonly address: bigint;
  /** In bytes, at least 1. */
  readonly length: number;
  /** Whether loads are reported as well as stores. */
  readonly loads?: boolean;
}

/** Reports to a device how the hart accesses given bytes of RAM. */
export interface MemoryWatch {
  /** `tell` is called before each access of the hart to watched bytes. Call this once, before anything is watched. */
  listen(tell: (access: HartAccess) => void): void;
  /** Watches these ranges as well. A range is identified by its object, not by its address. */
  add(ranges: readonly WatchedRange[]): void;
  /** Stops watching these ranges. */
  remove(ranges: readonly WatchedRange[]): void;
}

export interface HartAccess {
  readonly kind: 'load' | 'store';
  /** The watched ranges that the access touches. */
  readonly ranges: readonly WatchedRange[];
  /** Physical. */
  readonly address: bigint;
  readonly length: number;
  /** Low 32 bits (signed) of what a plain store stores; 0 for a load or an atomic. */
  readonly value: number;
  readonly pc: bigint;
}

/** What a hart has done that stores, or that orders its stores before what follows. */
export interface FollowedAccess {
  readonly kind: 'store' | 'order';
  /** Physical, of a store. */
  readonly address: bigint;
  readonly length: number;
  readonly pc: bigint;
}

/** What is followed at one moment; undefined: nothing. */
export type OrderState = { readonly followed: readonly FollowedAccess[]; readonly hart: number; readonly end: number } | undefined;

/** Follows in which order a hart stores. */
export interface OrderWatch {
  /** In the middle of a store of the hart, which is the first one that is followed. Nothing happens if something is followed already. */
  begin(first: FollowedAccess): void;
  /** Ends it: all that was followed, in order. Empty where that was too much, or by another hart. */
  end(): readonly FollowedAccess[];
  save(): OrderState;
  restore(state: OrderState): void;
}

/** An alarm of the guest's clock. It is made once, at construction, so that a snapshot only has to hold the time when it will ring. */
export interface Alarm {
  /**
   * Guest time in nanoseconds at which it rings, or undefined where it is not set. A time in the past means now. When it rings it becomes
   * undefined again. Alarms that are set to the same time ring in the order in which they were set.
   */
  at: number | undefined;
}

/** One tick of the board's 10 MHz timebase in guest nanoseconds. */
export const NANOSECONDS_PER_TICK = 100;

/** The guest's clock: nanoseconds since power-on, counted and not measured (decision 3). Exact below 2^53 ns = 104 days. */
export interface Clock {
  now(): number;
  /** Makes an alarm; it is not set yet. */
  alarm(ring: () => void): Alarm;
}

/** A block device's medium. Offsets and lengths in bytes; callers stay below `size`. */
export interface Disk {
  readonly size: number;
  readonly readOnly: boolean;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
  /**
   * A request has written all that it will. `stable`: the driver has no write cache, so that the device promises with its answer that the bytes
   * are kept, and not only with that of the next FLUSH (VIRTIO 1.2, 5.2.6.2).
   */
  wrote?(how: { readonly stable: boolean }): void;
  /** Makes written bytes durable (virtio FLUSH); a disk in memory has nothing to do. */
  flush(): void;
}

/** What a unit of flash memory holds: bytes that stay as they are (zeroes after their end), or a medium that is programmed and erased. */
export type FlashUnit = Uint8Array | Disk;

export const isMedium = (unit: FlashUnit): unit is Disk => !(unit instanceof Uint8Array);

/** The reasons for which a machine stops by itself; the harness adds others, such as `until`, `limit` and `host-limit`. */
export type MachineStop =
  | { readonly reason: 'poweroff' }
  | { readonly reason: 'reset' }
  /** The guest wrote a code to the test finisher, or to `tohost` of riscv-tests: 0 for pass, otherwise its code. */
  | { readonly reason: 'exit'; readonly code: number }
  /** WFI with nothing scheduled that could end it. */
  | { readonly reason: 'idle' }
  | { readonly reason: 'waiting-for-input' }
  /** Proved: the machine's state repeats, and nothing is scheduled that could end it. */
  | { readonly reason: 'hang' }
  /** A proved hang whose loop takes exceptions: the trap vector itself faults, or the handler returns to what faults again. */
  | { readonly reason: 'trap-loop' }
  /** The power went off at a request, because a fault on purpose says so (spec/fault.ts). */
  | { readonly reason: 'power-cut' };
