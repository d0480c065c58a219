/**
 * A rubric as the rest of the harness sees it: plain data, every default filled in, `extends` resolved, units converted.
 * What a person writes is schema.ts; loader.ts turns the one into the other.
 */
import type { Fault } from '../../machine/spec/fault.ts';
import type { CheckSpec } from '../checks/index.ts';
import type { Expectations } from './expectations.ts';
import type { Extent } from './image.ts';

export interface Rubric {
  title: string;
  /** SHA-256 of the rubric's text (UTF-8). */
  sha256: string;
  submission: {
    /** File names or globs below the submission's folder, in order of preference. */
    kernel: string[];
  };
  /** In the rubric's order; never empty. */
  scenarios: Scenario[];
  checks: Check[];
  /** What the rubric's author expects of certain submissions; null where the rubric says nothing. */
  expect: Expectations | null;
}

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

/** `text` is what the rubric says, e.g. "10s guest". */
export type Limit = { text: string } & ({ nanoseconds: number } | { instructions: number });

export interface MachineSetup {
  /** QEMU's `-cpu`. */
  cpu: string;
  /** Bytes. */
  memory: number;
  /** The kernel's command line. */
  append: string;
  /** In the rubric's order: the first one sits on the last virtio-mmio slot, as with QEMU. */
  drives: DriveSetup[];
  /** Version 1 or 2 of virtio-mmio, in every slot. */
  transport: 'legacy' | 'modern';
}

/** A drive and what its image holds before the run; `initialImage` (image.ts) makes it readable. */
export interface DriveSetup {
  name: string;
  /** Bytes, a multiple of 512. */
  size: number;
  /** Sorted, without overlaps; zeroes elsewhere. */
  contents: Extent[];
  /** Virtio-mmio slot, 0 to 7; null: the last free one. */
  slot: number | null;
  readonly: boolean;
  /** false: its slot is empty. */
  present: boolean;
}

/** A fault of the `nth` request (from 1) of a type; null: of any type. */
export interface FaultSetup {
  drive: string;
  type: number | null;
  nth: number;
  fault: Fault;
}

export type Check = {
  id: string;
  /** Empty where the rubric gives none. */
  title: string;
  points: number;
  /** Ids of the checks that must pass before this one counts. */
  needs: string[];
  scenario: string;
  hidden: boolean;
  /** By the attempt from which on a student sees them, ascending. */
  hints: Hint[];
} & CheckSpec;

/** Whether students are not to see the check: by its own visibility, or its scenario's. */
export function isHidden(check: Check, { scenarios }: Rubric): boolean {
  return check.hidden || scenarios.some(({ name, hidden }) => hidden && name === check.scenario);
}

export interface Hint {
  /** 1 for a student's first attempt. */
  fromAttempt: number;
  text: string;
}
