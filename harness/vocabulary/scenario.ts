/**
 * A scenario as the harness sees it once a rubric has been loaded: plain data, every default filled in. The loader makes it, the machine
 * runs it, checks look at it.
 */
import type { Fault } from '../../machine/spec/fault.ts';
import type { FactAsks } from './facts.ts';
import { type Extent, wholeFile } from './image.ts';
import type { RequestInterest } from './request-interest.ts';
import type { Schedule } from './schedule.ts';

export interface Scenario {
  name: string;
  hidden: boolean;
  machine: MachineSetup;
  /** What ends the run, whichever comes first; null: only the guest, or the limit, ends it. */
  until: Endings | null;
  keys: KeyPress[];
  limit: Limit;
  /** Units of work (machine/work-meter.ts) that the run may cost the host besides its plain instructions. */
  work: number;
  /** What checks ask of requests: the run keeps those whole, or counts them. */
  interests: RequestInterest[];
  /** Whether the run watches for races between the kernel and the device for a buffer's memory. */
  races: boolean;
  /** The scenario, before this one, at whose end its drives held what this one's begin with; null: they hold what `drives` says. */
  diskFrom: string | null;
  /** It is run once for each of several moments at which the power may have gone off in the run of `diskFrom`; null: once, with the disk at its end. */
  cuts: CutSchedule | null;
  /** It is run under these schedules as well; null: only without one. */
  schedules: ScheduleDraw | null;
  /** When harts are preempted in this run, and which stores are delayed. */
  schedule: Schedule;
  /** What devices do wrong on purpose; where several are about one request, the first holds. */
  faults: FaultSetup[];
  /** What its checks ask about the inside of the kernel, which the run records for them. */
  facts: FactAsks;
}

/** Texts on the console, regular expressions that a line matches once it has ended, and functions of the kernel that are called. */
export interface Endings {
  console: readonly string[];
  matches: readonly string[];
  reaches: readonly string[];
}

export interface CutSchedule {
  readonly runs: number;
  readonly seed: number;
  /** The only one of them that is tried, from 1; null: all of them. */
  readonly only: number | null;
  /** Writes are kept in their order, as if the driver had no write cache. */
  readonly inOrder: boolean;
}

export interface ScheduleDraw {
  readonly runs: number;
  readonly seed: number;
  /** Every second one delays stores. */
  readonly delaysStores: boolean;
  /** The only one that is tried; null: those that the seed draws. */
  readonly only: Schedule | null;
}

/**
 * Once the console has shown `when` (since the pair before; null: at once), and so many nanoseconds of guest time have passed since, `type` is sent.
 * The time of a pair without `when` begins at the pair before, or at power-on.
 */
export interface KeyPress {
  when: string | null;
  after: number;
  type: string;
}

/**
 * How long a run may last. `text` is what the rubric says, e.g. "10s guest". A limit in instructions is one on the guest's clock as well,
 * since each instruction takes the same time (`clock` of the machine).
 */
export interface Limit {
  text: string;
  /** Of guest time. */
  nanoseconds: number;
}

export interface MachineSetup {
  /** QEMU's `-cpu`. */
  cpu: string;
  /** Bytes. */
  memory: number;
  /** `builtin`: an SBI, and the kernel in S mode. `none`: the kernel in M mode. A file: a firmware, in M mode. */
  bios: 'builtin' | 'none' | CourseFile;
  /** The initial RAM disk; null: there is none. */
  initrd: CourseFile | null;
  /** What is loaded into RAM besides: QEMU's `-device loader`. */
  loader: LoaderSetup[];
  /** How many harts: QEMU's `-smp`. */
  harts: number;
  /** Guest nanoseconds that each instruction takes. */
  clock: number;
  /** The byte that RAM holds at power-on where no file is loaded. */
  fillRam: number;
  /** The kernel's command line. */
  append: string;
  /** In the rubric's order: the first one sits on the last virtio-mmio slot, as with QEMU. */
  drives: DriveSetup[];
  /** The entropy device; null: there is none. */
  rng: RngSetup | null;
  /** A network device whose link is down; null: there is none. */
  network: NetworkSetup | null;
  /** The files of fw_cfg; null: the machine does not have that device. */
  fwCfg: ConfigSetup[] | null;
  /** What the units of flash memory hold; null: the machine has none. */
  flash: (FlashSetup | null)[] | null;
  /** Version 1 or 2 of virtio-mmio, in every slot. */
  transport: 'legacy' | 'modern';
}

