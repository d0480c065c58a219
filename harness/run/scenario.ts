/**
 * Boots one kernel in one scenario and writes down what happened: evidence.
 *
 * Every scenario is a fresh machine over a clean image. The run ends by the rubric's `until`, by the guest, by the rubric's
 * limit, or by one of the bounds below. All of those are counted in what the guest did, so that evidence is the same on any
 * host; the host's own guard is looked at between slices of guest time and makes the run `errored`, never failed.
 */
import { type DriveOptions, GuestFileError, type Machine, type MachineOptions } from '../../machine/index.ts';
import {
  type DeviceEvidence,
  EVIDENCE_SCHEMA,
  type Evidence,
  type ImageEvidence,
  type RequestEvidence,
  type Stop,
} from '../evidence/evidence.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import type { InitialImage } from '../rubric/image.ts';
import { setupOf } from '../rubric/setup.ts';
import type { DriveSetup, Scenario } from '../rubric/types.ts';
import { CONSOLE_BYTES, ConsoleLog } from './console-log.ts';
import { Dialogue } from './dialogue.ts';
import { exceptionEvidence } from './exception-evidence.ts';
import { loopEvidence } from './loop-evidence.ts';
import { OverlayDisk } from './overlay-disk.ts';
import { requestEvidence } from './request-evidence.ts';

/** What a run needs from outside. */
export interface Host {
  readonly createMachine: (options: MachineOptions) => Machine;
  /** Processor seconds that this process has used, from any origin: another process's load does not count. */
  readonly seconds: () => number;
  /** Processor seconds after which a run is given up; a scenario with a long limit has more (`guardOf`). */
  readonly guard: number;
  /** Called many times a second while a machine runs, so that whoever watches over this process sees that it is not stuck. */
  readonly beat: () => void;
  /** E.g. "bootgrade 0.1.0". */
  readonly tool: string;
}

/** The kernel's bytes, or why there are none. */
export type KernelInput = { readonly bytes: Uint8Array; readonly sha256: string } | { readonly problem: string };

/** Guest nanoseconds between two looks at the bounds and at the host's guard. */
const SLICE = 10_000_000;

/** Bytes of changed sectors that evidence holds. */
export const CHANGED_BYTES = 128 * 1024 * 1024;

/** A guest's console: what it wrote, and what is typed at it. */
interface GuestConsole {
  readonly written: ConsoleLog;
  readonly dialogue: Dialogue;
}

interface Drive {
  readonly name: string;
  readonly disk: OverlayDisk;
  readonly initialSha256: string;
}

/**
 * Runs the scenario to its end. `images`: what each drive holds before. Throws only for a bug of ours: whatever the kernel is or does
 * is in the evidence.
 */
export function runScenario(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, kernel: KernelInput, host: Host): Evidence {
  const { drives, guest, machine } = powerOn(scenario, images, kernel, host);
  const stop: Stop =
    typeof machine === 'string' ? { reason: 'not-bootable', message: machine } : drive(machine, scenario, drives, guest, host);
  if (typeof machine !== 'string') machine.settle();
  const evidence: Evidence = {
    schema: EVIDENCE_SCHEMA,
    tool: host.tool,
    scenario: scenario.name,
    setup: setupOf(scenario, images),
    kernelSha256: 'problem' in kernel ? null : kernel.sha256,
    stop,
    ...(typeof machine === 'string' ? NOTHING_RAN : counters(machine)),
    console: guest.written.base64(),
    requests: typeof machine === 'string' ? [] : requests(machine, drives),
    devices: typeof machine === 'string' ? [] : drives.map(({ name }, index) => device(machine, name, index)),
    findings: typeof machine === 'string' ? [] : findings(machine, drives),
    images: drives.map(image),
    loop: null,
    exception: typeof machine === 'string' ? null : exceptionEvidence(machine, stop),
    explanations: null,
  };
  if (typeof machine === 'string' || (stop.reason !== 'hang' && stop.reason !== 'limit')) return evidence;
  // Last of all: it lets the machine run on.
  const names = drives.map(({ name }) => name);
  return { ...evidence, loop: loopEvidence(machine, names, evidence.requests) };
}

/** A machine that is about to run a scenario, or why its kernel cannot be booted. */
export interface PoweredOn {
  readonly drives: Drive[];
  readonly guest: GuestConsole;
  readonly machine: Machine | string;
}

export function powerOn(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, kernel: KernelInput, host: Host): PoweredOn {
  const drives = scenario.machine.drives.map(({ name, readonly }): Drive => {
    const image = images.get(name)!;
    return { name, disk: new OverlayDisk(image, readonly), initialSha256: image.sha256 };
  });
  const guest: GuestConsole = { written: new ConsoleLog(), dialogue: dialogueOf(scenario) };
  const machine = 'problem' in kernel ? kernel.problem : boot(scenario, kernel.bytes, drives, guest, host);
  return { drives, guest, machine };
}

function dialogueOf({ until, keys }: Scenario): Dialogue {
  const encoder = new TextEncoder();
  return new Dialogue(
    until?.console,
    keys.map(({ when, type }) => ({ when, type: encoder.encode(type) })),
  );
}

/** The machine, ready to run; or why the kernel cannot be booted. */
function boot(scenario: Scenario, kernel: Uint8Array, drives: Drive[], guest: GuestConsole, host: Host): Machine | string {
  const { cpu, memory, append, transport } = scenario.machine;
  try {
    const machine: Machine = host.createMachine({
      cpu,
      memory,
      drives: scenario.machine.drives.map((setup, index) => driveOptions(setup, drives[index]!, scenario)),
      modernVirtio: transport === 'modern',
      kernel,
      bios: 'builtin',
      append,
      races: scenario.races,
      onConsole: (byte) => {
        if (!guest.written.push(byte) || guest.dialogue.push(byte)) machine.pause();
      },
      live: false,
    });
    return machine;
  } catch (error) {
    if (error instanceof GuestFileError) return error.message;
    throw error;
  }
}

