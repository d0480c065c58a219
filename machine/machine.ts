/** A machine as those who use it see it: what it is made of, and what can be asked of it. virt-machine.ts makes one. */
import type { LoaderInput } from './boot/boot.ts';
import type { Debugger } from './debug/debugger.ts';
import type { ConfigFile } from './devices/fw-cfg.ts';
import type { PlicContext, PlicSource } from './devices/plic.ts';
import type { AccessConsumer } from './exec/access-log.ts';
import type { TakenInterrupts } from './hart/trap-unit.ts';
import type { CodeWatch } from './layout/code-watches.ts';
import type { Tally } from './layout/tally.ts';
import type { Disk, FlashUnit, MachineStop } from './ports.ts';
import type { Schedule } from './spec/schedule.ts';
import type { DeviceKind } from './virtio/device-type.ts';
import type { PlannedFault } from './virtio/faults.ts';
import type { RequestRecording, TracedDevice } from './virtio/record/trace.ts';
import type { InterruptState, QueuePlace } from './virtio/transport/mmio.ts';
import type { WorkDone, WorkEnd } from './work-meter.ts';

export interface DriveOptions {
  readonly disk: Disk;
  /** The answer to GET_ID: at most 20 bytes. */
  readonly serial: string;
  /** virtio-mmio slot 0…7 (QEMU's `bus=virtio-mmio-bus.N`); without it, the highest free slot, as QEMU places it. */
  readonly slot?: number;
  /** With `false` its slot stays empty. */
  readonly present?: boolean;
  /** What the device does wrong on purpose. */
  readonly faults?: readonly PlannedFault[];
}

/** A source of random bytes: QEMU's `virtio-rng-device`, but from a seed, so that runs repeat. */
export interface EntropyOptions {
  /** 0 to 2^32 - 1. */
  readonly seed: number;
  /** As for a drive; without `slot`, the device is placed after the drives. */
  readonly slot?: number;
}

/** A network device whose link is down: QEMU's `virtio-net-device` after `set_link ID off`. */
export interface NetworkOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** As for a drive; without `slot`, the device is placed last. */
  readonly slot?: number;
}

/** What RAM holds at one moment. Only the machine knows what is in it. */
export interface RamContents {
  /** Bytes that it takes on the host. */
  readonly bytes: number;
}

export interface MachineOptions {
  /** QEMU's `-cpu`, e.g. `rv64,zba=true,zbb=true`. Throws CpuOptionError for a name that QEMU or we do not know. */
  readonly cpu: string;
  /** RAM in bytes: a multiple of 4096, at most 3 GiB. */
  readonly memory: number;
  /**
   * What RAM holds at power-on where no file is loaded; without it, zeroes. `fill`: this byte, also in those parts of an ELF file's segments
   * that are not in the file (.bss), which neither a real board nor a boot loader of raw images sets to zero. It takes all of the guest's
   * memory on the host as well. `left`: what the machine before a reset left. Then those parts are zero, since QEMU loads an ELF file again.
   */
  readonly ram?: { readonly fill: number } | { readonly left: RamContents };
  /** Nanoseconds of guest time that each instruction takes; without it 1. With 2^N it is QEMU's `-icount shift=N`. */
  readonly clock?: number;
  /** In the order of QEMU's `-device` options: without `slot`, the first one gets the last slot. */
  readonly drives: readonly DriveOptions[];
  readonly entropy?: EntropyOptions;
  readonly network?: NetworkOptions;
  /** QEMU's `-fw_cfg`: the files of the device fw_cfg, which is there only where this or `flash` is given. */
  readonly fwCfg?: readonly ConfigFile[];
  /**
   * What the two units of flash memory hold, 32 MiB each: QEMU's `-drive if=pflash`, with `readonly=on` for bytes. Without it there is no flash
   * memory. A snapshot has nothing of what a medium holds. Code in the first unit is what starts with `none` as `bios`, and what firmware starts.
   */
  readonly flash?: readonly (FlashUnit | undefined)[];
  /** As QEMU's `-global virtio-mmio.force-legacy=false`: every slot has version 2 of virtio-mmio instead of version 1. */
  readonly modernVirtio?: boolean;
  /** Watches how the kernel accesses memory that belongs to a device at the time, and reports such races as findings. */
  readonly races?: boolean;
  /** An ELF file, a Linux `Image` or raw bytes. Throws GuestFileError where it cannot be booted. */
  readonly kernel?: Uint8Array;
  /** `builtin`: our SBI, kernel in S mode. `none`: kernel in M mode at 0x80000000. Bytes: a firmware image in M mode. */
  readonly bios: 'builtin' | 'none' | Uint8Array;
  readonly initrd?: Uint8Array;
  /** What QEMU's `-device loader` puts into RAM besides: ELF files where they belong, other bytes at their address. */
  readonly loader?: readonly LoaderInput[];
  /** The kernel's command line. */
  readonly append?: string;
  /** How many harts: 1 (the default) to 8. */
  readonly harts?: number;
  /** When harts are preempted, and which stores are delayed; times in nanoseconds of guest time since power-on. */
  readonly schedule?: Schedule;
  /** Called for each byte that the guest writes to its console (UART or SBI). */
  readonly onConsole: (byte: number) => void;
  /** A person at a live terminal may still type: then a poll of the empty UART is not `waiting-for-input`, and WFI is not `idle`. */
  readonly live: boolean;
  /** What is recorded of the requests to devices; `counts`: they are only counted, for a run whose requests are known already. */
  readonly requests?: RequestRecording | 'counts';
  /** Numbers of system calls (in a7) that `tally` counts one by one. */
  readonly systemCalls?: readonly bigint[];
  /** Instructions whose executions `tally` counts. */
  readonly watched?: readonly CodeWatch[];
  /** Called with the number of a watch that `tells` when its instruction is executed: `pause` ends the run after it. */
  readonly onReached?: (watch: number) => void;
  /** Called at the time that `alarm` has set, before the instruction that begins then. */
  readonly onAlarm?: () => void;
  /** `run` ends with `work` after so many units of work (work-meter.ts); without it there is no limit. */
  readonly work?: number;
  /**
   * Called once, just before the guest notifies a device of its first request, if the machine can be saved at that moment: until then
   * nothing of what disks hold, and no fault, can have made a difference. A call of `snapshot` or `keepMoment` within saves the moment before the guest's
   * instruction; a machine that goes on from it does all that one does that was not saved, the work for the host included.
   */
  readonly beforeRequests?: () => void;
  /** Called from time to time while much work is done, even within one request. When it returns true, `run` ends with `interrupted`. */
  readonly look?: () => boolean;
}

