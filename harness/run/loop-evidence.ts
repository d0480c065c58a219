/** The loop that a machine is in, as plain JSON, with what each polled address is: a ring's index, a register, a variable. */
import type { DeviceView, LoopView, Machine } from '../../machine/index.ts';
import { AVAILABLE_ENTRY_BYTES, DESCRIPTOR_BYTES, RING_HEADER_BYTES, USED_ELEMENT_BYTES } from '../../machine/spec/virtio.ts';
import { hex } from '../bytes/hex.ts';
import type { HartAtEnd, RequestEvidence } from '../evidence/evidence.ts';
import type { InterruptsEvidence } from '../evidence/interrupts.ts';
import type { LoopEvidence, LoopLoadEvidence, PolledThing } from '../evidence/loop.ts';
import { asEvidence as savedHart, snapshotOf } from './hart-snapshot.ts';

type LoopLoad = LoopView['loads'][number];

/** Listed instructions and loads: those of any loop that a person would read. */
const LISTED_INSTRUCTIONS = 64;
const LISTED_LOADS = 16;
/** What a kernel does that did not come to an end of its own. */
interface Waiting {
  readonly loop: LoopEvidence | null;
  readonly ahead: InterruptsEvidence['ahead'];
}

const NOTHING: Waiting = { loop: null, ahead: null };
/** Bytes of each hart's stack: kernels wait in few calls, and there are several harts. */
const STACK_OF_HART = 4096;

/** Turns what is in loops into evidence. */
function evidenceOf(machine: Machine, drives: readonly string[], requests: readonly RequestEvidence[]) {
  const lastEffect = machine.lastEffect();
  const asEvidence = (load: LoopLoad) => loadEvidence(load, whatIsAt(load, machine, drives, requests));
  const asLoop = ({ period, instructions, loads, scan }: LoopView, { sleeps }: { readonly sleeps: boolean }): LoopEvidence => ({
    period,
    instructions: instructions.slice(0, LISTED_INSTRUCTIONS).map(({ pc, text }) => ({ pc: hex(pc), text })),
    loads: loads
      .map(asEvidence)
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, LISTED_LOADS),
    lastEffect,
    ...scanField(scan, asEvidence),
    sleeps,
  });
  return { asEvidence, asLoop };
}

/** Each of several harts. Must be the last thing that is asked of the machine as well. */
export function hartsAtEnd(machine: Machine, drives: readonly string[], requests: readonly RequestEvidence[]): HartAtEnd[] {
  const { asLoop } = evidenceOf(machine, drives, requests);
  return Array.from({ length: machine.debug.harts }, (_, number) => {
    const activity = machine.debug.showHart(number);
    const snapshot = snapshotOf(machine, STACK_OF_HART);
    const found = activity === 'runs' ? machine.debug.loopOfHart() : undefined;
    const loop = found === undefined ? null : asLoop(found, { sleeps: false });
    return { activity, pc: hex(snapshot.pc), hart: savedHart(snapshot), loop };
  });
}

/** Must be the last thing that is asked of the machine: the search for the loop lets it run on. */
export function waitingEvidence(machine: Machine, drives: readonly string[], requests: readonly RequestEvidence[]): Waiting {
  const { asEvidence, asLoop } = evidenceOf(machine, drives, requests);
  if (machine.interrupts().waiting) {
    const sleep = machine.debug.sleep();
    if (sleep === undefined) return NOTHING;
    if (sleep.comesBack) return { loop: asLoop(sleep.round, { sleeps: true }), ahead: null };
    const deciding = sleep.loads.filter(({ decides }) => decides);
    return { loop: null, ahead: deciding.slice(0, LISTED_LOADS).map(asEvidence) };
  }
  const loop = machine.debug.loop();
  return loop === undefined ? NOTHING : { loop: asLoop(loop, { sleeps: false }), ahead: null };
}

