/**
 * Where a driver and its device have different ideas of where the queue lies: both places in words, and the register to blame where the
 * numbers tell. Pure.
 *
 * Reference: VIRTIO 1.2, 2.7.2 (the layout over the legacy interface), 4.2.2, 4.2.4. Left out: further queues.
 */
import { AVAILABLE_ENTRY_BYTES, DESCRIPTOR_BYTES, RING_HEADER_BYTES, STATUS_BITS } from '../../machine/spec/virtio.ts';
import type { DeviceEvidence } from './evidence.ts';
import type { LoopLoadEvidence } from './loop.ts';
import type { QueueEvidence } from './queue.ts';
import { LITTLE_ENDIAN, reversed } from './reversed.ts';

export interface QueueMistake {
  /** Where the device has the queue, and from which registers; then where the driver seems to have it. Sentences without a full stop. */
  readonly places: readonly string[];
  /** What to do about it. */
  readonly blame: string;
  /** The parts that the driver surely does not have where the device has them. */
  readonly elsewhere: ReadonlySet<QueuePart>;
}

export type QueuePart = 'table' | 'available' | 'used';

type Place = NonNullable<QueueEvidence['place']>;
type Registers = QueueEvidence['registers'];
/** Where the driver has them, as far as that is known. */
type Known = Readonly<Partial<Record<QueuePart, bigint>>>;

const NAMES: Readonly<Record<QueuePart, string>> = { table: 'descriptor table', available: 'available ring', used: 'used ring' };
/** Over the modern interface, each with Low and High. */
const REGISTERS: Readonly<Record<QueuePart, string>> = { table: 'QueueDesc', available: 'QueueDriver', used: 'QueueDevice' };
const PARTS: readonly QueuePart[] = ['table', 'available', 'used'];
/** Where a ring's index lies in it. */
const INDEX = 2n;
const REGISTER_BYTES = 4;
const MOST_ENTRIES = 1024n;
const USUAL_PAGE = 4096n;
const DEFAULT_ALIGN = 4096n;
/** Alignments of the used ring that a driver may have in mind; the usual one first. */
const ALIGNMENTS = [4096n, 4n, 8n, 16n, 32n, 64n, 128n, 256n, 512n, 1024n, 2048n, 8192n, 16384n, 65536n];

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const indexOf = (ring: string): string => hex(BigInt(ring) + INDEX);

/** `polled`: the load that the kernel waits for, if it waits in a loop. Null if nothing tells that the two disagree. */
export function queueMistake({ version, queue }: DeviceEvidence, polled?: LoopLoadEvidence): QueueMistake | null {
  const { place, driver, registers } = queue;
  if (place === null) return null;
  const known: { -readonly [part in keyof Known]: Known[part] } = {};
  if (driver !== null) known.table = BigInt(driver.table);
  if (driver !== null && driver.available !== null) known.available = BigInt(driver.available);
  const used = polled === undefined ? undefined : polledRing(polled, place);
  if (used !== undefined && !isOwnPart(used, polled!, queue)) known.used = used;
  const wrong = PARTS.filter((part) => known[part] !== undefined && known[part] !== BigInt(place[part]));
  const blame = version === 2 ? modern(wrong, known, place, registers) : legacy(wrong, known, place, registers);
  if (blame === null) return null;
  const places = [ofDevice(place, version, registers), ...ofDriver(wrong, known, polled, place)];
  return {
    places,
    blame,
    elsewhere: new Set(version === 2 ? surelyModern(known, place, registers) : surelyLegacy(known, place, registers)),
  };
}

/** The ring that a kernel polls alone may be something different. */
function surelyModern(known: Known, place: Place, registers: Registers): QueuePart[] {
  return PARTS.filter((part) => {
    const at = BigInt(place[part]);
    const isOther = PARTS.some((other) => other !== part && known[other] === at);
    return (
      isOther || registers[`${REGISTERS[part]}Low`] === undefined || (part !== 'used' && known[part] !== undefined && known[part] !== at)
    );
  });
}

