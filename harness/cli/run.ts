/** `bootgrade run`: a machine for people, from QEMU's command line (docs/run.md). */
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { printableLines } from '../evidence/printable.ts';
import { sameFile } from '../files/read.ts';
import { HostError } from '../files/system-error.ts';
import { Dialogue } from '../run/dialogue.ts';
import {
  CpuOptionError,
  createMachine,
  type Disk,
  type DriveOptions,
  GuestFileError,
  type Machine,
  type MachineOptions,
} from '../run/machine.ts';
import { OverlayDisk } from '../run/overlay-disk.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { eventLines } from './events.ts';
import { openFileDisk } from './file-disk.ts';
import { beginNamed, readWhole } from './files.ts';
import { parseRunArguments, type RunSettings } from './qemu-arguments.ts';
import type { DriveSettings } from './qemu-block.ts';
import { ConsoleOutput, fixedKeys, KEYS_HELP, type Keyboard, openKeyboard } from './run-console.ts';
import { endLine, exitCode, HOST_FAILED } from './run-end.ts';
import { RUN_HELP } from './run-help.ts';
import { type RunOutcome, runLoop } from './run-loop.ts';
import { BAD_USAGE, UsageError } from './usage-error.ts';

/** What the command needs from outside; tests bring their own. */
export interface RunHost {
  readonly createMachine: (options: MachineOptions) => Machine;
  /** Standard input, as the guest's keyboard. */
  readonly openKeyboard: () => Keyboard;
  readonly inputIsTerminal: () => boolean;
  /** File descriptors. */
  readonly stdout: number;
  readonly stderr: number;
}

const PROCESS: RunHost = { createMachine, openKeyboard, inputIsTerminal: () => isatty(0), stdout: 1, stderr: 2 };

/** The command; `argv` is what follows the word `run`. Returns the exit code. */
export async function run(argv: string[], host: RunHost = PROCESS): Promise<number> {
  const say = (line: string) => void writeSync(host.stderr, `bootgrade: ${line}\n`);
  try {
    const settings = parseRunArguments(argv);
    if (settings === 'help') {
      writeSync(host.stdout, RUN_HELP);
      return 0;
    }
    for (const note of settings.notes) say(printableLines(note));
    const outcome = await runSettings(settings, host, say);
    say(endLine(outcome));
    return exitCode(outcome.end);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof HostError)) throw error;
    say(printableLines(error.message));
    return error instanceof UsageError ? BAD_USAGE : HOST_FAILED;
  }
}

async function runSettings(settings: RunSettings, host: RunHost, say: (line: string) => void): Promise<RunOutcome> {
  const images = [settings.kernel, settings.initrd, ...settings.drives.map(({ file }) => file)];
  const { events } = settings;
  if (events !== undefined && images.some((file) => file !== undefined && sameFile(file, events))) {
    throw new UsageError(`--events ${events}: this file is an input of the run; name another`);
  }
  const options = machineOptions(settings);
  const pending = events === undefined ? undefined : beginNamed('--events', events);
  const output = new ConsoleOutput(settings.console === 'null' ? undefined : host.stdout);
  const keyboard = openInput(settings, host);
  try {
    const outcome = await runLoop({
      powerOn: (onConsole) => powerOn(settings, host, { ...options, onConsole, live: keyboard.terminal }),
      output,
      keyboard,
      dialogue: new Dialogue(settings.until, settings.keys),
      limit: settings.limit,
      reboot: settings.reboot,
      onHelp: () => say(`${KEYS_HELP}\r`),
    });
    pending?.publish(
      eventLines(
        settings.drives.map(({ id }) => id),
        outcome.boots,
      ),
    );
    return outcome;
  } finally {
    keyboard.close();
    pending?.discard();
    // Our own line begins at the left, also after a prompt.
    if (!output.atLineStart && isatty(host.stdout)) writeSync(host.stdout, '\n');
  }
}

/** Mistakes that only the machine can see become the user's. */
function powerOn({ bios, initrd, kernel }: RunSettings, host: RunHost, options: MachineOptions): Machine {
  try {
    return host.createMachine(options);
  } catch (error) {
    if (error instanceof CpuOptionError) throw new UsageError(error.message);
    if (!(error instanceof GuestFileError)) throw error;
    const file = { kernel, initrd, firmware: typeof bios === 'string' ? undefined : bios.file }[error.file];
    throw new UsageError(file === undefined ? error.message : `${file}: ${error.message}`);
  }
}

/** A script that types for itself leaves a piped standard input alone; so it is the same run every time. */
function openInput(settings: RunSettings, host: RunHost): Keyboard {
  const unread = settings.console === 'null' || (settings.keys.length > 0 && !host.inputIsTerminal());
  return unread ? fixedKeys(new Uint8Array()) : host.openKeyboard();
}

type FixedOptions = Omit<MachineOptions, 'onConsole' | 'live'>;

/** Reads every file that is named and opens the disks. */
function machineOptions(settings: RunSettings): FixedOptions {
  const { cpu, memory, kernel, initrd, append, bios, drives, modernVirtio } = settings;
  return {
    cpu,
    memory,
    kernel: kernel === undefined ? undefined : readWhole('kernel', kernel, MOST_BYTES.guestFile),
    initrd: initrd === undefined ? undefined : readWhole('initrd', initrd, MOST_BYTES.guestFile),
    append,
    bios: typeof bios === 'string' ? bios : readWhole('firmware', bios.file, MOST_BYTES.guestFile),
    drives: drives.map(openDrive),
    modernVirtio,
  };
}

function openDrive({ file, serial, slot, readOnly, snapshot }: DriveSettings): DriveOptions {
  const image = openFileDisk(file, readOnly || snapshot);
  const disk: Disk = snapshot && !readOnly ? new OverlayDisk(image) : image;
  return { disk, serial, slot };
}
