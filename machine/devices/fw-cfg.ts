/**
 * QEMU's fw_cfg: named files that the command line gives to firmware, and to kernels that look. A number selects an entry; its bytes are read one
 * after the other, or copied into RAM by the device (DMA). The directory is an entry, too.
 *
 * Reference: QEMU's docs/specs/fw_cfg.rst and hw/nvram/fw_cfg.c, measured. Left out: ACPI and SMBIOS tables, items that can be written, a kernel
 * compressed by gzip, which QEMU unpacks, and the access faults of a read of the selector and of narrow writes to the DMA register, which change nothing here.
 */
import type { Device, GuestMemory, Width } from '../ports.ts';
import { configNameProblem, type HandedFiles, OWN_CONFIG_FILES } from '../spec/fw-cfg.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';

export interface ConfigFile {
  /** At most 55 bytes of ASCII, e.g. opt/org.example/answer. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const KEY = {
  signature: 0x00,
  id: 0x01,
  harts: 0x05,
  kernelSize: 0x08,
  initrdSize: 0x0b,
  kernel: 0x11,
  initrd: 0x12,
  appendSize: 0x14,
  append: 0x15,
  directory: 0x19,
  firstFile: 0x20,
} as const;
/** A bit of a selected number that asks for a way to write which is gone. */
const WRITE_CHANNEL = 0x4000;

/** FW_CFG_ID: the traditional interface, and DMA. */
const FEATURES = 0b11;

const NAME_BYTES = 56;

/** By name; for boot-fail-wait it is -1: it does not wait. */
const OWN_BYTES: Readonly<Record<(typeof OWN_CONFIG_FILES)[number], readonly number[]>> = {
  'bios-geometry': [],
  bootorder: [],
  'etc/boot-fail-wait': [0xff, 0xff, 0xff, 0xff],
};

/** Bits of a DMA request's control word. */
const DMA = { error: 1, read: 2, skip: 4, select: 8, write: 16 } as const;
const DMA_REQUEST_BYTES = 16;
/** What the DMA register reads as. */
const DMA_SIGNATURE = new TextEncoder().encode('QEMU CFG');
const COPY_CHUNK = 1 << 16;

export interface FwCfgPorts {
  readonly memory: GuestMemory;
  readonly work: WorkMeter;
  readonly harts: number;
  /** A kernel, its initrd and its command line, for code that loads them itself. */
  readonly handed?: HandedFiles;
}

export class FwCfg {
  readonly data: Device;
  readonly selector: Device;
  readonly dma: Device;
  readonly #ports: FwCfgPorts;
  readonly #entries: ReadonlyMap<number, Uint8Array>;
  /** The selected entry's number; one that no entry has reads as zeroes. */
  #key = 0;
  #offset = 0;
  #addressHigh = 0;

  /** Throws a RangeError for names that cannot be (spec/fw-cfg.ts). */
  constructor(files: readonly ConfigFile[], ports: FwCfgPorts) {
    this.#ports = ports;
    const problem = configNameProblem(files.map(({ name }) => name));
    if (problem !== undefined) throw new RangeError(`fw_cfg: ${files[problem.index]!.name}: ${problem.message}`);
    const own = OWN_CONFIG_FILES.map((name): ConfigFile => ({ name, bytes: Uint8Array.from(OWN_BYTES[name]) }));
    this.#entries = entriesOf([...own, ...files], ports);
    const name = 'fw_cfg';
    this.data = {
      name,
      widths: [1, 2, 4],
      splits8: true,
      register: () => 'data',
      read: (_, width) => this.#read(width),
      write: () => {},
    };
    this.selector = {
      name,
      widths: [2],
      register: () => 'selector',
      read: () => 0,
      write: (_, value) => this.#select(((value & 0xff) << 8) | (value >> 8)),
    };
    this.dma = {
      name,
      widths: [1, 2, 4],
      splits8: true,
      quiet: () => true,
      register: () => 'DMA address',
      read: (offset, width) => littleEndian(DMA_SIGNATURE.subarray(offset, offset + width)),
      write: (offset, value, width) => {
        if (width === 4) this.#writeAddress(offset, swapped(value));
      },
    };
  }

  #select(key: number): void {
    this.#key = key & ~WRITE_CHANNEL;
    this.#offset = 0;
  }