/**
 * Why `run` returned: the machine stopped by itself, the given time was reached, `pause()` was called, the meter of work ended it, or so many
 * interrupts followed each other that nothing else runs any more (hart/trap-unit.ts).
 */
export type RunResult = MachineStop | { readonly reason: 'time' | 'paused' | 'interrupt-storm' | 'exception-storm' | WorkEnd };

/** A machine at one moment. Only the machine knows what is in it. */
export interface Snapshot {
  /** Guest time in nanoseconds. */
  readonly time: number;
}

export interface Machine {
  /** Runs until the guest clock reaches `time` (nanoseconds since power-on), the machine stops by itself, or `pause` is called. */
  run(time: number): RunResult;
  /** Makes `run` return before the guest's next instruction. Call it from `onConsole` or from a device. */
  pause(): void;
  /** Guest time in nanoseconds. */
  now(): number;
  /** Instructions retired. */
  instructions(): bigint;
  pc(): bigint;
  /** Keys for the console's receiver, delivered as fast as the guest reads them. */
  type(bytes: Uint8Array): void;
  /** Has `onAlarm` called at a guest time (nanoseconds), in place of the time that was set before. Until then the machine is neither idle nor hangs. */
  alarm(time: number): void;
  /** Keys that the guest has not read yet. */
  untyped(): number;
  /** The virtio devices: the drives in the order of `drives`, and then the entropy device. Of the network device nothing is recorded. */
  readonly devices: readonly DeviceView[];
  /** Addresses of the virtio-mmio slots without a device that the kernel has read or written. */
  emptySlotsAccessed(): readonly number[];
  /** Completes the requests in flight, so that the disks do not change any more (board.md, last section). */
  settle(): void;
  /** The device register at a physical address outside RAM. */
  deviceAt(physical: bigint): AddressedRegister | undefined;
  /** Guest time of the last byte of console output, or of the last access that may have changed a device; clocks do not count. */
  lastEffect(): number;
  /** What the run has cost the host until now, in addition to its plain instructions. */
  workDone(): WorkDone;
  /** Allows so many more units of work, so that a machine that the meter has ended can be examined. */
  allowWork(units: number): void;
  /**
   * The machine as it is now, between two calls of `run`. It does not hold what lies outside of the machine: disks, the text on the console,
   * keys that the caller has not typed yet. It must not be changed. A run that stops at other times may look for loops at other times, so
   * that its work differs by those searches; nothing else does.
   */
  snapshot(): Snapshot;
  /**
   * Goes back to a snapshot of this machine, or of another one made with equal options. Watches that were set through `debug` are gone then.
   */
  restore(snapshot: Snapshot): void;
  /**
   * The same as `snapshot` without a copy of memory: a page is copied when it is stored to for the first time. Only this machine can go back to
   * it, which makes it forget the moments after it; and only as long as it `holds` it. Without `decoded` it takes less memory, but to go on from it
   * may cost different work, since instructions are decoded at other times.
   */
  keepMoment(kept?: { readonly decoded: boolean }): Snapshot;
  /** Whether `restore` can go back to it: moments are forgotten at the next `snapshot`, and when too many pages would have to be copied for them. */
  holds(snapshot: Snapshot): boolean;
  /** Gives its memory to the machine that is made next in this process. Afterwards nothing can be asked of this one. */
  release(): void;
  /**
   * From now on, between two calls of `run`, each access of a hart to memory goes to the consumer; with undefined they do not any more. The guest does the
   * same in both cases, and costs the same work. Snapshots do not hold the consumer, and `restore` leaves it as it is.
   */
  logAccesses(consumer: AccessConsumer | undefined): void;
  /** Plans other faults for the drives, in their order, of requests from now on. */
  planFaults(faults: readonly (readonly PlannedFault[])[]): void;
  /** Follows another schedule, from now on. A snapshot holds what was still to come. */
  follow(schedule: Schedule): void;
  /** The last time, not after this one, for `run`: no hart has run beyond this one then. */
  momentBefore(time: number): number;
  /** What RAM holds, for the machine that follows this one after a reset. */
  ram(): RamContents;
  /** What decides which interrupts the hart takes, as it is now. */
  interrupts(): InterruptView;
  /** How often the hart has done what checks count, since power-on. */
  tally(): Tally;
  /** For explanations. */
  readonly debug: Debugger;
}