/** Each part follows from the one before it. */
function surelyLegacy({ table, available, used }: Known, place: Place, registers: Registers): QueuePart[] {
  if (table !== undefined && table !== BigInt(place.table)) return ['table', 'available', 'used'];
  if (available !== undefined && available !== BigInt(place.available)) {
    const entries = Number(available - BigInt(place.table)) / DESCRIPTOR_BYTES;
    const align = BigInt(registers['QueueAlign'] ?? DEFAULT_ALIGN);
    const isSize = Number.isInteger(entries) && entries > 0 && align > 0n;
    const ring = isSize ? alignUp(endOf(BigInt(place.table), entries), align) : BigInt(place.used);
    return ring === BigInt(place.used) ? ['available'] : ['available', 'used'];
  }
  return used !== undefined && used !== BigInt(place.used) && alignmentOf(used, place) !== undefined ? ['used'] : [];
}

/** The ring whose index the kernel waits for, if it is not one of the device's: two bytes that lie as an index does. */
function polledRing({ decides, width, physical, what }: LoopLoadEvidence, place: Place): bigint | undefined {
  if (!decides || width !== 2 || physical === null || BigInt(physical) % 4n !== INDEX) return undefined;
  const isElsewhere = ['memory', 'stack', 'used-ring', 'available-ring', 'descriptor-table'].includes(what.kind);
  const ring = BigInt(physical) - INDEX;
  return isElsewhere && ring !== BigInt(place.used) ? ring : undefined;
}

/** Whether the kernel waits for a change of its own available ring or table, and so for the wrong field of a queue that lies well. */
function isOwnPart(ring: bigint, { what }: LoopLoadEvidence, { driver, place }: QueueEvidence): boolean {
  if (driver === null) return false;
  return (
    (driver.available !== null && ring === BigInt(driver.available)) || (what.kind === 'descriptor-table' && driver.table === place?.table)
  );
}

function ofDevice(place: Place, version: number | null, registers: Registers): string {
  const { table } = place;
  const by = (part: QueuePart) => (version === 2 ? `, by ${REGISTERS[part]}Low/High` : '');
  const ring = (part: 'available' | 'used', index: string) => `${place[part]} (${index} at ${indexOf(place[part])}${by(part)})`;
  const rings = `the available ring at ${ring('available', 'avail.idx')} and the used ring at ${ring('used', 'used.idx')}`;
  const parts = `the device has the descriptor table at ${table}${version === 2 ? ' (by QueueDescLow/High)' : ''}, ${rings}`;
  return version === 2 ? parts : `${parts}: ${fromLegacy(place, registers)}`;
}

/** What stands after the register's name: a size that is too large is refused. */
function sizeIn(registers: Registers, size: number): string {
  const written = registers['QueueNum'];
  if (written === undefined) return `was never written, so that the device takes ${size}`;
  const meant = reversed(BigInt(written), REGISTER_BYTES);
  const other = meant > 0n && meant <= MOST_ENTRIES ? ` (that is ${meant} with its bytes reversed: ${LITTLE_ENDIAN})` : '';
  return BigInt(written) === BigInt(size)
    ? `is ${size}`
    : `got ${BigInt(written)}, which the device refuses, so that it keeps ${size}${other}`;
}

function fromLegacy(place: Place, registers: Registers): string {
  const { size } = place;
  const page = registers.GuestPageSize;
  const align = registers.QueueAlign;
  const unit = unitOf(place, registers);
  const late =
    page === undefined || unit === BigInt(page)
      ? ''
      : unit === takenOf(page)
        ? ` (not a power of two, so that the device counts in units of ${unit})`
        : ` (but the device counts in units of ${unit}, as it was when QueuePFN was written)`;
  const parts = [
    `QueuePFN is ${registers.QueuePFN ?? 'not known'}`,
    page === undefined ? 'GuestPageSize was never written' : `GuestPageSize ${BigInt(page)}${late}`,
    `QueueNum ${sizeIn(registers, size)}`,
    align === undefined ? `QueueAlign was never written (the device takes ${DEFAULT_ALIGN})` : `QueueAlign ${BigInt(align)}`,
  ];
  return parts.join(', ');
}

