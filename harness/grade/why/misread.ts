/**
 * A chain that the device reads as something different than the driver has meant: descriptors whose fields stand in a wrong order, numbers with
 * their bytes reversed, and flags that mean something different. Said of the first request that the device refused.
 *
 * Reference: VIRTIO 1.2, 1.4, 2.7.5, 5.2.6. Left out: what follows the first descriptor, where that is read wrongly already.
 */
import { RAM_BASE } from '../../../machine/spec/virt-board.ts';
import { DESCRIPTOR_FLAG, FEATURE_BITS, REQUEST_HEADER_BYTES, REQUEST_TYPES, SECTOR_BYTES } from '../../../machine/spec/virtio.ts';
import type { DescriptorEvidence, Evidence, RequestEvidence } from '../../evidence/evidence.ts';
import { LITTLE_ENDIAN, reversed } from '../../evidence/reversed.ts';
import type { Detail } from '../../result/result.ts';
import { ringSlot } from './ring-slot.ts';
import { text } from './text.ts';

const { NEXT, WRITE, INDIRECT } = DESCRIPTOR_FLAG;
/** More entries no queue has. */
const MOST_ENTRIES = 1024;
/** How far above its beginning RAM may reach. */
const MOST_MEMORY = 2n ** 34n;
const FIELDS = "A descriptor's fields are, in this order, addr (8 bytes), len (4), flags (2), next (2)";

export function misread(evidence: Evidence): Detail[] {
  const request = evidence.requests.find((one) => isOwn(one) && (isRefused(one) || reversedAddresses(one).length > 0));
  if (request === undefined) return [];
  const lines = [
    ...wrongOrder(request),
    ...reversedNumbers(request, evidence),
    ...flagFour(request, evidence),
    ...statusAlone(request, evidence),
  ];
  return lines.slice(0, 1).map((line) => text(`${request.drive}: ${line}`));
}

/** A request to a disk, of the driver's own making. */
function isOwn({ queue, phantom, fault, roles }: RequestEvidence): boolean {
  const isBlock = roles.length === 0 || roles.some(({ role }) => role !== 'data');
  return queue === 0 && !phantom && fault === null && isBlock;
}

/** The device did not carry it out. */
function isRefused({ problem, completion }: RequestEvidence): boolean {
  return problem !== null || (completion !== null && completion.status !== null && completion.status !== 0);
}

const isInRam = (address: bigint): boolean => address >= BigInt(RAM_BASE) && address < BigInt(RAM_BASE) + MOST_MEMORY;
const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** The first descriptor of a chain, as it begins with a header of 16 bytes and goes on. */
function wrongOrder({ number, descriptors }: RequestEvidence): string[] {
  const [first] = descriptors;
  if (first === undefined || first.indirect) return [];
  const { index, length, flags, next } = first;
  const address = BigInt(first.address);
  const holds = `desc ${index} of request #${number} holds`;
  if (flags + 0x1_0000 * next === REQUEST_HEADER_BYTES && (length & 0xffff) === NEXT && length >>> 16 < MOST_ENTRIES)
    return [
      `${holds} length ${hex(length)}, flags ${hex(flags)}: are its fields addr, flags (1), next (${length >>> 16}), len (16)? ${FIELDS}`,
    ];
  const [low, middle, high] = [address & 0xffff_ffffn, (address >> 32n) & 0xffffn, address >> 48n];
  const after = BigInt(length) | (BigInt(flags) << 32n) | (BigInt(next) << 48n);
  if (low === BigInt(REQUEST_HEADER_BYTES) && middle === BigInt(NEXT) && high < BigInt(MOST_ENTRIES) && isInRam(after))
    return [`${holds} the address ${hex(address)}: are its fields len (16), flags (1), next (${high}), addr (${hex(after)})? ${FIELDS}`];
  return [];
}

function reversedNumbers(request: RequestEvidence, { images }: Evidence): string[] {
  const found = [...reversedAddresses(request), ...reversedDescriptor(request), ...reversedHeader(request, images)];
  return found.length === 0 ? [] : [`of request #${request.number}, ${found.join(', and ')}: ${LITTLE_ENDIAN}`];
}