/** The hart's CSRs about interrupts, the timers and the PLIC, for explanations. */
export interface InterruptView {
  readonly mode: 'M' | 'S' | 'U';
  /** The kernel waits in WFI (or in SBI's suspension). */
  readonly waiting: boolean;
  /** The built-in SBI has M mode for itself. */
  readonly firmware: boolean;
  readonly mstatus: bigint;
  readonly mip: bigint;
  readonly mie: bigint;
  readonly mideleg: bigint;
  readonly stvec: bigint;
  readonly mtvec: bigint;
  /** `time` in ticks; the time for which the kernel has set the timer of S mode and that of M mode: all ones and 0 at power-on. */
  readonly time: bigint;
  readonly stimecmp: bigint;
  readonly mtimecmp: bigint;
  readonly taken: readonly TakenInterrupts[];
  /** How many of the last interrupts followed each other, each taken where the handler of the one before had returned. */
  readonly inARow: number;
  readonly sources: readonly PlicSource[];
  readonly contexts: readonly PlicContext[];
  /** Keys that the UART holds, and its register IER. */
  readonly uart: { readonly unread: number; readonly enabled: number };
}

/** A virtio device, as those see it who look at what the kernel did to it. */
export interface DeviceView {
  readonly kind: DeviceKind;
  /** Of its slot. */
  readonly address: number;
  /** What its register Version says; undefined if the drive is not there. */
  readonly version: number | undefined;
  /** Whether the kernel has read or written any of its registers. */
  accessed(): boolean;
  /** Index in `drives`, for a drive. */
  readonly drive: number | undefined;
  /** Its source at the PLIC. */
  readonly source: number;
  readonly trace: TracedDevice;
  /** Chains in the available ring that no notify has announced. */
  unnotified(): number;
  /** Queue 0, if the driver has set it up. */
  queue(): QueuePlace | undefined;
  /** What the driver wrote last to the registers that say where queue 0 lies, by name; without those that it did not write. */
  queueRegisters(): ReadonlyMap<string, number>;
  /** Its interrupt; undefined for a device that is not there (`present: false`). */
  interrupt(): InterruptState | undefined;
}

/** A device's register at an address. */
export interface AddressedRegister {
  /** E.g. `virtio-mmio`. */
  readonly device: string;
  /** Index in `devices`, if it is the register of a virtio device. */
  readonly virtio: number | undefined;
  readonly offset: number;
  /** The register's name in the device's specification, if it has one. */
  readonly register: string | undefined;
}
