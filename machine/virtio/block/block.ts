/**
 * Virtio block device: its requests and its configuration space.
 *
 * Reference: VIRTIO 1.2, 5.2; behaviour is that of QEMU 10's hw/block/virtio-blk.c, measured:
 * - Bit 0 of the type is the direction, and bit 31 a barrier that has no effect. The other bits are the kind of request, and some kinds
 *   have no direction: so 5 flushes and 9 gets the id, as 4 and 8 do.
 * - The data of an OUT are its device-readable bytes after the header; the data of an IN are its device-writable bytes before the status
 *   byte. With the wrong flag on the data descriptor there are none, and a request for no bytes succeeds.
 * - DISCARD checks its range and does nothing: QEMU's drives ignore it by default.
 * Left out: the zoned types (a malformed ZONE_REPORT breaks QEMU's device, ours answers UNSUPP), and a geometry that is guessed from a
 * partition table.
 */
import type { Disk, GuestMemory } from '../../ports.ts';
import { type RoleStretch, roleLength, rolesOf } from '../../spec/block-request.ts';
import { ANSWERS, DEVICE_ID, REQUEST_HEADER_BYTES, REQUEST_TYPES, SECTOR_BYTES } from '../../spec/virtio.ts';
import { WORK, type WorkMeter } from '../../work-meter.ts';
import {
  type Answer,
  type AnswerBytes,
  type ChainSummary,
  COPY_CHUNK,
  type Outcome,
  type TypeState,
  type VirtioType,
} from '../device-type.ts';
import { FEATURE, has, type Transport } from '../features.ts';
import { gather, totalLength } from '../queue/buffer.ts';
import type { Chain } from '../queue/virtqueue.ts';
import type { ChainProblem, TracedDescriptor } from '../record/trace.ts';

const { IN, OUT, FLUSH, GET_ID, SCSI_CMD, DISCARD, WRITE_ZEROES } = REQUEST_TYPES;
const SCSI_ERROR = 255;
const BARRIER = 0x8000_0000;

type Status = (typeof ANSWERS)[keyof typeof ANSWERS];

/** One segment of DISCARD or WRITE_ZEROES: sector, number of sectors, flags. */
const SEGMENT_SIZE = 16;
const UNMAP = 1;
const ID_SIZE = 20;
/** QEMU's limit for one request: 2^31 bytes less one sector. */
const MAX_SECTORS = 0x3f_ffff;

const HEADS = 16;
const SECTORS_PER_TRACK = 63;
const CONFIG_SIZE = 0x39;
const CONFIG_WCE = 0x20;

/** A request whose chain has a header and a status byte. */
interface Request {
  readonly chain: Chain;
  readonly type: number;
  readonly sector: bigint;
  /** Device-readable bytes after the header. */
  readonly outLength: number;
  /** Device-writable bytes before the status byte. */
  readonly inLength: number;
}

/** The result of a request, without the length that its used element will report. */
type Result = Omit<Answer, 'usedLength'> | { readonly problem: ChainProblem };

const NOTHING = new Uint8Array(0);
const done = (status: Status, bytes: AnswerBytes = NOTHING): Result => ({ status, bytes, from: 0, atOnce: false });
const atOnce = (status: Status, bytes: AnswerBytes = NOTHING, from = 0): Result => ({ status, bytes, from, atOnce: true });

