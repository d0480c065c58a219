/**
 * Boots one kernel in one scenario and writes down what happened: evidence.
 *
 * Every scenario is a fresh machine over a clean image, or goes on from the boot of one that boots alike (shared-boot.ts). The run ends by the rubric's `until`, by the guest, by the rubric's
 * limit, or by one of the bounds below. All of those are counted in what the guest did, so that evidence is the same on any
 * host; the host's own guard is looked at between slices of guest time and makes the run `errored`, never failed.
 */
import { type DeviceView, type DriveOptions, GuestFileError, type Machine, type RunResult, type Snapshot } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import {
  type DeviceEvidence,
  EVIDENCE_SCHEMA,
  type Evidence,
  type ImageEvidence,
  type RequestEvidence,
  type Stop,
  type StopReason,
} from '../evidence/evidence.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import { sectorToHex } from '../evidence/sector-bytes.ts';
import { EXCEPTIONS_IN_A_ROW, INTERRUPTS_IN_A_ROW } from '../evidence/stop.ts';
import { setupOf } from '../rubric/setup.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import { type DriveSetup, RNG_NAME, type Scenario } from '../vocabulary/scenario.ts';
import { CONSOLE_BYTES, ConsoleLog } from './console-log.ts';
import { Dialogue } from './dialogue.ts';
import { exceptionEvidence } from './exception-evidence.ts';
import { hartEvidence } from './hart-snapshot.ts';
import type { Host } from './host.ts';
import { HostGuard } from './host-guard.ts';
import { interruptEvidence, timeWait } from './interrupt-evidence.ts';
import { waitingEvidence } from './loop-evidence.ts';
import { CurrentDisk, OverlayDisk } from './overlay-disk.ts';
import { queueEvidence } from './queue-evidence.ts';
import { refusedCall } from './refused-call.ts';
import { requestEvidence } from './request-evidence.ts';
import { workInWords } from './work-in-words.ts';

/** The kernel's bytes, or why there are none. `debug`: the file with its debug information, which is not booted; left out: the kernel itself. */
export type KernelInput =
  | { readonly bytes: Uint8Array; readonly sha256: string; readonly debug?: Uint8Array }
  | { readonly problem: string };

/** Guest nanoseconds between two looks at the bounds and at the host's guard. */
const SLICE = 10_000_000;

/** When the meter of work has ended a run, so many more units are allowed, to find the loop that the kernel is in. */
const WORK_TO_EXPLAIN = 200_000_000;

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
 * Runs the scenario to its end. `images`: what each drive holds before. Throws only for a bug of bootgrade: whatever the kernel is or does
 * is in the evidence.
 */
export function runScenario(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, kernel: KernelInput, host: Host): Evidence {
  const run = new ScenarioRun(scenario, images, kernel, host);
  const evidence = run.toItsEnd();
  run.release();
  return evidence;
}

/** A run at one moment: the machine, the bytes of its disks, what the console has shown, and what is to be typed. */
export interface RunSnapshot {
  readonly machine: Snapshot;
  readonly disks: readonly ReturnType<OverlayDisk['save']>[];
  readonly written: ReturnType<ConsoleLog['save']>;
  readonly dialogue: ReturnType<Dialogue['save']>;
}

/** A run that can be stopped on its way, gone back to, and gone on with. */
export class ScenarioRun {
  #scenario: Scenario;
  #images: ReadonlyMap<string, InitialImage>;
  readonly #kernel: KernelInput;
  readonly #host: Host;
  readonly #power: PoweredOn;
  #stop: Stop | undefined;
  #beforeRequests: RunSnapshot | undefined;