function ofDriver(wrong: readonly QueuePart[], known: Known, polled: LoopLoadEvidence | undefined, place: Place): string[] {
  const found = wrong.filter((part) => part !== 'used').map((part) => `its ${NAMES[part]} at ${hex(known[part]!)}`);
  const seems = found.length === 0 ? [] : [`the driver seems to have ${found.join(' and ')}: a chain that it made was found there`];
  const waits = !wrong.includes('used')
    ? []
    : [`the kernel waits for a change at ${physicalPlace(polled!)}, but used.idx of the device's queue is at ${indexOf(place.used)}`];
  return [...seems, ...waits];
}

/** A device's addresses are physical ones, so a virtual one is said with what it leads to. */
function physicalPlace({ address, physical }: LoopLoadEvidence): string {
  return physical === null || physical === address ? address : `${address}, which the page table maps to ${physical}`;
}

const alignUp = (address: bigint, align: bigint): bigint => ((address + align - 1n) / align) * align;

/** Where the used ring begins at the earliest: after a table and an available ring of so many entries (2.7.2: with its used_event). */
function endOf(table: bigint, size: number): bigint {
  return table + BigInt(DESCRIPTOR_BYTES * size + RING_HEADER_BYTES + AVAILABLE_ENTRY_BYTES * size);
}

function legacy(wrong: readonly QueuePart[], known: Known, place: Place, registers: Registers): string | null {
  const { table, available, used } = known;
  if (wrong.includes('table')) return wrongPage(table!, place, registers);
  if (wrong.includes('available')) return wrongSize(available!, place, registers);
  return wrong.includes('used') ? wrongUsed(used!, place, registers) : null;
}

/** What the device makes of GuestPageSize, as QEMU does: the lowest bit of it that is set. */
function takenOf(page: string): bigint {
  return BigInt(page) & -BigInt(page);
}

/** What the device multiplied QueuePFN by when that was written. */
function unitOf({ table }: Place, registers: Registers): bigint {
  const number = BigInt(registers['QueuePFN'] ?? '0x0');
  const written = BigInt(registers['GuestPageSize'] ?? '0x1');
  return number > 0n && BigInt(table) % number === 0n ? BigInt(table) / number : written;
}

/** The register holds a page number: the whole queue lies elsewhere. */
function wrongPage(table: bigint, place: Place, registers: Registers): string {
  const page = registers['GuestPageSize'];
  const unit = unitOf(place, registers);
  const number = BigInt(registers['QueuePFN'] ?? '0x0');
  const offset = table % USUAL_PAGE;
  if (page !== undefined && unit !== takenOf(page))
    return `GuestPageSize was written after QueuePFN, too late for it, and the device took ${unit} instead: write ${BigInt(page)} to GuestPageSize before QueuePFN`;
  if (unit !== USUAL_PAGE && number * USUAL_PAGE === table && page !== undefined && unit !== BigInt(page))
    return `GuestPageSize is ${BigInt(page)}, which is not a power of two: write the page size in bytes to it, ${USUAL_PAGE}`;
  if (unit === 1n && number * USUAL_PAGE === table)
    return `QueuePFN has a page number, but GuestPageSize ${page === undefined ? 'was never written' : 'is 1'}: write ${USUAL_PAGE} to GuestPageSize before QueuePFN`;
  if (unit > 1n && unit !== USUAL_PAGE && number * USUAL_PAGE === table)
    return `QueuePFN counts pages of GuestPageSize bytes, which is ${unit}: write ${USUAL_PAGE} to GuestPageSize, or divide the address by ${unit}`;
  if (unit > 1n && table % unit !== 0n)
    return `the driver's table lies ${offset} bytes after the beginning of a page, which a page number cannot say: align the queue to ${unit} bytes`;
  const isReversed = reversed(number, REGISTER_BYTES) === table / unit;
  return `QueuePFN would have to be ${hex(table / unit)}, and it is ${hex(number)}${isReversed ? `: its bytes are reversed. Know that ${LITTLE_ENDIAN}` : ''}`;
}

function wrongSize(available: bigint, place: Place, registers: Registers): string {
  const entries = Number(available - BigInt(place.table)) / DESCRIPTOR_BYTES;
  if (!Number.isInteger(entries) || entries <= 0)
    return `over the legacy interface the available ring must follow the descriptor table's last entry: put it at ${place.available}`;
  return `the driver's available ring follows ${entries} descriptors, and the device's follows ${place.size}, since QueueNum ${sizeIn(registers, place.size)}: write the number of entries that the driver has (${entries}) to QueueNum`;
}

