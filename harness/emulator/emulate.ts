/** A machine that a person uses: opens the files that the settings name, runs the machine to its end, and writes the requests that its drives saw. */

import { writeSync } from 'node:fs';
import {
  CpuOptionError,
  createMachine,
  type Disk,
  type DriveOptions,
  type FlashUnit,
  GuestFileError,
  type Machine,
  type MachineOptions,
  type TracedRequest,
} from '../../machine/index.ts';
import { openImageFile } from '../files/image-file.ts';
import { beginNamed, readWhole } from '../files/named.ts';
import { sameFile } from '../files/read.ts';
import type { ConfigSettings, DriveSettings, FlashSettings } from '../qemu/settings.ts';
import { Dialogue } from '../run/dialogue.ts';
import { OverlayDisk } from '../run/overlay-disk.ts';
import type { NamedDevice } from '../run/request-evidence.ts';
import { macBytes } from '../vocabulary/mac.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { RNG_NAME } from '../vocabulary/scenario.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { ConsoleOutput, fixedKeys, KEYS_HELP, type Keyboard, openKeyboard } from './console.ts';
import { EventLines } from './events.ts';
import { type RunOutcome, runLoop } from './run-loop.ts';
import type { RunSettings } from './settings.ts';
import { isTerminal } from './terminal.ts';

/** What a run needs from outside; tests bring their own. */
export interface EmulatorHost {
  readonly createMachine: (options: MachineOptions) => Machine;
  /** Standard input, as the guest's keyboard. */
  readonly openKeyboard: () => Keyboard;
  readonly inputIsTerminal: () => boolean;
  /** The file descriptor that the guest's console goes to. */
  readonly stdout: number;
}

/** This process's own; `stdin` gives its standard input as a stream, where that is needed. */
export function processHost(stdin: () => NodeJS.ReadStream): EmulatorHost {
  return { createMachine, openKeyboard: () => openKeyboard(stdin), inputIsTerminal: () => isTerminal(0), stdout: 1 };
}

/** `say` tells the user a line. Throws UsageError for what the user has to correct; HostError. */
export async function emulate(settings: RunSettings, host: EmulatorHost, say: (line: string) => void): Promise<RunOutcome> {
  const loaded = settings.loader.map(({ from }) => ('file' in from ? from.file : undefined));
  const config = settings.fwCfg.map(({ from }) => ('file' in from ? from.file : undefined));
  const images = [
    settings.kernel,
    settings.initrd,
    ...loaded,
    ...config,
    ...(settings.flash ?? []).map((unit) => unit?.file),
    ...settings.drives.map(({ file }) => file),
  ];
  const { events } = settings;
  if (events !== undefined && images.some((file) => file !== undefined && sameFile(file, events))) {
    throw new UsageError(`--events ${events}: this file is an input of the run; name a different file`);
  }
  const options = machineOptions(settings);
  const pending = events === undefined ? undefined : beginNamed('--events', events);
  const lines = pending && new EventLines(namedDevices(settings), (text) => pending.append(text));
  const requests = lines && { first: 0, taken: (device: number, request: TracedRequest) => lines.taken(device, request) };
  const output = new ConsoleOutput(settings.console === 'null' ? undefined : host.stdout);
  const keyboard = openInput(settings, host);
  try {
    const outcome = await runLoop({
      powerOn: (onConsole, left) => {
        if (left !== undefined) lines?.reboot();
        return powerOn(settings, host, {
          ...options,
          ...(left && { ram: { left }, schedule: [] }),
          requests,
          onConsole,
          live: keyboard.terminal,
        });
      },
      output,
      keyboard,
      dialogue: new Dialogue({ console: settings.until === undefined ? [] : [settings.until] }, settings.keys),
      limit: settings.limit,
      reboot: settings.reboot,
      onHelp: () => say(`${KEYS_HELP}\r`),
    });
    lines?.end();
    pending?.publish('');
    return outcome;
  } finally {
    keyboard.close();
    pending?.discard();
    // Our own line begins at the left, also after a prompt.
    if (!output.atLineStart && isTerminal(host.stdout)) writeSync(host.stdout, '\n');
  }
}