/** A file of the course: its name does not matter for a run. */
export interface CourseFile {
  bytes: Uint8Array;
  sha256: string;
}

export interface LoaderSetup extends CourseFile {
  /** The physical address; null: the file is ELF, which says where it belongs. */
  at: number | null;
}

/** A unit of flash memory: what it holds at power-on, and whether it can be programmed and erased. */
export interface FlashSetup extends CourseFile {
  writable: boolean;
}

/** What evidence calls a unit of flash memory that can be written; no drive has this name beside it. */
export const flashName = (unit: number): string => `flash${unit}`;

/** Something of a machine whose bytes may change, which evidence has an image of. */
export type Medium = Pick<DriveSetup, 'name' | 'own' | 'size' | 'contents'>;

/** Units of flash memory that can be written. */
export function writableFlash({ flash }: Pick<MachineSetup, 'flash'>): (Medium & { unit: number })[] {
  return (flash ?? []).flatMap((file, unit) =>
    file?.writable ? [{ unit, name: flashName(unit), own: null, ...wholeFile(file.bytes) }] : [],
  );
}

/** The drives, and after them such flash memory. */
export function mediaOf(machine: Pick<MachineSetup, 'drives' | 'flash'>): Medium[] {
  return [...machine.drives, ...writableFlash(machine)];
}

/** What evidence calls the entropy device; no drive has this name where there is one. */
export const RNG_NAME = 'rng';

export interface RngSetup {
  /** 0 to 2^32 - 1. */
  seed: number;
  /** Virtio-mmio slot, 0 to 7; null: the last one that the drives leave free. */
  slot: number | null;
}

export interface ConfigSetup extends CourseFile {
  /** E.g. opt/org.example/answer. */
  name: string;
}

export interface NetworkSetup {
  /** The device's address (mac.ts). */
  mac: string;
  /** Virtio-mmio slot, 0 to 7; null: the last one that the other devices leave free. */
  slot: number | null;
}

/** A drive and what its image holds before the run; `initialImage` (image.ts) makes it readable. */
export interface DriveSetup {
  name: string;
  /** Each submission has an image of its own; null: `size` and `contents` say what the image is. */
  own: OwnImage | null;
  /** Bytes, a multiple of 512; 0 where each submission has its own image. */
  size: number;
  /** Sorted, without overlaps; zeroes elsewhere. */
  contents: Extent[];
  /** Virtio-mmio slot, 0 to 7; null: the last free one. */
  slot: number | null;
  /** What the device answers to GET_ID; null: the drive's name. */
  serial: string | null;
  readonly: boolean;
  /** false: its slot is empty. */
  present: boolean;
}

/** Where an image comes from that each submission has for itself: its build made it, or it was handed in as it is. */
export const IMAGE_SOURCES = ['built', 'submitted'] as const;
export type ImageSource = (typeof IMAGE_SOURCES)[number];

export interface OwnImage {
  source: ImageSource;
  /** Name or glob: of one that is built, below the top of what was built; else in what was handed in. */
  pattern: string;
}

/** By this the image of a submission is known. */
export function ownImageKey({ source, pattern }: OwnImage): string {
  return `${source} ${pattern}`;
}

/** The images that drives take from each submission, each once. */
export function ownImages(scenarios: readonly Pick<Scenario, 'machine'>[]): OwnImage[] {
  const all = scenarios.flatMap(({ machine }) => machine.drives.flatMap(({ own }) => own ?? []));
  const byKey = new Map(all.map((own) => [ownImageKey(own), own]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, own]) => own);
}

/** A fault of the `nth` request (from 1) of a type; null: of any type. */
export interface FaultSetup {
  drive: string;
  type: number | null;
  nth: number;
  fault: Fault;
}