/** A table of a device's is waited for like any other thing of a device's. */
function scanField(scan: LoopView['scan'], asEvidence: (load: LoopLoad) => LoopLoadEvidence): Pick<LoopEvidence, 'scan'> {
  if (scan === undefined) return {};
  const load = asEvidence(scan.first);
  return load.what.kind === 'memory' ? { scan: { load, stride: scan.stride, entries: scan.entries } } : {};
}

/**
 * The order of polled addresses: memory shared with a device says most, then a register, then a variable, then the stack. Of plain memory what
 * the round's path does not depend on comes last: the table of a jump, for one.
 */
export function rank({ what: { kind }, decides }: LoopLoadEvidence): number {
  switch (kind) {
    case 'stack':
      return decides ? 4 : 6;
    case 'memory':
      return decides ? 3 : 5;
    case 'register':
      return 2;
    default:
      return decides ? 0 : 1;
  }
}

/** As JSON. */
export function loadEvidence({ pc, address, physical, width, value, decides, awaited }: LoopLoad, what: PolledThing): LoopLoadEvidence {
  return {
    pc: hex(pc),
    address: hex(address),
    physical: physical === undefined ? null : hex(physical),
    width,
    value: hex(value),
    what,
    decides,
    ...(awaited === undefined ? {} : { awaited: { ...awaited, value: hex(awaited.value), mask: hex(awaited.mask) } }),
  };
}

/** What lies at a physical address. `drives`: the names of the devices, in their order. */
export function whatIsAt(
  { physical, onStack }: Pick<LoopLoad, 'physical' | 'onStack'>,
  machine: Machine,
  devices: readonly string[],
  requests: readonly RequestEvidence[],
): PolledThing {
  if (physical === undefined) return { kind: 'memory' };
  const register = machine.deviceAt(physical);
  if (register !== undefined) {
    const { device, virtio, offset } = register;
    const name = register.register ?? `offset ${hex(BigInt(offset))}`;
    return { kind: 'register', device, drive: virtio === undefined ? null : devices[virtio]!, register: name };
  }
  const parts = machine.devices.map((device, index) => queuePart(physical, devices[index]!, device.queue()));
  const inQueue = parts.find((part) => part !== undefined);
  return inQueue ?? requestPart(physical, requests) ?? { kind: onStack ? 'stack' : 'memory' };
}

function queuePart(physical: bigint, drive: string, queue: ReturnType<DeviceView['queue']>): PolledThing | undefined {
  if (queue === undefined) return undefined;
  const { table, available, used, size, meantTable } = queue;
  // Over the modern interface the rings may be anywhere: as far from the table as the driver said.
  const meantIndex = meantTable === undefined ? undefined : meantTable + (used - table) + 2n;
  if (physical === meantIndex) return { kind: 'misplaced-used-index', drive, table: hex(table) };
  const within = (start: bigint, length: number) => physical >= start && physical < start + BigInt(length);
  if (within(used + 2n, 2)) return { kind: 'used-index', drive };
  if (within(used, RING_HEADER_BYTES + USED_ELEMENT_BYTES * size)) return { kind: 'used-ring', drive };
  if (within(available, RING_HEADER_BYTES + AVAILABLE_ENTRY_BYTES * size)) return { kind: 'available-ring', drive };
  return within(table, DESCRIPTOR_BYTES * size) ? { kind: 'descriptor-table', drive } : undefined;
}

/** Of the latest request that has the byte: buffers are used again. */
function requestPart(physical: bigint, requests: readonly RequestEvidence[]): PolledThing | undefined {
  for (const { drive, number, roles } of [...requests].reverse()) {
    const piece = roles.find(({ address, length }) => physical >= BigInt(address) && physical < BigInt(address) + BigInt(length));
    if (piece !== undefined) return { kind: piece.role === 'status' ? 'status-byte' : 'data', drive, request: number };
  }
  return undefined;
}