/** Mistakes that only the machine can see become the user's. */
function powerOn({ bios, initrd, kernel, loader, flash }: RunSettings, host: EmulatorHost, options: MachineOptions): Machine {
  try {
    return host.createMachine(options);
  } catch (error) {
    if (error instanceof CpuOptionError) throw new UsageError(error.message);
    if (!(error instanceof GuestFileError)) throw error;
    const { index = 0 } = error;
    const from = loader[index]?.from;
    const loaded = from !== undefined && 'file' in from ? from.file : undefined;
    const file = {
      kernel,
      initrd,
      firmware: typeof bios === 'string' ? undefined : bios.file,
      loader: loaded,
      flash: flash?.[index]?.file,
    }[error.file];
    throw new UsageError(file === undefined ? error.message : `${file}: ${error.message}`);
  }
}

/** A script that types for itself leaves a piped standard input alone; so it is the same run every time. */
function openInput(settings: RunSettings, host: EmulatorHost): Keyboard {
  const unread = settings.console === 'null' || (settings.keys.length > 0 && !host.inputIsTerminal());
  return unread ? fixedKeys(new Uint8Array()) : host.openKeyboard();
}

/** As events name them, in the machine's order. */
function namedDevices({ drives, entropy }: RunSettings): NamedDevice[] {
  const named = drives.map(({ id }): NamedDevice => ({ name: id, kind: 'block' }));
  return entropy === undefined ? named : [...named, { name: RNG_NAME, kind: 'entropy' }];
}

type FixedOptions = Omit<MachineOptions, 'onConsole' | 'live' | 'requests'>;

/** Reads every file that is named and opens the disks. */
function machineOptions(settings: RunSettings): FixedOptions {
  const {
    cpu,
    memory,
    harts,
    clock,
    schedule,
    fillRam,
    kernel,
    initrd,
    append,
    loader,
    bios,
    drives,
    entropy,
    network,
    fwCfg,
    flash,
    modernVirtio,
  } = settings;
  return {
    cpu,
    memory,
    harts,
    clock,
    schedule,
    ram: fillRam === 0 ? undefined : { fill: fillRam },
    kernel: optionalFile('kernel', kernel),
    initrd: optionalFile('initrd', initrd),
    append,
    loader: loader.map(({ from, at }) => ({
      bytes: 'file' in from ? readWhole('loader', from.file, MOST_BYTES.guestFile) : from.bytes,
      at,
    })),
    bios: typeof bios === 'string' ? bios : readWhole('firmware', bios.file, MOST_BYTES.guestFile),
    drives: drives.map(openDrive),
    entropy,
    network: network === undefined ? undefined : { mac: macBytes(network.mac), slot: network.slot },
    flash: flash?.map((unit) => unit && openFlash(unit)),
    fwCfg: fwCfg.length === 0 ? undefined : fwCfg.map(({ name, from }) => ({ name, bytes: configBytes(from) })),
    modernVirtio,
  };
}

const optionalFile = (what: string, file: string | undefined): Uint8Array | undefined =>
  file === undefined ? undefined : readWhole(what, file, MOST_BYTES.guestFile);

const configBytes = (from: ConfigSettings['from']): Uint8Array =>
  'bytes' in from ? from.bytes : readWhole('file for fw_cfg', from.file, MOST_BYTES.guestFile);

function openFlash({ file, writes }: FlashSettings): FlashUnit {
  if (writes === 'refused') return readWhole('flash memory', file, MOST_BYTES.guestFile);
  const image = openImageFile(file, { readOnly: writes === 'lost' });
  return writes === 'lost' ? new OverlayDisk(image) : image;
}

function openDrive({ file, serial, slot, readOnly, snapshot }: DriveSettings): DriveOptions {
  const image = openImageFile(file, { readOnly: readOnly || snapshot });
  const disk: Disk = snapshot && !readOnly ? new OverlayDisk(image) : image;
  return { disk, serial, slot };
}
