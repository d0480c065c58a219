/** A machine with all that is around it before it runs a scenario: its disks, its console, and the host's guard. */
import { type DriveOptions, GuestFileError, type Machine, type MachineOptions, type RequestRecording } from '../../machine/index.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import { macBytes } from '../vocabulary/mac.ts';
import { type DriveSetup, RNG_NAME, type Scenario, writableFlash } from '../vocabulary/scenario.ts';
import { ConsoleLog } from './console-log.ts';
import { answer, type Dialogue } from './dialogue.ts';
import { callNumbers, FactWatch } from './fact-watch.ts';
import type { Host } from './host.ts';
import { HostGuard } from './host-guard.ts';
import { filesOf } from './machine-problem.ts';
import { CurrentDisk, type DriveLog, OverlayDisk, type OverlayOptions } from './overlay-disk.ts';
import { type NamedDevice, requestEvidence } from './request-evidence.ts';
import { RequestWatch } from './request-watch.ts';
import { dialogueOf } from './scenario-dialogue.ts';
import type { WriteLog } from './write-log.ts';

/** The kernel's bytes, or why there are none. `debug`: the file with its debug information, which is not booted; left out: the kernel itself. */
export type KernelInput =
  | { readonly bytes: Uint8Array; readonly sha256: string; readonly debug?: Uint8Array }
  | { readonly problem: string };

/** A guest's console: what it wrote, and what is typed at it. */
export interface GuestConsole {
  readonly written: ConsoleLog;
  readonly dialogue: Dialogue;
  readonly facts: FactWatch;
}

/** The machine's devices, by the names that the rubric gives them. */
export function devicesOf({ machine: { drives, rng } }: Scenario): NamedDevice[] {
  const named = drives.map(({ name }): NamedDevice => ({ name, kind: 'block' }));
  return rng === null ? named : [...named, { name: RNG_NAME, kind: 'entropy' }];
}

/** A drive, or after all of them a unit of flash memory that can be written. */
export interface Drive {
  readonly name: string;
  readonly disk: OverlayDisk;
  readonly initialSha256: string;
}

/** Why a kernel cannot be booted. `ofRubric`: the rubric asks for a machine of the wrong kind, as it seems. */
interface NotBootable {
  readonly problem: string;
  readonly ofRubric?: true;
}

/** QEMU refuses such a kernel with its own firmware as well: nobody can have seen it boot under the lab's command line. */
const FOR_MACHINE_MODE =
  'the kernel is linked to 0x80000000, where the built-in SBI lies: it is a kernel for M mode. If the lab starts QEMU with "-bios none", the ' +
  'course has to write `bios: none` below `machine` in the rubric; else the kernel has to be linked to 0x80200000';

/** What is around a machine that runs a scenario. */
export interface Beside {
  drives: readonly Drive[];
  guest: GuestConsole;
  /** Looks at what the console shows and at what is requested. */
  requestWatch: RequestWatch;
  guard: HostGuard;
}

/** A machine that is about to run a scenario, with what is around it. */
export interface PoweredOn extends Beside {
  readonly machine: Machine | NotBootable;
}

/** The file in which the kernel's symbols are. */
function symbolsIn(kernel: KernelInput): Uint8Array | undefined {
  return 'problem' in kernel ? undefined : (kernel.debug ?? kernel.bytes);
}

/** `power`: whose machine stops when a drive is full. */
export function beside(
  scenario: Scenario,
  images: ReadonlyMap<string, InitialImage>,
  kernel: KernelInput,
  host: Host,
  power: Pick<PoweredOn, 'machine'>,
  log?: WriteLog,
): Beside {
  const full = () => 'problem' in power.machine || power.machine.pause();
  const overlay = (name: string, options: OverlayOptions): Drive => {
    const image = images.get(name)!;
    return { name, disk: new OverlayDisk(image, { ...options, full }), initialSha256: image.sha256 };
  };
  const drives = [
    ...scenario.machine.drives.map(({ name, readonly }) => overlay(name, { readOnly: readonly, log: logOf(name, log) })),
    ...writableFlash(scenario.machine).map(({ name }) => overlay(name, {})),
  ];
  return {
    drives,
    guard: new HostGuard(scenario, host),
    guest: {
      written: new ConsoleLog(),
      dialogue: dialogueOf(scenario),
      facts: new FactWatch(scenario.facts, scenario.until?.reaches ?? [], symbolsIn(kernel)),
    },
    requestWatch: new RequestWatch(scenario.interests),
  };
}