const said = (name: string, value: bigint, bytes: number): string =>
  `${name} (${hex(value)}) is ${reversedText(value, bytes)} with its bytes reversed`;

function reversedText(value: bigint, bytes: number): string {
  const other = reversed(value, bytes);
  return isInRam(other) ? hex(other) : `${other}`;
}

function reversedDescriptor({ descriptors }: RequestEvidence): string[] {
  const [first] = descriptors;
  if (first === undefined) return [];
  const { index, length, flags } = first;
  const isLength = reversed(BigInt(length), 4) === BigInt(REQUEST_HEADER_BYTES);
  return [
    ...(isLength ? [said(`the length of desc ${index}`, BigInt(length), 4)] : []),
    ...(isReversedFlag(first) ? [said(`flags of desc ${index}`, BigInt(flags), 2)] : []),
  ];
}

/** The device answers OK to a request that names no memory, as QEMU does. */
function reversedAddresses({ descriptors }: RequestEvidence): string[] {
  return descriptors.flatMap(({ index, address }) => {
    const [written, meant] = [BigInt(address), reversed(BigInt(address), 8)];
    return !isInRam(written) && isInRam(meant) ? [said(`the address of desc ${index}`, written, 8)] : [];
  });
}

function isReversedFlag({ flags }: DescriptorEvidence): boolean {
  const meant = Number(reversed(BigInt(flags), 2));
  return flags > 0xff && meant > 0 && meant <= (NEXT | WRITE);
}

const TYPES: ReadonlySet<bigint> = new Set(Object.values(REQUEST_TYPES).map(BigInt));

function reversedHeader({ drive, type, sector }: RequestEvidence, images: Evidence['images']): string[] {
  const sectors = BigInt(images.find((one) => one.drive === drive)?.size ?? 0) / BigInt(SECTOR_BYTES);
  const isType = type !== null && !TYPES.has(BigInt(type)) && TYPES.has(reversed(BigInt(type), 4));
  const number = BigInt(sector ?? 0);
  const width = [8, 4].find((bytes) => number < 2n ** BigInt(8 * bytes) && reversed(number, bytes) < sectors);
  return [
    ...(isType ? [said("the header's type", BigInt(type), 4)] : []),
    ...(number >= sectors && width !== undefined ? [said("the header's sector", number, width)] : []),
  ];
}

/** INDIRECT in a descriptor that is none, as far as the driver has said. */
function flagFour({ number, descriptors, drive }: RequestEvidence, { devices }: Evidence): string[] {
  const features = BigInt(devices.find((one) => one.drive === drive)?.driverFeatures ?? '0x0');
  const guilty = descriptors.find(({ flags, indirect }) => (flags & INDIRECT) !== 0 && !indirect);
  if (guilty === undefined || ((features >> BigInt(FEATURE_BITS.INDIRECT_DESC)) & 1n) === 1n) return [];
  const write = (guilty.flags & WRITE) === 0 ? ` The flag that lets the device write to the buffer is WRITE, ${WRITE}` : '';
  return [
    `desc ${guilty.index} of request #${number} has flags ${guilty.flags}, and so flag ${INDIRECT}, INDIRECT: its buffer would be a table of ` +
      `descriptors, and the driver has not accepted that feature (INDIRECT_DESC).${write}`,
  ];
}

/** A chain that has only the last of its descriptors. */
function statusAlone({ number, descriptors, drive, problem }: RequestEvidence, evidence: Evidence): string[] {
  const [only, ...more] = descriptors;
  const device = evidence.devices.find((one) => one.drive === drive);
  if (only === undefined || more.length > 0 || problem === null || only.length !== 1 || only.flags !== WRITE) return [];
  // Where the repeated run has shown how it came to that, it is said there.
  if ((evidence.explanations?.drivers ?? []).some((one) => one.drive === drive && one.reused !== null)) return [];
  if (device !== undefined && ringSlot(device, evidence).length > 0) return [];
  return [
    `the chain of request #${number} is desc ${only.index} alone, with 1 byte that the device writes, as for a status: header and data are missing. Did each part ` +
      `of the chain get the same descriptor, so that the last one is left? Or is ${only.index} not the first descriptor of the chain?`,
  ];
}
