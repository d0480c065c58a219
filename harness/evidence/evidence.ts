/**
 * Evidence: what one run of one scenario produced, as plain JSON. The waist of the design: runs only write it, checks and
 * reports only read it. Imports nothing but its own parts. No clock reading of the host, no date, no path of the host is ever in it.
 *
 * 64-bit guest values are strings ("0x80a31010" for addresses, decimal for sectors): JSON numbers are doubles.
 */

import type { ExceptionEvidence, Explanations, LoopEvidence } from './explanation.ts';
import type { FindingEvidence } from './finding.ts';

export const EVIDENCE_SCHEMA = 'bootgrade/evidence/v1';

/** Why the machine stopped (docs/architecture.md, "Words"). */
export type Stop =
  | { reason: 'until'; console: string }
  | { reason: 'poweroff' }
  | { reason: 'reset' }
  | { reason: 'exit'; code: number }
  | { reason: 'idle' }
  | { reason: 'waiting-for-input' }
  | { reason: 'hang' }
  | { reason: 'limit'; limit: string }
  | { reason: 'trap-loop' }
  /** The host's guard: the grader's fault, so the run is `errored`. */
  | { reason: 'host-limit'; limit: string }
  /** The process that ran it died: the grader's fault as well. */
  | { reason: 'worker-died'; message: string }
  /** This computer could not read what was handed in: the grader's fault as well. */
  | { reason: 'host-fault'; message: string }
  /** What was handed in cannot boot (no kernel file, no RISC-V ELF …): the student's fault, so the submission fails. */
  | { reason: 'not-bootable'; message: string };

export type StopReason = Stop['reason'];

export type Role = 'header' | 'data' | 'status';

export interface DescriptorEvidence {
  index: number;
  indirect: boolean;
  address: string;
  length: number;
  flags: number;
  next: number;
  deviceWritable: boolean;
}

/** A stretch of a chain that plays one role: by byte position, whatever the flags say. */
export interface RoleEvidence {
  role: Role;
  /** Position of the descriptor in `descriptors` (not its index in the table). */
  descriptor: number;
  address: string;
  length: number;
  deviceWritable: boolean;
}

export interface RequestEvidence {
  /** 1 for the drive's first request. */
  number: number;
  drive: string;
  queue: number;
  head: number;
  /** Physical addresses of the available ring's entry with the head, and of the table that holds the descriptors. */
  ringEntry: string;
  table: string;
  /** Guest time of the notify in nanoseconds. */
  time: number;
  /** Instructions retired at the notify. */
  instructions: number;
  /** Bytes (UTF-8) of console output before the notify. */
  consoleBytes: number;
  descriptors: DescriptorEvidence[];
  roles: RoleEvidence[];
  /** Raw type of the header; null where the chain holds no whole header. */
  type: number | null;
  /** Decimal. */
  sector: string | null;
  /** Hex of the data's first bytes (at most 4096), by position. */
  data: string;
  dataLength: number;
  /** null while in flight or never completed. */
  completion: { time: number; status: number | null; usedLength: number } | null;
  /** Why the chain was malformed; null for a well-formed one. */
  problem: string | null;
  /** What the rubric had the device do wrong with it; null: nothing. */
  fault: FaultEvidence | null;
}

/** `late` is beyond the usual; `bytes` is how many of the data's first ones were replaced, at most. */
export type FaultEvidence =
  | { kind: 'answer'; answer: 'IOERR' | 'UNSUPP' }
  | { kind: 'late'; nanoseconds: number }
  | { kind: 'after-next' }
  | { kind: 'interrupt-lost' }
  | { kind: 'data'; bytes: number };

export interface DeviceEvidence {
  drive: string;
  /** Values written to the Status register, in order (first 256). */
  statusWrites: number[];
  /** Hex. */
  deviceFeatures: string;
  driverFeatures: string;
  queueSize: number;
  notifies: number;
  interruptsRaised: number;
  interruptsAcknowledged: number;
  broken: string | null;
  /** Chains in the available ring that no notify has announced when the machine stopped. */
  unnotified: number;
  /** Races that are not among the findings, as there are too many: one for each instruction and request, the first ones counted. */
  racesLeftOut: number;
}

export interface ImageEvidence {
  drive: string;
  size: number;
  /** SHA-256 of what the image held before the run, computed over `size` and the non-zero sectors (vocabulary/image.ts says how). */
  initialSha256: string;
  /** Sectors (512 bytes) whose final bytes differ from the initial ones: sector number (decimal) to hex, without the zeroes at its end. */
  changed: Record<string, string>;
}

/** What it takes to find the calls that the kernel was in. */
export interface HartEvidence {
  /** x0…x31, hex. */
  registers: string[];
  /** The stack from sp on, at most 16 KiB: base64. */
  stack: string;
}

export interface Evidence {
  schema: typeof EVIDENCE_SCHEMA;
  tool: string;
  scenario: string;
  /** The scenario as it was run: the SHA-256 of each part that decides what happens (rubric/setup.ts names them). */
  setup: Record<string, string>;
  /** SHA-256 of the kernel file that was booted; null where there was none. */
  kernelSha256: string | null;
  stop: Stop;
  /** Instructions retired, and guest time in nanoseconds, when the machine stopped. */
  instructions: number;
  time: number;
  /** What the run cost the host besides its plain instructions: units, and how many things of each kind (docs/rubric.md, "work"). */
  work: { units: number; counts: Record<string, number> };
  /** Program counter at the stop (hex); null where nothing ran. */
  pc: string | null;
  /** The hart when the machine stopped, where the kernel came to no end of its own: the limit, idle, waiting for input. */
  hart: HartEvidence | null;
  /** The loop that it was in, after a hang or at a limit. */
  loop: LoopEvidence | null;
  /** The last exception, where nothing came of it but this stop. */
  exception: ExceptionEvidence | null;
  /** What the guest wrote to its console, base64 (any bytes). */
  console: string;
  requests: RequestEvidence[];
  devices: DeviceEvidence[];
  /** In the order of their first time. */
  findings: FindingEvidence[];
  images: ImageEvidence[];
  /** What running again found out; null where that was not asked for, or nothing was to be explained. */
  explanations: Explanations | null;
}