/** The alignment by which the used ring would lie there. */
function alignmentOf(used: bigint, { table, size }: Place): bigint | undefined {
  const end = endOf(BigInt(table), size);
  return ALIGNMENTS.find((one) => alignUp(end, one) === used);
}

function wrongUsed(used: bigint, place: Place, registers: Registers): string {
  const align = alignmentOf(used, place);
  const written = registers['QueueAlign'];
  if (align !== undefined) {
    const has = written === undefined ? `was never written, so that the device takes ${DEFAULT_ALIGN}` : `is ${BigInt(written)}`;
    return `where the kernel waits, the used ring's index would be with an alignment of ${align} bytes, but QueueAlign ${has}: write ${align} to QueueAlign, or put the used ring at ${place.used}`;
  }
  return `if that is meant to be used.idx: over the legacy interface the used ring begins at the next multiple of QueueAlign after the available ring, at ${place.used}`;
}

function modern(wrong: readonly QueuePart[], known: Known, place: Place, registers: Registers): string | null {
  const unwritten = PARTS.map((part) => `${REGISTERS[part]}Low`).filter((name) => registers[name] === undefined);
  if (unwritten.length > 0)
    return `${unwritten.join(' and ')} ${unwritten.length === 1 ? 'was' : 'were'} never written: write the low 32 bits of the address there, and the high ones to High`;
  const [first] = wrong;
  if (first === undefined) return null;
  const swapped = wrong.flatMap((part) => {
    const other = PARTS.find((one) => one !== part && BigInt(place[one]) === known[part]);
    return other === undefined
      ? []
      : [`${REGISTERS[other]}Low/High got the address of the driver's ${NAMES[part]}, which belongs in ${REGISTERS[part]}Low/High`];
  });
  if (swapped.length > 0) return swapped.join('; ');
  const isSure = first !== 'used';
  return `${isSure ? '' : 'if that is meant to be used.idx: '}${REGISTERS[first]}Low/High got ${place[first]}, and the driver has its ${NAMES[first]} at ${hex(known[first]!)}`;
}

/** Why a device has no queue although it was notified of one, by what its registers got: a sentence without a full stop. */
export function whyMissing({ version, statusWrites, queue: { registers } }: DeviceEvidence): string {
  const setUp = statusWrites.findIndex((one) => (one & STATUS_BITS.DRIVER_OK) !== 0);
  if (setUp >= 0 && statusWrites.lastIndexOf(0) > setUp && registers['QueuePFN'] === undefined && registers['QueueReady'] === undefined)
    return 'the driver wrote 0 to Status after it had set the device up, which resets the device and takes its queue away: set it up again, or do not reset it';
  const selected = BigInt(registers['QueueSel'] ?? '0x0');
  if (selected !== 0n)
    return `QueueSel is ${selected}, so that all that was written is about queue ${selected}, and the device has queue 0 only`;
  if (version !== 2) {
    return registers['QueuePFN'] === '0x0'
      ? 'QueuePFN got 0, which takes the queue away and resets the device'
      : 'the driver has not written QueuePFN, which says where the queue is';
  }
  if (registers['QueueReady'] === undefined) return 'the driver has not written 1 to QueueReady';
  const unwritten = ['Low', 'High'].map((half) => `QueueDesc${half}`).filter((name) => registers[name] === undefined);
  if (unwritten.includes('QueueDescLow'))
    return `${unwritten.join(' and ')} ${unwritten.length === 1 ? 'was' : 'were'} never written, so that the descriptor table is at 0`;
  if (registers['QueueDescLow'] === '0x0' && (registers['QueueDescHigh'] ?? '0x0') === '0x0')
    return 'QueueDescLow is 0, so that the descriptor table is at 0: it takes the low 32 bits of the address';
  return registers['QueueReady'] === '0x0'
    ? 'QueueReady is 0'
    : 'the descriptor table was still at 0 when QueueReady was written: write the addresses first';
}