  /** `branches`: whether the moment before the first request is kept, for `branch`. */
  constructor(
    scenario: Scenario,
    images: ReadonlyMap<string, InitialImage>,
    kernel: KernelInput,
    host: Host,
    { branches = false }: { readonly branches?: boolean } = {},
  ) {
    this.#scenario = scenario;
    this.#images = images;
    this.#kernel = kernel;
    this.#host = host;
    const keep = () => {
      if (this.#isSmall) this.#beforeRequests = this.#snapshotWith(this.#machine.keepMoment());
    };
    this.#power = powerOn(scenario, images, kernel, host, branches ? keep : undefined);
    const { machine } = this.#power;
    if ('problem' in machine) this.#stop = { reason: 'not-bootable', message: machine.problem };
  }

  /** Gives the machine's memory to the next one. Nothing can be done with this run afterwards. */
  release(): void {
    const { machine } = this.#power;
    if (!('problem' in machine)) machine.release();
  }

  toItsEnd(): Evidence {
    this.to(Number.POSITIVE_INFINITY);
    return this.finish();
  }

  /** Whether the moment for `branch` was kept, and the machine is small enough for others to be made beside it. */
  get mayBranch(): boolean {
    return this.#beforeRequests !== undefined && this.#isSmall;
  }

  get #isSmall(): boolean {
    return this.#machine.debug.countStored() <= MOST_KEPT_PAGES;
  }

