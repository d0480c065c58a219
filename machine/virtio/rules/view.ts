/** What the rules have to remember about a driver, computed from its events alone. All but the first group counts from the last reset. */
import { REQUEST_TYPES, STATUS_BITS } from '../../spec/virtio.ts';
import type { DeviceKind } from '../device-type.ts';
import { FEATURE, has, type Transport } from '../features.ts';
import type { EventOf, VirtioEvent } from './event.ts';

const { OUT, FLUSH } = REQUEST_TYPES;

/** What the device is. */
export interface DeviceFacts {
  readonly kind: DeviceKind;
  readonly transport: Transport;
  readonly offered: bigint;
  /** In sectors; 0 if it is not a block device. */
  readonly capacity: bigint;
  readonly queueMax: number;
}

export interface View extends DeviceFacts {
  /** Registers that were read and written since power-on. */
  readonly everRead: ReadonlySet<string>;
  readonly everWritten: ReadonlySet<string>;
  readonly everReset: boolean;
  readonly everAcknowledged: boolean;
  /** Whether the device was notified before its last reset. */
  readonly everUsed: boolean;
  /** Whether Status was read as 0 since 0 was written to it. */
  readonly resetSeen: boolean;

  readonly read: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
  /** Status as the driver wrote it, and whether it was read since FEATURES_OK was written. */
  readonly status: number;
  readonly featuresOkSeen: boolean;
  /** The device has set DEVICE_NEEDS_RESET, which it does only for a driver that accepted VERSION_1 (2.1.2). */
  readonly needsReset: boolean;
  readonly driverFeaturesWord: number;
  /** Features as the driver wrote them. */
  readonly accepted: bigint;
  readonly queueSelected: number;
  /** Whether QueueReady of queue 0 is 1, or its QueuePFN is not 0. */
  readonly queueLive: boolean;
  /** Whether the queue that was placed last does not lie in memory. */
  readonly queueOutside: boolean;
  readonly notifies: number;
  /** Chains under way: their numbers by head, and the descriptors of the queue's table that they use. */
  readonly flights: ReadonlyMap<number, { readonly number: number; readonly indices: readonly number[] }>;
  /** Chains that were taken, and entries of the queue that the last one came from. */
  readonly chains: number;
  readonly queueSize: number;
  /** OUT and FLUSH requests that were taken. */
  readonly writes: number;
  readonly flushes: number;
  readonly interrupts: number;
  readonly acknowledged: number;
  /** Whether InterruptStatus was read since the last interrupt. */
  readonly interruptSeen: boolean;
  /** The value of InterruptStatus at its last read. */
  readonly interruptBits: number;
}

export function initialView(facts: DeviceFacts): View {
  const nothing = new Set<string>();
  return {
    ...facts,
    everRead: nothing,
    everWritten: nothing,
    everReset: false,
    everAcknowledged: false,
    everUsed: false,
    resetSeen: true,
    ...fresh(),
  };
}

function fresh() {
  return {
    read: new Set<string>(),
    written: new Set<string>(),
    status: 0,
    featuresOkSeen: false,
    needsReset: false,
    driverFeaturesWord: 0,
    accepted: 0n,
    queueSelected: 0,
    queueLive: false,
    queueOutside: false,
    notifies: 0,
    flights: new Map<number, { number: number; indices: readonly number[] }>(),
    chains: 0,
    queueSize: 0,
    writes: 0,
    flushes: 0,
    interrupts: 0,
    acknowledged: 0,
    interruptSeen: true,
    interruptBits: 0,
  };
}

export function reduce(view: View, event: VirtioEvent): View {
  switch (event.kind) {
    case 'register-read':
      return afterRead({ ...view, everRead: including(view.everRead, event.register), read: including(view.read, event.register) }, event);
    case 'register-write':
      return afterWrite(
        { ...view, everWritten: including(view.everWritten, event.register), written: including(view.written, event.register) },
        event,
      );
    case 'queue-placed':
      return { ...view, queueOutside: event.areas.some(({ unmapped }) => unmapped > 0) };
    case 'notify':
      return { ...view, notifies: view.notifies + 1 };
    case 'chain':
      return afterChain({ ...view, chains: view.chains + 1, queueSize: event.queueSize }, event);
    case 'completion': {
      const flights = new Map(view.flights);
      flights.delete(event.head);
      return { ...view, flights };
    }
    case 'broken':
      return { ...view, needsReset: has(view.accepted & view.offered, FEATURE.VERSION_1) };
    case 'interrupt':
      return { ...view, interrupts: view.interrupts + 1, interruptSeen: false };
    default:
      return view;
  }
}

function afterRead(view: View, { register, value }: EventOf<'register-read'>): View {
  if (register === 'InterruptStatus') return { ...view, interruptSeen: true, interruptBits: value };
  if (register !== 'Status') return view;
  return { ...view, resetSeen: view.resetSeen || value === 0, featuresOkSeen: (view.status & STATUS_BITS.FEATURES_OK) !== 0 };
}

function afterWrite(view: View, { register, value }: EventOf<'register-write'>): View {
  switch (register) {
    case 'Status':
      if ((value & 0xff) === 0)
        return { ...view, ...fresh(), everReset: true, everUsed: view.everUsed || view.notifies > 0, resetSeen: false };
      return { ...view, status: value & 0xff, everAcknowledged: view.everAcknowledged || (value & STATUS_BITS.ACKNOWLEDGE) !== 0 };
    case 'DriverFeaturesSel':
      return { ...view, driverFeaturesWord: value };
    case 'DriverFeatures':
      return view.driverFeaturesWord > 1 ? view : { ...view, accepted: replaceWord(view.accepted, view.driverFeaturesWord, value) };
    case 'QueueSel':
      return { ...view, queueSelected: value };
    case 'QueueReady':
    case 'QueuePFN':
      return view.queueSelected === 0 ? { ...view, queueLive: value !== 0 } : view;
    case 'InterruptACK':
      return { ...view, acknowledged: view.acknowledged + 1 };
    default:
      return view;
  }
}

function afterChain(view: View, { head, number, descriptors, type, problem }: EventOf<'chain'>): View {
  const counted = { ...view, writes: view.writes + Number(type === OUT), flushes: view.flushes + Number(type === FLUSH) };
  if (problem !== undefined) return counted;
  const own = descriptors.filter(({ indirect }) => !indirect).map(({ index }) => index);
  const flight = { number, indices: own.length === 0 ? [head] : own };
  return { ...counted, flights: new Map(view.flights).set(head, flight) };
}

function including(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return names.has(name) ? names : new Set(names).add(name);
}

function replaceWord(features: bigint, word: number, value: number): bigint {
  const shift = BigInt(32 * word);
  return (features & ~(0xffff_ffffn << shift)) | (BigInt(value) << shift);
}
