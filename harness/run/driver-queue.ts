/**
 * Where a driver has its queue, whatever it told the device: the chain of a block request is looked for in the memory that the run has
 * changed. A descriptor of 16 bytes that leads to a plausible header and on to further buffers is nearly never anything else.
 *
 * Reference: VIRTIO 1.2, 2.7.5, 2.7.6, 5.2.6. Left out: what is in indirect tables, chains whose header is not in a descriptor of its own, and a queue
 * that the driver has cleared again.
 */
import type { Machine } from '../../machine/index.ts';
import {
  AVAILABLE_ENTRY_BYTES,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_FLAG,
  REQUEST_HEADER_BYTES,
  REQUEST_TYPES,
  RING_HEADER_BYTES,
} from '../../machine/spec/virtio.ts';
import { hex } from '../bytes/hex.ts';
import type { DriverQueueEvidence, QueueEvidence } from '../evidence/queue.ts';

const PAGE = 4096;
/** Pages that are searched: 32 MiB. */
const MOST_PAGES = 8192;
/** Chains that are followed: most of them are one and the same queue's. */
const MOST_CHAINS = 64;
const MOST_ENTRIES = 1024;
/** Descriptors of a chain that are followed. */
const MOST_LINKS = 8;
/** From a descriptor's first byte to its buffer's length. */
const DESCRIPTOR_LENGTH_AT = 8;
/** Drivers that are right align tables to 16 bytes; those that are not, most likely to 8. */
const DESCRIPTOR_ALIGNMENT = 8;
const TYPES: ReadonlySet<number> = new Set(Object.values(REQUEST_TYPES));
const { NEXT, WRITE } = DESCRIPTOR_FLAG;
/** Sizes of queues, of which the legacy interface computes where the available ring lies. */
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

interface Descriptor {
  readonly address: bigint;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

/** A chain that memory holds. */
interface Found {
  readonly table: bigint;
  readonly head: number;
}

type Place = QueueEvidence['place'];

export interface Progress {
  /** How often the device was notified. */
  readonly notifies: number;
  /** Whether the device has found a chain: then the driver has its table and its available ring where the device has them. */
  readonly isServed: boolean;
}

/** Null if nothing like a queue was found. */
export function driverQueue(machine: Machine, place: Place, { notifies, isServed }: Progress): DriverQueueEvidence | null {
  const memory = new PhysicalMemory(machine);
  const chains = withoutIndirect(chainsIn(memory, place), memory, place);
  const agreed = isServed && place !== null ? chains.find((one) => isAt(place, one)) : undefined;
  if (agreed !== undefined && place !== null)
    return { table: place.table, head: agreed.head, available: place.available, index: place.index };
  const withRing = chains.map((chain) => ({ chain, ring: ringOf(chain, place, memory, { notifies, isServed }) }));
  const best =
    withRing.find(({ chain, ring }) => ring !== undefined && isAt(place, chain)) ?? withRing.find(({ ring }) => ring !== undefined);
  // Without a ring that holds it, a chain elsewhere may be anything, the end of another one for example.
  const { chain, ring } = best ?? { chain: chains.find((one) => isAt(place, one)), ring: undefined };
  if (chain === undefined) return null;
  const available = ring === undefined ? null : hex(ring.address);
  return { table: hex(chain.table), head: chain.head, available, index: ring?.index ?? null };
}

function isAt(place: Place, { table }: Found): boolean {
  return place !== null && BigInt(place.table) === table;
}

/** Without the chains in indirect tables, to which a descriptor of the device's own table refers. */
function withoutIndirect(chains: readonly Found[], memory: PhysicalMemory, place: Place): readonly Found[] {
  if (place === null) return chains;
  const slots = Array.from({ length: Math.min(place.size, MOST_ENTRIES) }, (_, index) => memory.descriptor(BigInt(place.table), index));
  const buffers = new Set(slots.map((descriptor) => descriptor?.address));
  return chains.filter(({ table, head }) => !buffers.has(table + BigInt(DESCRIPTOR_BYTES * head)));
}

class PhysicalMemory {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** What the run has changed, whole pages with their addresses. */
  changed(): Iterable<{ address: bigint; bytes: Uint8Array }> {
    return this.#machine.debug.storedMemory(MOST_PAGES);
  }

  bytes(address: bigint, length: number): DataView | undefined {
    const bytes = this.#machine.debug.viewMemory(address, length);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  descriptor(table: bigint, index: number): Descriptor | undefined {
    const bytes = this.bytes(table + BigInt(DESCRIPTOR_BYTES * index), DESCRIPTOR_BYTES);
    return bytes && descriptorAt(bytes, 0);
  }
}

function descriptorAt(bytes: DataView, at: number): Descriptor {
  return {
    address: bytes.getBigUint64(at, true),
    length: bytes.getUint32(at + 8, true),
    flags: bytes.getUint16(at + 12, true),
    next: bytes.getUint16(at + 14, true),
  };
}

function chainsIn(memory: PhysicalMemory, place: Place): Found[] {
  const found: Found[] = [];
  for (const { address, bytes } of memory.changed()) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (const at of headerLengths(bytes)) {
      if (!isHeader(descriptorAt(view, at), memory)) continue;
      const chain = chainFrom(address + BigInt(at), descriptorAt(view, at), memory, place);
      if (chain !== undefined) found.push(chain);
      if (found.length === MOST_CHAINS) return found;
    }
  }
  return found;
}