  /**
   * Once this run is finished: becomes the run of a different scenario, and goes on with it from the moment before the first request. The
   * scenarios boot alike (shared-boot.ts). False, and nothing is changed, where that moment was not kept, or the other scenario would have
   * typed something or ended before.
   */
  branch(scenario: Scenario, images: ReadonlyMap<string, InitialImage>): boolean {
    const moment = this.#beforeRequests;
    const dialogue = moment && dialogueAt(moment, this.#scenario, scenario);
    if (dialogue === undefined) return false;
    this.#scenario = scenario;
    this.#images = images;
    Object.assign(this.#power, beside(scenario, images, this.#host, this.#power));
    this.restore({ ...moment!, disks: this.#power.drives.map(({ disk }) => disk.save()), dialogue });
    this.#machine.planFaults(scenario.machine.drives.map(({ name }) => faultsOf(name, scenario)));
    return true;
  }

  /** Runs to a guest time in nanoseconds, or to its end. False once it is over. */
  to(time: number): boolean {
    const { machine, drives, guest, guard } = this.#power;
    if (!('problem' in machine)) this.#stop ??= runTo(machine, this.#scenario, drives, guest, guard, time);
    return this.#stop === undefined;
  }

  /** Of a run that is not over. A stop at another moment than the run's own may change its `work` (machine/index.ts, Machine.snapshot). */
  snapshot(): RunSnapshot {
    return this.#snapshotWith(this.#machine.snapshot());
  }

  #snapshotWith(machine: Snapshot): RunSnapshot {
    const { drives, guest } = this.#power;
    return {
      machine,
      disks: drives.map(({ disk }) => disk.save()),
      written: guest.written.save(),
      dialogue: guest.dialogue.save(),
    };
  }

  /** Goes back to a moment of this run, or of another one of the same scenario and kernel. Not after `finish`. */
  restore({ machine, disks, written, dialogue }: RunSnapshot): void {
    const { drives, guest } = this.#power;
    this.#machine.restore(machine);
    drives.forEach(({ disk }, index) => {
      disk.restore(disks[index]!);
    });
    guest.written.restore(written);
    guest.dialogue.restore(dialogue);
    this.#stop = undefined;
  }

  get #machine(): Machine {
    const { machine } = this.#power;
    if ('problem' in machine) throw new Error(`there is no machine: ${machine.problem}`);
    return machine;
  }

  /** Instead of `finish`: how it ended and what its drivers did wrong. The requests of a long run take much memory as evidence. */
  finishFindings(): Pick<Evidence, 'stop' | 'findings'> {
    const { machine } = this.#power;
    if (!('problem' in machine)) machine.settle();
    return { stop: this.#ended(), findings: 'problem' in machine ? [] : findings(machine, this.#names()) };
  }

  #ended(): Stop {
    if (this.#stop === undefined) throw new Error('the run is not over');
    return this.#stop;
  }

  /** Of the devices, as the rubric has them. */
  #names(): string[] {
    const names = this.#power.drives.map(({ name }) => name);
    return this.#scenario.machine.rng === null ? names : [...names, RNG_NAME];
  }

  /** What it left, once it is over. Nothing can be done with it afterwards. */
  finish(): Evidence {
    const { drives, guest, machine } = this.#power;
    const [scenario, images, kernel, stop] = [this.#scenario, this.#images, this.#kernel, this.#ended()];
    const names = this.#names();
    const interrupts = 'problem' in machine ? null : interruptEvidence(machine, names, stop.reason);
    const refused = 'problem' in machine ? undefined : refusedCall(machine, stop.reason);
    if (!('problem' in machine)) machine.settle();
    const evidence: Evidence = {
      schema: EVIDENCE_SCHEMA,
      tool: this.#host.tool,
      scenario: scenario.name,
      setup: setupOf(scenario, images),
      kernelSha256: 'problem' in kernel ? null : kernel.sha256,
      stop,
      ...('problem' in machine ? NOTHING_RAN : counters(machine)),
      ...(refused === undefined ? {} : { refusedCall: refused }),
      console: guest.written.base64(),
      requests: 'problem' in machine ? [] : requests(machine, names),
      devices: 'problem' in machine ? [] : machine.devices.map((view, index) => device(machine, view, names[index]!, stop.reason)),
      emptySlots: 'problem' in machine ? [] : machine.emptySlotsAccessed().map(hex),
      findings: 'problem' in machine ? [] : findings(machine, names),
      images: drives.map(image),
      hart: 'problem' in machine ? null : hartEvidence(machine, stop.reason),
      loop: null,
      exception: 'problem' in machine ? null : exceptionEvidence(machine, stop),
      interrupts: interrupts === null ? null : { ...interrupts, ahead: null, timeWait: null },
      explanations: null,
    };
    if ('problem' in machine || !MAY_LOOP.has(stop.reason)) return evidence;
    // Last of all: it lets the machine run on.
    machine.allowWork(WORK_TO_EXPLAIN);
    const { loop, ahead } = waitingEvidence(machine, names, evidence.requests);
    const waits = loop === null && ahead === null && stop.reason !== 'idle' ? timeWait(machine) : null;
    return { ...evidence, loop, interrupts: interrupts === null ? null : { ...interrupts, ahead, timeWait: waits } };
  }
}

/** Ends at which a kernel may have been in a loop. */
const MAY_LOOP: ReadonlySet<Stop['reason']> = new Set(['idle', 'hang', 'limit']);

/** Why a kernel cannot be booted. */
interface NotBootable {
  readonly problem: string;
}

/** What is around a machine that runs a scenario. */
interface Beside {
  drives: readonly Drive[];
  guest: GuestConsole;
  guard: HostGuard;
}

/** A machine that is about to run a scenario, with what is around it. */
export interface PoweredOn extends Beside {
  readonly machine: Machine | NotBootable;
}

/** `power`: whose machine stops when a drive is full. */
function beside(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, host: Host, power: Pick<PoweredOn, 'machine'>): Beside {
  const drives = scenario.machine.drives.map(({ name, readonly }): Drive => {
    const image = images.get(name)!;
    const full = () => 'problem' in power.machine || power.machine.pause();
    return { name, disk: new OverlayDisk(image, { readOnly: readonly, full }), initialSha256: image.sha256 };
  });
  return { drives, guard: new HostGuard(scenario, host), guest: { written: new ConsoleLog(), dialogue: dialogueOf(scenario) } };
}

/** `beforeRequests` is called as machine.ts says. */
export function powerOn(
  scenario: Scenario,
  images: ReadonlyMap<string, InitialImage>,
  kernel: KernelInput,
  host: Host,
  beforeRequests?: () => void,
): PoweredOn {
  const power: { machine: PoweredOn['machine'] } = { machine: { problem: '' } };
  const around: PoweredOn = Object.assign(power, beside(scenario, images, host, power));
  power.machine = 'problem' in kernel ? kernel : boot({ scenario, kernel: kernel.bytes, around, host, beforeRequests });
  return around;
}

/** Pages of memory that a run may have stored to when its moment before the first request is kept: 64 MiB. */
const MOST_KEPT_PAGES = 16_384;

/**
 * The other scenario's dialogue at a moment of a run of the one: where they type the same, it is as far; else it is at its beginning, and both must have had
 * nothing to do until then. Undefined where that is not so, or where the other scenario was over before.
 */
function dialogueAt({ machine, written, dialogue }: RunSnapshot, one: Scenario, other: Scenario): RunSnapshot['dialogue'] | undefined {
  if (machine.time >= other.limit.nanoseconds) return undefined;
  const typed = ({ keys, until }: Scenario) => JSON.stringify([keys, until]);
  if (typed(one) === typed(other)) return dialogue;
  const [ofOne, ofOther] = [dialogueOf(one), dialogueOf(other)];
  for (const byte of written.bytes) if (ofOne.push(byte) || ofOther.push(byte)) return undefined;
  return ofOther.save();
}

function dialogueOf({ until, keys }: Scenario): Dialogue {
  const encoder = new TextEncoder();
  return new Dialogue(
    until?.console,
    keys.map(({ when, type }) => ({ when, type: encoder.encode(type) })),
  );
}

interface BootParts {
  readonly scenario: Scenario;
  readonly kernel: Uint8Array;
  /** Looked at whenever the machine needs something of it, since a branch replaces it. */
  readonly around: Beside;
  readonly host: Host;
  readonly beforeRequests: (() => void) | undefined;
}

/** The machine, ready to run; or why the kernel cannot be booted. */
function boot({ scenario, kernel, around, host, beforeRequests }: BootParts): Machine | NotBootable {
  const { cpu, memory, bios, fillRam, append, transport, rng } = scenario.machine;
  try {
    const machine: Machine = host.createMachine({
      cpu,
      memory,
      drives: scenario.machine.drives.map((setup, index) => driveOptions(setup, () => around.drives[index]!.disk, scenario)),
      entropy: rng === null ? undefined : { seed: rng.seed, slot: rng.slot ?? undefined },
      modernVirtio: transport === 'modern',
      kernel,
      bios,
      ram: fillRam === 0 ? undefined : { fill: fillRam },
      append,
      races: scenario.races,
      onConsole: (byte) => {
        const { written, dialogue } = around.guest;
        if (!written.push(byte) || dialogue.push(byte)) machine.pause();
      },
      live: false,
      work: scenario.work,
      requests: scenario.requests,
      look: () => around.guard.look(),
      beforeRequests,
    });
    return machine;
  } catch (error) {
    if (error instanceof GuestFileError) return { problem: error.message };
    throw error;
  }
}

function driveOptions({ name, slot, present }: DriveSetup, disk: () => OverlayDisk, scenario: Scenario): DriveOptions {
  return {
    disk: new CurrentDisk(disk),
    serial: name.slice(0, 20),
    slot: slot ?? undefined,
    present,
    faults: faultsOf(name, scenario),
  };
}

const faultsOf = (name: string, { faults }: Scenario) =>
  faults.filter(({ drive }) => drive === name).map(({ type, nth, fault }) => ({ type: type ?? undefined, nth, fault }));

/** Runs slice by slice until something ends the run, or to a guest time. */
function runTo(
  machine: Machine,
  scenario: Scenario,
  drives: readonly Drive[],
  guest: GuestConsole,
  guard: HostGuard,
  until: number,
): Stop | undefined {
  const end = scenario.limit.nanoseconds;
  while (machine.now() < until) {
    if (guard.look()) return { reason: 'host-limit', limit: guard.limit };
    const result = machine.run(Math.min(end, until, (Math.floor(machine.now() / SLICE) + 1) * SLICE));
    if (guest.dialogue.reached !== undefined) return { reason: 'until', console: guest.dialogue.reached };
    const exceeded = boundExceeded(machine, drives, guest);
    if (exceeded !== undefined) return { reason: 'limit', limit: exceeded };
    const ended = react(result, scenario, machine, guest, guard);
    if (ended !== undefined) return ended;
    if (machine.now() >= end) return { reason: 'limit', limit: scenario.limit.text };
  }
  return undefined;
}

/** Why the run is over, by what the machine came back with; undefined if it goes on. */
function react(result: RunResult, scenario: Scenario, machine: Machine, { dialogue }: GuestConsole, guard: HostGuard): Stop | undefined {
  switch (result.reason) {
    case 'time':
      return undefined;
    case 'paused':
      for (const keys of dialogue.takeKeys()) machine.type(keys);
      return undefined;
    case 'work':
      return { reason: 'limit', limit: workInWords(scenario.work, machine.workDone()) };
    case 'interrupt-storm':
      return INTERRUPTS_IN_A_ROW;
    case 'exception-storm':
      return EXCEPTIONS_IN_A_ROW;
    case 'interrupted':
      return { reason: 'host-limit', limit: guard.limit };
    default:
      return result;
  }
}

/** What the guest has used up, in words; undefined while it has not. */
function boundExceeded(machine: Machine, drives: readonly Drive[], guest: GuestConsole): string | undefined {
  if (guest.written.full) return `${CONSOLE_BYTES / 2 ** 20} MiB of console output`;
  if (machine.devices.some(({ trace }) => trace.requestsUntraced > 0)) {
    const made = machine.devices.reduce((sum, { trace }) => sum + trace.requests.length, 0);
    return `${made.toLocaleString('en-US')} requests to devices (\`requests\` of the scenario)`;
  }
  const full = drives.find(({ disk }) => disk.overflow !== undefined);
  return full && `${full.disk.overflow} written to drive ${full.name}`;
}

const NOTHING_RAN = { instructions: 0, time: 0, pc: null, work: { units: 0, counts: {} } };

/** Instructions stay below the clock's nanoseconds, and those below 2^53. */
function counters(machine: Machine): Pick<Evidence, 'instructions' | 'time' | 'pc' | 'work'> {
  const { units, counts } = machine.workDone();
  return {
    instructions: Number(machine.instructions()),
    time: machine.now(),
    pc: hex(machine.pc()),
    work: { units, counts: { ...counts } },
  };
}

/** All devices' requests in the order of their notifies. */
function requests(machine: Machine, names: readonly string[]): RequestEvidence[] {
  return machine.devices
    .flatMap(({ trace, kind }, index) =>
      trace.requests.map((request) => requestEvidence({ name: names[index]!, kind }, request, request.data.length)),
    )
    .sort((a, b) => a.time - b.time);
}

/** All devices' findings in the order of their first time. */
function findings(machine: Machine, names: readonly string[]): FindingEvidence[] {
  return machine.devices
    .flatMap(({ trace }, index) =>
      trace.findings.map(
        ({ rule, section, severity, request, culprit, time, instructions, pc, count, message }): FindingEvidence => ({
          rule,
          section,
          severity,
          drive: names[index]!,
          request: request ?? null,
          culprit: culprit ?? null,
          time,
          instructions: Number(instructions),
          pc: pc === undefined ? null : hex(pc),
          count,
          message,
        }),
      ),
    )
    .sort((a, b) => a.time - b.time);
}

function device(machine: Machine, view: DeviceView, drive: string, reason: StopReason): DeviceEvidence {
  const { trace, unnotified, address, version, accessed } = view;
  return {
    drive,
    address: hex(address),
    version: version ?? null,
    accessed: accessed(),
    statusWrites: [...trace.statusWrites],
    deviceFeatures: hex(trace.deviceFeatures),
    driverFeatures: hex(trace.driverFeatures),
    queueSize: trace.queueSize,
    queue: queueEvidence(machine, view, reason),
    notifies: trace.notifies,
    interruptsRaised: trace.interruptsRaised,
    interruptsAcknowledged: trace.interruptsAcknowledged,
    broken: trace.broken ?? null,
    unnotified: unnotified(),
    racesLeftOut: trace.racesLeftOut,
  };
}

function image({ name, disk, initialSha256 }: Drive): ImageEvidence {
  const changed = Object.fromEntries(disk.changed().map(({ sector, bytes }) => [String(sector), sectorToHex(bytes)]));
  return { drive: name, size: disk.size, initialSha256, changed };
}