/** A run's log, for one of its drives. */
function logOf(drive: string, log: WriteLog | undefined): DriveLog | undefined {
  if (log === undefined) return undefined;
  return { write: (offset, bytes) => log.write(offset, bytes), wrote: (how) => log.wrote(drive, how), flush: () => log.flush(drive) };
}

/** `beforeRequests` is called as machine.ts says; `log`: of what is written. */
export function powerOn(
  scenario: Scenario,
  images: ReadonlyMap<string, InitialImage>,
  kernel: KernelInput,
  host: Host,
  beforeRequests?: () => void,
  log?: WriteLog,
): PoweredOn {
  const power: { machine: PoweredOn['machine'] } = { machine: { problem: '' } };
  const around: PoweredOn = Object.assign(power, beside(scenario, images, kernel, host, power, log));
  power.machine = 'problem' in kernel ? kernel : boot({ scenario, kernel: kernel.bytes, around, host, beforeRequests });
  return around;
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
  const { cpu, memory, harts, clock, fillRam, append, transport, rng, network } = scenario.machine;
  try {
    const machine: Machine = host.createMachine({
      cpu,
      memory,
      harts,
      clock,
      schedule: scenario.schedule,
      drives: scenario.machine.drives.map((setup, index) => driveOptions(setup, () => around.drives[index]!.disk, scenario)),
      entropy: rng === null ? undefined : { seed: rng.seed, slot: rng.slot ?? undefined },
      network: network === null ? undefined : { mac: macBytes(network.mac), slot: network.slot ?? undefined },
      modernVirtio: transport === 'modern',
      kernel,
      ...filesOf(scenario.machine),
      flash: flashOf(scenario, around),
      ram: fillRam === 0 ? undefined : { fill: fillRam },
      append,
      races: scenario.races,
      onConsole: (byte) => {
        const { written, dialogue, facts } = around.guest;
        facts.push(byte, machine);
        around.requestWatch.push(byte);
        if (!written.push(byte) || dialogue.push(byte)) machine.pause();
      },
      live: false,
      work: scenario.work,
      systemCalls: callNumbers(scenario.facts).map(BigInt),
      watched: around.guest.facts.watched,
      onReached: (watch) => {
        const { dialogue, facts } = around.guest;
        dialogue.reach(facts.ending(watch));
        machine.pause();
      },
      onAlarm: () => {
        around.guest.dialogue.ring();
        machine.pause();
      },
      requests: recordingOf(scenario, around),
      look: () => around.guard.look(),
      beforeRequests,
    });
    answer(around.guest.dialogue, machine);
    if (around.guest.facts.races !== undefined) machine.logAccesses(around.guest.facts.races);
    return machine;
  } catch (error) {
    if (!(error instanceof GuestFileError)) throw error;
    return error.code === 'for-machine-mode' ? { problem: FOR_MACHINE_MODE, ofRubric: true } : { problem: error.message };
  }
}

function flashOf({ machine }: Scenario, around: Beside): MachineOptions['flash'] {
  return machine.flash?.map((file, unit) => {
    const first = machine.drives.length;
    const place = writableFlash(machine).findIndex((one) => one.unit === unit);
    return place === -1 ? file?.bytes : new CurrentDisk(() => around.drives[first + place]!.disk);
  });
}

/** Keeps whole what checks ask for. A branch has devices of the same names. */
function recordingOf(scenario: Scenario, around: Beside): RequestRecording {
  const devices = devicesOf(scenario);
  return {
    taken: (device, { number, phantom, type, sector, consoleBytes }) =>
      around.requestWatch.taken({
        drive: devices[device]!.name,
        number,
        phantom,
        type: type ?? null,
        sector: sector?.toString() ?? null,
        consoleBytes,
      }),
    dropped: (device, request) =>
      around.requestWatch.asks && around.requestWatch.dropped(requestEvidence(devices[device]!, request, request.data.length)),
  };
}

function driveOptions({ name, slot, serial, present }: DriveSetup, disk: () => OverlayDisk, scenario: Scenario): DriveOptions {
  return {
    disk: new CurrentDisk(disk),
    serial: serial ?? name.slice(0, 20),
    slot: slot ?? undefined,
    present,
    faults: faultsOf(name, scenario),
  };
}

export const faultsOf = (name: string, { faults }: Scenario) =>
  faults.filter(({ drive }) => drive === name).map(({ type, nth, fault }) => ({ type: type ?? undefined, nth, fault }));
