/**
 * A scenario as the harness sees it once a rubric has been loaded: plain data, every default filled in. The loader makes it, the machine
 * runs it, checks look at it.
 */
import type { Fault } from '../../machine/spec/fault.ts';
import type { Extent } from './image.ts';

export interface Scenario {
  name: string;
  hidden: boolean;
  machine: MachineSetup;
  /** Text that ends the run once the console has shown it; null: only the guest, or the limit, ends it. */
  until: { console: string } | null;
  keys: KeyPress[];
  limit: Limit;
  /** Units of work (machine/work-meter.ts) that the run may cost the host besides its plain instructions. */
  work: number;
  /** Requests of all devices that are recorded; one more ends the run. */
  requests: number;
  /** Whether the run watches for races between the kernel and the device for a buffer's memory. */
  races: boolean;
  /** What devices do wrong on purpose; where several are about one request, the first holds. */
  faults: FaultSetup[];
}

/** Once the console has shown `when` (since the pair before), `type` is sent. */
export interface KeyPress {
  when: string;
  type: string;
}

/**
 * How long a run may last. `text` is what the rubric says, e.g. "10s guest". A limit in instructions is one on the guest's clock as well,
 * since each instruction takes one nanosecond (architecture.md, decision 3).
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
  /** `builtin`: an SBI, and the kernel in S mode. `none`: the kernel in M mode. */
  bios: 'builtin' | 'none';
  /** The byte that RAM holds at power-on where no file is loaded. */
  fillRam: number;
  /** The kernel's command line. */
  append: string;
  /** In the rubric's order: the first one sits on the last virtio-mmio slot, as with QEMU. */
  drives: DriveSetup[];
  /** The entropy device; null: there is none. */
  rng: RngSetup | null;
  /** Version 1 or 2 of virtio-mmio, in every slot. */
  transport: 'legacy' | 'modern';
}

/** What evidence calls the entropy device; no drive has this name where there is one. */
export const RNG_NAME = 'rng';

export interface RngSetup {
  /** 0 to 2^32 - 1. */
  seed: number;
  /** Virtio-mmio slot, 0 to 7; null: the last one that the drives leave free. */
  slot: number | null;
}

/** A drive and what its image holds before the run; `initialImage` (image.ts) makes it readable. */
export interface DriveSetup {
  name: string;
  /** Name or glob of the image below the top of what was built, each submission's own; null: `size` and `contents` say what the image is. */
  built: string | null;
  /** Bytes, a multiple of 512; 0 where the image is built. */
  size: number;
  /** Sorted, without overlaps; zeroes elsewhere. */
  contents: Extent[];
  /** Virtio-mmio slot, 0 to 7; null: the last free one. */
  slot: number | null;
  readonly: boolean;
  /** false: its slot is empty. */
  present: boolean;
}

/** Names or globs of the images that come out of builds, each once. */
export function builtImages(scenarios: readonly Pick<Scenario, 'machine'>[]): string[] {
  const built = scenarios.flatMap(({ machine }) => machine.drives.flatMap((drive) => drive.built ?? []));
  return [...new Set(built)].sort();
}

/** A fault of the `nth` request (from 1) of a type; null: of any type. */
export interface FaultSetup {
  drive: string;
  type: number | null;
  nth: number;
  fault: Fault;
}