  get #entry(): Uint8Array | undefined {
    return this.#entries.get(this.#key);
  }

  /** The next bytes, in the order of memory; zeroes after the end. */
  #read(width: Width): number {
    const bytes = this.#entry?.subarray(this.#offset, this.#offset + width) ?? new Uint8Array();
    this.#offset += bytes.length;
    return littleEndian(bytes);
  }

  /** The register is big-endian: the first word is the high one, and the second one starts the transfer. */
  #writeAddress(offset: number, value: number): void {
    if (offset === 0) this.#addressHigh = value;
    if (offset !== 4) return;
    const address = (BigInt(this.#addressHigh) << 32n) | BigInt(value);
    this.#addressHigh = 0;
    this.#transfer(address);
  }

  #transfer(address: bigint): void {
    const { memory, work } = this.#ports;
    work.add(WORK['device-set-ups']);
    const request = memory.read(address, DMA_REQUEST_BYTES);
    if (request === undefined) return;
    const fields = new DataView(request.buffer, request.byteOffset);
    const [control, length, target] = [fields.getUint32(0), fields.getUint32(4), fields.getBigUint64(8)];
    if (control & DMA.select) this.#select(control >>> 16);
    const isDone = this.#carryOut(control, length, target);
    memory.write(address, Uint8Array.of(0, 0, 0, isDone ? 0 : DMA.error));
  }

  /** False where it fails: nothing can be written, and all that is read must go to RAM. */
  #carryOut(control: number, length: number, target: bigint): boolean {
    if (control & DMA.read) return this.#copy(length, target);
    if (control & DMA.write) return length === 0;
    if (control & DMA.skip) this.#offset += Math.min(length, this.#left());
    return true;
  }

  #left(): number {
    return Math.max(0, (this.#entry?.length ?? 0) - this.#offset);
  }

  #copy(length: number, target: bigint): boolean {
    const { memory, work } = this.#ports;
    for (let done = 0; done < length && !work.over; ) {
      const piece = new Uint8Array(Math.min(COPY_CHUNK, length - done));
      const bytes = this.#entry?.subarray(this.#offset, this.#offset + piece.length) ?? new Uint8Array();
      piece.set(bytes);
      this.#offset += bytes.length;
      work.add(WORK['kibibytes-moved'], Math.ceil(piece.length / 1024));
      if (!memory.write(target + BigInt(done), piece)) return false;
      done += piece.length;
    }
    return true;
  }

  save() {
    return { key: this.#key, offset: this.#offset, addressHigh: this.#addressHigh };
  }

  restore({ key, offset, addressHigh }: ReturnType<FwCfg['save']>): void {
    this.#key = key;
    this.#offset = offset;
    this.#addressHigh = addressHigh;
  }
}

function entriesOf(files: readonly ConfigFile[], { harts, handed }: FwCfgPorts): Map<number, Uint8Array> {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map([
    [KEY.signature, new TextEncoder().encode('QEMU')],
    [KEY.id, Uint8Array.of(FEATURES, 0, 0, 0)],
    [KEY.harts, Uint8Array.of(harts, 0)],
    [KEY.directory, directory(sorted)],
    ...(handed === undefined ? [] : handedEntries(handed)),
    ...sorted.map(({ bytes }, index): [number, Uint8Array] => [KEY.firstFile + index, bytes]),
  ]);
}

/** Sizes are little-endian; the command line ends with a zero, which counts. */
function handedEntries({ kernel, initrd, append }: HandedFiles): [number, Uint8Array][] {
  const sized = (size: number, data: number, bytes: Uint8Array): [number, Uint8Array][] => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    return [
      [size, length],
      [data, bytes],
    ];
  };
  return [
    ...sized(KEY.kernelSize, KEY.kernel, kernel),
    ...(initrd === undefined ? [] : sized(KEY.initrdSize, KEY.initrd, initrd)),
    ...sized(KEY.appendSize, KEY.append, new TextEncoder().encode(`${append}\0`)),
  ];
}

/** Big-endian: how many there are, and for each its size, its number and its name. */
function directory(files: readonly ConfigFile[]): Uint8Array {
  const bytes = new Uint8Array(4 + files.length * (8 + NAME_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, files.length);
  files.forEach(({ name, bytes: { length } }, index) => {
    const at = 4 + index * (8 + NAME_BYTES);
    view.setUint32(at, length);
    view.setUint16(at + 4, KEY.firstFile + index);
    bytes.set(new TextEncoder().encode(name).subarray(0, NAME_BYTES - 1), at + 8);
  });
  return bytes;
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

const swapped = (word: number): number => (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