function driveOptions({ name, slot, present }: DriveSetup, { disk }: Drive, { faults }: Scenario): DriveOptions {
  return {
    ...{ disk, serial: name.slice(0, 20), slot: slot ?? undefined, present },
    faults: faults.filter(({ drive }) => drive === name).map(({ type, nth, fault }) => ({ type: type ?? undefined, nth, fault })),
  };
}

/** One instruction takes one nanosecond of guest time, so a limit in instructions is one on the clock (architecture, decision 3). */
function limitInNanoseconds({ limit }: Scenario): number {
  return 'nanoseconds' in limit ? limit.nanoseconds : limit.instructions;
}

/** Processor seconds for each second of guest time, at least: ten times what plain code takes. A correct run that is long is not given up. */
const GUARD_PER_GUEST_SECOND = 4;

/** Processor seconds after which a run of the scenario is given up. */
export function guardOf(scenario: Scenario, { guard }: Pick<Host, 'guard'>): number {
  return Math.max(guard, (GUARD_PER_GUEST_SECOND * limitInNanoseconds(scenario)) / 1e9);
}

/** Runs slice by slice until something ends the run. */
function drive(machine: Machine, scenario: Scenario, drives: readonly Drive[], guest: GuestConsole, host: Host): Stop {
  const end = limitInNanoseconds(scenario);
  const guard = guardOf(scenario, host);
  const deadline = host.seconds() + guard;
  for (;;) {
    host.beat();
    const result = machine.run(Math.min(end, (Math.floor(machine.now() / SLICE) + 1) * SLICE));
    if (guest.dialogue.reached !== undefined) return { reason: 'until', console: guest.dialogue.reached };
    const exceeded = boundExceeded(machine, drives, guest);
    if (exceeded !== undefined) return { reason: 'limit', limit: exceeded };
    if (result.reason === 'paused') for (const keys of guest.dialogue.takeKeys()) machine.type(keys);
    else if (result.reason !== 'time') return result;
    if (machine.now() >= end) return { reason: 'limit', limit: scenario.limit.text };
    if (host.seconds() > deadline) {
      return { reason: 'host-limit', limit: `${guard} seconds of processor time for the run of scenario ${scenario.name}` };
    }
  }
}

/** What the guest has used up, in words; undefined while it has not. */
function boundExceeded(machine: Machine, drives: readonly Drive[], guest: GuestConsole): string | undefined {
  if (guest.written.full) return `${CONSOLE_BYTES / 2 ** 20} MiB of console output`;
  const overrun = machine.traces.find(({ requestsUntraced }) => requestsUntraced > 0);
  if (overrun) return `${overrun.requests.length} disk requests`;
  if (drives.reduce((sum, { disk }) => sum + disk.held, 0) > CHANGED_BYTES) return `${CHANGED_BYTES / 2 ** 20} MiB written to disks`;
  return undefined;
}

const NOTHING_RAN = { instructions: 0, time: 0, pc: null };

/** Instructions stay below the clock's nanoseconds, and those below 2^53. */
function counters(machine: Machine): Pick<Evidence, 'instructions' | 'time' | 'pc'> {
  return { instructions: Number(machine.instructions()), time: machine.now(), pc: hex(machine.pc()) };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** All drives' requests in the order of their notifies. */
function requests(machine: Machine, drives: readonly Drive[]): RequestEvidence[] {
  return machine.traces
    .flatMap((trace, index) => trace.requests.map((request) => requestEvidence(drives[index]!.name, request, request.data.length)))
    .sort((a, b) => a.time - b.time);
}

/** All drives' findings in the order of their first time. */
function findings(machine: Machine, drives: readonly Drive[]): FindingEvidence[] {
  return machine.traces
    .flatMap((trace, index) =>
      trace.findings.map(
        ({ rule, section, severity, request, time, instructions, pc, count, message }): FindingEvidence => ({
          ...{ rule, section, severity, drive: drives[index]!.name, request: request ?? null },
          ...{ time, instructions: Number(instructions), pc: pc === undefined ? null : hex(pc), count, message },
        }),
      ),
    )
    .sort((a, b) => a.time - b.time);
}

function device(machine: Machine, drive: string, index: number): DeviceEvidence {
  const trace = machine.traces[index]!;
  return {
    drive,
    statusWrites: [...trace.statusWrites],
    deviceFeatures: hex(trace.deviceFeatures),
    driverFeatures: hex(trace.driverFeatures),
    queueSize: trace.queueSize,
    notifies: trace.notifies,
    interruptsRaised: trace.interruptsRaised,
    interruptsAcknowledged: trace.interruptsAcknowledged,
    broken: trace.broken ?? null,
    unnotified: machine.unnotified(index),
  };
}

/** Beyond the bound (such a run has stopped at it) the first sectors are kept. */
function image({ name, disk, initialSha256 }: Drive): ImageEvidence {
  const changed: Record<string, string> = {};
  let kept = 0;
  for (const { sector, bytes } of disk.changed()) {
    kept += bytes.length;
    if (kept > CHANGED_BYTES) break;
    changed[String(sector)] = Buffer.from(bytes).toString('hex');
  }
  return { drive: name, size: disk.size, initialSha256, changed };
}
