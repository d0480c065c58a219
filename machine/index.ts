/**
 * A RISC-V computer: QEMU's `virt` board with one hart, in process. This file is the machine's public interface. It uses
 * no API of Node, so it would run in a browser's worker as well.
 */

export { GuestFileError } from './boot/error.ts';
export type { ControlWatch, Debugger, NamedCsr } from './debug/debugger.ts';
export { type Effects, effectsOf } from './debug/effects.ts';
export type { Walk, WalkStep } from './debug/inspect.ts';
export type { LoopView } from './debug/loop-view.ts';
export type { SleepView } from './debug/sleep-view.ts';
export type { ConfigFile } from './devices/fw-cfg.ts';
export type { AccessBatch, AccessConsumer } from './exec/access-log.ts';
export { type DelayablePoint, DelayableStores } from './exec/delayable-stores.ts';
export { ordersStores } from './exec/delayed-stores.ts';
export type { PreemptionPoint } from './exec/kept-accesses.ts';
export { SharedAccesses } from './exec/shared-accesses.ts';
export { Contexts, TouchedWords } from './exec/touched-words.ts';
export type { WatchedAccess } from './exec/watchpoints.ts';
export type { CsrWrite } from './hart/csr-instruction.ts';
export type { TakenException } from './hart/last-exception.ts';
export { CpuOptionError } from './isa/cpu-model.ts';
export { type CodeWatch, watchesWithRoom } from './layout/code-watches.ts';
export type { Tally } from './layout/tally.ts';
export type {
  AddressedRegister,
  DeviceView,
  DriveOptions,
  EntropyOptions,
  InterruptView,
  Machine,
  MachineOptions,
  NetworkOptions,
  RamContents,
  RunResult,
  Snapshot,
} from './machine.ts';
export type { Disk, FlashUnit, MachineStop, WatchedRange } from './ports.ts';
export { type HartRace, RaceDetector, type RacingAccess } from './races/race-detector.ts';
export type { Fault } from './spec/fault.ts';
export { type DelayedStore, isDelayedStore, type Preemption, type Schedule, type ScheduleItem } from './spec/schedule.ts';
export { isVirtioNotify } from './spec/virt-board.ts';
export { createMachine } from './virt-machine.ts';
export { memoryDisk } from './virtio/block/memory-disk.ts';
export type { DeviceKind } from './virtio/device-type.ts';
export type { PlannedFault } from './virtio/faults.ts';
export type { ChainProblem, RequestRecording, TracedDescriptor, TracedDevice, TracedRequest } from './virtio/record/trace.ts';
export type { QueuePlace } from './virtio/transport/mmio.ts';
export { WORK_PRICES, type WorkDone, type WorkKind } from './work-meter.ts';