/** First and second field of a request header; undefined if the header is not whole. */
export function readHeader(bytes: Uint8Array): { readonly type: number; readonly reserved: number; readonly sector: bigint } | undefined {
  if (bytes.length < REQUEST_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { type: view.getUint32(0, true), reserved: view.getUint32(4, true), sector: view.getBigUint64(8, true) };
}

/**
 * A SCSI command of the legacy device (5.2.6.3, legacy). As QEMU does, this refuses it, with an error number before the status byte, in the
 * last descriptor but one.
 */
function refuseScsi({ readable, writable }: Chain): Result {
  if (readable.length < 2 || writable.length < 3) return atOnce(ANSWERS.IOERR);
  const errors = Uint8Array.of(SCSI_ERROR, 0, 0, 0);
  return atOnce(ANSWERS.UNSUPP, errors.subarray(0, writable.at(-2)!.length), totalLength(writable.slice(0, -2)));
}

export interface BlockPorts {
  readonly memory: GuestMemory;
  readonly work: WorkMeter;
}

/**
 * What QEMU 10's virtio-blk offers in addition to COMMON_FEATURES: in all 0x31006ed4 over the legacy transport, and 0x101_30006e54 over the
 * modern one.
 */
const BOTH =
  FEATURE.SEG_MAX |
  FEATURE.GEOMETRY |
  FEATURE.BLK_SIZE |
  FEATURE.FLUSH |
  FEATURE.TOPOLOGY |
  FEATURE.CONFIG_WCE |
  FEATURE.DISCARD |
  FEATURE.WRITE_ZEROES;
const BLOCK_FEATURES: Record<Transport, bigint> = { legacy: BOTH | FEATURE.SCSI, modern: BOTH };

/** Configuration space (5.2.4) of a disk of so many sectors. The device fills in whether writes are cached. */
function configurationSpace(sectors: number): Uint8Array {
  const bytes = new Uint8Array(CONFIG_SIZE);
  const view = new DataView(bytes.buffer);
  const cylinders = Math.floor(sectors / (HEADS * SECTORS_PER_TRACK));
  view.setBigUint64(0x00, BigInt(sectors), true); // capacity
  view.setUint32(0x0c, 254, true); // seg_max
  view.setUint16(0x10, Math.min(Math.max(cylinders, 2), 16383), true);
  view.setUint8(0x12, HEADS);
  view.setUint8(0x13, SECTORS_PER_TRACK);
  view.setUint32(0x14, SECTOR_BYTES, true); // blk_size
  view.setUint16(0x22, 1, true); // num_queues
  view.setUint32(0x24, MAX_SECTORS, true); // max_discard_sectors
  view.setUint32(0x28, 1, true); // max_discard_seg
  view.setUint32(0x2c, 1, true); // discard_sector_alignment
  view.setUint32(0x30, MAX_SECTORS, true); // max_write_zeroes_sectors
  view.setUint32(0x34, 1, true); // max_write_zeroes_seg
  view.setUint8(0x38, 1); // write_zeroes_may_unmap
  return bytes;
}

export class BlockDevice implements VirtioType {
  readonly kind = 'block';
  readonly id = DEVICE_ID.block;
  readonly queues = 1;
  readonly features: bigint;
  readonly #memory: GuestMemory;
  readonly #disk: Disk;
  readonly #work: WorkMeter;
  readonly #config: Uint8Array;
  readonly #serial: Uint8Array;
  readonly #sectors: number;
  /** Whether the write cache is on, as the driver has set it. It decides which writes a power cut may lose. */
  #writeCache = true;

  /** `disk.size` must be a multiple of 512 bytes. Only the first 20 bytes of the serial are used. */
  constructor({ memory, work }: BlockPorts, disk: Disk, serial: string, transport: Transport) {
    if (disk.size % SECTOR_BYTES !== 0) throw new RangeError(`disk size ${disk.size} is not a multiple of ${SECTOR_BYTES}`);
    this.#memory = memory;
    this.#work = work;
    this.#disk = disk;
    this.#serial = new TextEncoder().encode(serial);
    this.#sectors = disk.size / SECTOR_BYTES;
    this.features = BLOCK_FEATURES[transport] | (disk.readOnly ? FEATURE.RO : 0n);
    this.#config = configurationSpace(this.#sectors);
  }

  take(_queue: number, chain: Chain, refusal?: Status): Outcome {
    const result = this.#execute(chain, refusal);
    // QEMU counts all device-writable bytes, whether or not it wrote them; the ring's field has 32 bits.
    return 'problem' in result ? result : { ...result, usedLength: totalLength(chain.writable) % 2 ** 32 };
  }

  #execute(chain: Chain, refusal: Status | undefined): Result {
    if (chain.readable.length === 0) return { problem: 'header-missing' };
    if (chain.writable.length === 0) return { problem: 'status-missing' };
    const header = readHeader(gather(this.#memory, chain.readable, 0, REQUEST_HEADER_BYTES));
    if (header === undefined) return { problem: 'header-too-short' };
    if (refusal !== undefined) return done(refusal);
    const outLength = totalLength(chain.readable) - REQUEST_HEADER_BYTES;
    return this.#dispatch({ chain, ...header, outLength, inLength: totalLength(chain.writable) - 1 });
  }

  summary(descriptors: readonly TracedDescriptor[]): ChainSummary {
    const header = readHeader(gather(this.#memory, descriptors, 0, REQUEST_HEADER_BYTES));
    const dataLength = roleLength(rolesOf(descriptors), 'data');
    const { type, reserved, sector } = header ?? {};
    return { type, reserved, sector, dataFrom: REQUEST_HEADER_BYTES, dataLength };
  }

  roles(descriptors: readonly TracedDescriptor[]): RoleStretch[] {
    return rolesOf(descriptors);
  }

  #dispatch(request: Request): Result {
    const isOut = (request.type & OUT) !== 0;
    switch ((request.type & ~BARRIER & ~OUT) >>> 0) {
      case IN:
        return isOut ? this.#write(request) : this.#read(request);
      case FLUSH:
        this.#disk.flush();
        return done(ANSWERS.OK);
      case GET_ID:
        return atOnce(ANSWERS.OK, this.#id(request.inLength));
      case SCSI_CMD:
        return refuseScsi(request.chain);
      case DISCARD & ~OUT:
        return isOut ? this.#zero(request, { writes: false }) : atOnce(ANSWERS.UNSUPP);
      case WRITE_ZEROES & ~OUT:
        return isOut ? this.#zero(request, { writes: true }) : atOnce(ANSWERS.UNSUPP);
      default:
        return atOnce(ANSWERS.UNSUPP);
    }
  }

  #read({ sector, inLength }: Request): Result {
    const offset = this.#offset(sector, inLength);
    if (offset === undefined) return atOnce(ANSWERS.IOERR);
    const disk = this.#disk;
    if (inLength <= COPY_CHUNK) return done(ANSWERS.OK, disk.read(offset, inLength));
    return done(ANSWERS.OK, { position: offset, length: inLength });
  }

  #write({ chain, sector, outLength }: Request): Result {
    const offset = this.#offset(sector, outLength);
    if (offset === undefined) return atOnce(ANSWERS.IOERR);
    if (this.#disk.readOnly) return done(ANSWERS.IOERR);
    this.#inPieces(outLength, (at, length) =>
      this.#disk.write(offset + at, gather(this.#memory, chain.readable, REQUEST_HEADER_BYTES + at, length)),
    );
    this.#wrote();
    return done(ANSWERS.OK);
  }

  /** DISCARD and WRITE_ZEROES of one segment; QEMU allows only one (max_discard_seg). */
  #zero({ chain, outLength }: Request, { writes }: { writes: boolean }): Result {
    if (outLength > SEGMENT_SIZE) return atOnce(ANSWERS.UNSUPP);
    if (outLength < SEGMENT_SIZE) return { problem: 'header-too-short' };
    const view = new DataView(gather(this.#memory, chain.readable, REQUEST_HEADER_BYTES, SEGMENT_SIZE).buffer);
    const length = view.getUint32(8, true) * SECTOR_BYTES;
    const flags = view.getUint32(12, true);
    const offset = this.#offset(view.getBigUint64(0, true), length);
    if (offset === undefined) return atOnce(ANSWERS.IOERR);
    if ((flags & ~UNMAP) !== 0 || (!writes && flags !== 0)) return atOnce(ANSWERS.UNSUPP);
    if (this.#disk.readOnly && writes && length > 0) return done(ANSWERS.IOERR);
    if (writes) this.#inPieces(length, (at, count) => this.#disk.write(offset + at, new Uint8Array(count)));
    if (writes) this.#wrote();
    return done(ANSWERS.OK);
  }

  #wrote(): void {
    this.#disk.wrote?.({ stable: !this.#writeCache });
  }

  /** Moves so many bytes in pieces, or fewer if the meter of work ends the run. */
  #inPieces(length: number, move: (at: number, count: number) => void): void {
    for (let at = 0; at < length && !this.#work.over; at += COPY_CHUNK) {
      const count = Math.min(COPY_CHUNK, length - at);
      this.#work.add(WORK['kibibytes-moved'], Math.ceil(count / 1024));
      move(at, count);
    }
  }

  /** The id with its final zero, as far as it fits into 20 bytes and into the buffer. */
  #id(room: number): Uint8Array {
    const id = new Uint8Array(Math.min(this.#serial.length + 1, ID_SIZE, room));
    id.set(this.#serial.subarray(0, id.length));
    return id;
  }

  /** Byte offset of a range; undefined unless it consists of whole sectors and lies inside the disk. */
  #offset(sector: bigint, length: number): number | undefined {
    if (length % SECTOR_BYTES !== 0 || length > MAX_SECTORS * SECTOR_BYTES) return undefined;
    if (sector > BigInt(this.#sectors)) return undefined;
    const first = Number(sector);
    return length / SECTOR_BYTES > this.#sectors - first ? undefined : first * SECTOR_BYTES;
  }

  read(position: number, length: number): Uint8Array {
    return this.#disk.read(position, length);
  }

  save(): TypeState {
    return { writeCache: this.#writeCache };
  }

  restore({ writeCache }: TypeState): void {
    this.#writeCache = writeCache === true;
  }

  get capacity(): bigint {
    return BigInt(this.#sectors);
  }

  reset(): void {
    this.#writeCache = true;
  }

  /** The driver's DRIVER_OK: without CONFIG_WCE it gets a write cache by accepting FLUSH (5.2.6.2, legacy). */
  driverReady(features: bigint): void {
    if (!has(features, FEATURE.CONFIG_WCE)) this.#writeCache = has(features, FEATURE.FLUSH);
  }

  config(): Uint8Array {
    this.#config[CONFIG_WCE] = Number(this.#writeCache);
    return this.#config;
  }

  /** The driver wrote to the configuration space (`config` is all of it, with the change): only the write cache can be changed. */
  setConfig(config: Uint8Array): void {
    this.#writeCache = config[CONFIG_WCE] !== 0;
  }
}