/**
 * Where a descriptor may begin whose buffer is as long as a request's header, and which lies in one page. Few pages hold one, and there are
 * thousands.
 */
function* headerLengths({ buffer, byteOffset, length }: Uint8Array): Iterable<number> {
  const words = new Uint32Array(buffer, byteOffset, length / 4);
  for (let at = words.indexOf(REQUEST_HEADER_BYTES); at >= 0; at = words.indexOf(REQUEST_HEADER_BYTES, at + 1)) {
    const begins = at * 4 - DESCRIPTOR_LENGTH_AT;
    if (begins >= 0 && begins % DESCRIPTOR_ALIGNMENT === 0 && begins % PAGE <= PAGE - DESCRIPTOR_BYTES) yield begins;
  }
}

/** Whether a descriptor of 16 bytes refers to what can be the header of a block request, and to a further descriptor. */
function isHeader({ address, flags, next }: Descriptor, memory: PhysicalMemory): boolean {
  if ((flags & NEXT) === 0 || flags > (NEXT | WRITE) || next >= MOST_ENTRIES) return false;
  const header = memory.bytes(address, REQUEST_HEADER_BYTES);
  return header !== undefined && TYPES.has(header.getUint32(0, true));
}

/** A descriptor does not hold its own number, so what follows from each likely one is tried. */
function chainFrom(address: bigint, first: Descriptor, memory: PhysicalMemory, place: Place): Found | undefined {
  const fromDevice = place === null ? -1 : Number(address - BigInt(place.table)) / DESCRIPTOR_BYTES;
  const isInside = Number.isInteger(fromDevice) && fromDevice >= 0 && fromDevice < (place?.size ?? 0);
  const heads = [...(isInside ? [fromDevice] : []), first.next - 1, first.next + 1, 0];
  for (const head of heads) {
    const table = address - BigInt(DESCRIPTOR_BYTES * head);
    if (head >= 0 && endsWell(table, first.next, head, memory)) return { table, head };
  }
  return undefined;
}

/** Whether the rest of a chain consists of buffers that can be meant, and has an end. */
function endsWell(table: bigint, next: number, head: number, memory: PhysicalMemory): boolean {
  const seen = new Set([head]);
  for (let index = next; seen.size < MOST_LINKS && !seen.has(index); ) {
    seen.add(index);
    const descriptor = memory.descriptor(table, index);
    if (descriptor === undefined || descriptor.length === 0 || descriptor.flags > (NEXT | WRITE)) return false;
    if (memory.bytes(descriptor.address, 1) === undefined) return false;
    if ((descriptor.flags & NEXT) === 0) return true;
    index = descriptor.next;
  }
  return false;
}

/** The available ring that holds the chain, at one of the places where it may be by mistake. */
function ringOf({ table, head }: Found, place: Place, memory: PhysicalMemory, { notifies, isServed }: Progress) {
  const ofDevice = place === null ? [] : [place.available, place.used, place.table].map(BigInt);
  const after = SIZES.map((size) => table + BigInt(DESCRIPTOR_BYTES * size));
  // A register that got the address of the ring's entries, and not of the ring.
  const before = ofDevice.map((address) => address - BigInt(RING_HEADER_BYTES));
  // What the device has written its answers to is not the driver's ring, although it may look like one.
  const answers = isServed && place !== null ? BigInt(place.used) : undefined;
  for (const address of [...ofDevice, ...after, ...before]) {
    if (address === answers) continue;
    const header =
      address < table + BigInt(DESCRIPTOR_BYTES) && address > table - BigInt(RING_HEADER_BYTES)
        ? undefined
        : memory.bytes(address, RING_HEADER_BYTES);
    if (header === undefined || header.getUint16(0, true) > 1) continue;
    const index = header.getUint16(2, true);
    if (index > 0 && index <= notifies && holds(address, index, head, memory)) return { address, index };
  }
  return undefined;
}

/** Whether one of the ring's last entries is this head; where the ring has how many entries is not known. */
function holds(ring: bigint, index: number, head: number, memory: PhysicalMemory): boolean {
  const entry = (position: number) =>
    memory.bytes(ring + BigInt(RING_HEADER_BYTES + AVAILABLE_ENTRY_BYTES * position), AVAILABLE_ENTRY_BYTES)?.getUint16(0, true);
  return SIZES.some((size) => entry((index - 1) % size) === head);
}
