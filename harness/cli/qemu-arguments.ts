/**
 * The command line of `bootgrade run`: QEMU's, and a few options of our own. One table, one line per option.
 *
 * Reference: QEMU's manual, "Invocation", measured against QEMU 10. Every option of QEMU's that a lab's command line is
 * likely to have is in the table: with its meaning, with none (windows, logs, monitors), or refused with a remedy. As in
 * QEMU, one dash or two are the same, a value is the next argument, and the last of several wins.
 */

import type { RunSettings } from '../emulator/settings.ts';
import { parseSeed, resolveDevices } from '../qemu/devices.ts';
import { DEFAULT_MEMORY, parseMemory } from '../qemu/list.ts';
import { checkAccel, checkMachine, parseAction, parseGlobal, parseIcount, parseSmp } from '../qemu/machine.ts';
import { resolveConsole } from '../qemu/serial.ts';
import type { KeyPair } from '../run/dialogue.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { parseClockOption, parseKeys, parseLimitOption } from './run-options.ts';

/** What the options said, before the parts that refer to each other are joined. */
interface Draft {
  cpu: string;
  memory: number;
  harts: number;
  clock: number;
  fillRam: number;
  kernel?: string;
  bios: string;
  initrd?: string;
  append?: string;
  drives: string[];
  devices: string[];
  objects: string[];
  seed?: number;
  modernVirtio: boolean;
  serials: string[];
  chardevs: string[];
  snapshot: boolean;
  reboot: boolean;
  until?: string;
  limit?: string;
  /** A --when that waits for its --type. */
  when?: string;
  keys: KeyPair[];
  events?: string;
  help: boolean;
  notes: Set<string>;
}

interface Option {
  readonly takesValue: boolean;
  readonly apply: (draft: Draft, value: string, name: string) => void;
}

function turnOn(key: 'snapshot' | 'help'): Option {
  return {
    takesValue: false,
    apply: (draft) => {
      draft[key] = true;
    },
  };
}

function turnOff(key: 'reboot'): Option {
  return {
    takesValue: false,
    apply: (draft) => {
      draft[key] = false;
    },
  };
}

function value(apply: (draft: Draft, value: string) => void): Option {
  return { takesValue: true, apply };
}

/** An option whose value, parsed, becomes a part of the draft. */
function set<Key extends keyof Draft>(key: Key, parse: (text: string) => Draft[Key]): Option {
  return value((draft, text) => {
    draft[key] = parse(text);
  });
}

/** An option that may be given several times. */
function add(key: 'drives' | 'devices' | 'objects' | 'serials' | 'chardevs'): Option {
  return value((draft, text) => void draft[key].push(text));
}

/** An option that may only ask for what this machine has anyway; else it throws. */
function check(verify: (text: string) => void): Option {
  return value((_draft, text) => verify(text));
}

/** Whether an option is a flag by itself, or a value follows it. */
type Form = 'flag' | 'value';

/** An option that is accepted but changes nothing here. */
function noEffect(form: Form, why: string): Option {
  return { takesValue: form === 'value', apply: (draft, _value, name) => void draft.notes.add(`-${name} has no effect: ${why}`) };
}

/** An option that asks for what this machine does not have; `allowed` is the value that asks for none of it. */
function refused(form: Form, why: string, allowed?: string): Option {
  return {
    takesValue: form === 'value',
    apply: (_draft, given, name) => {
      if (form === 'flag' || given !== allowed) throw new UsageError(`-${name}: ${why}`);
    },
  };
}

const WINDOW = 'there is no window';
const MONITOR = 'there is no monitor';
const LOG = 'there is no QEMU to log; --events FILE writes the disk requests';
const COUNTED = 'guest time is counted, not measured';
const DISK_REMEDY = 'write -drive file=IMAGE,if=none,id=x0,format=raw -device virtio-blk-device,drive=x0';
const NO_NETWORK = 'this machine has no network';
const NO_GDB = 'there is no GDB server';

const OPTIONS: Readonly<Record<string, Option>> = {
  machine: check(checkMachine),
  M: check(checkMachine),
  cpu: set('cpu', (text) => text),
  m: set('memory', parseMemory),
  smp: set('harts', parseSmp),
  accel: check(checkAccel),
  global: set('modernVirtio', parseGlobal),
  kernel: set('kernel', (text) => text),
  bios: set('bios', (text) => text),
  initrd: set('initrd', (text) => text),
  append: set('append', (text) => text),
  drive: add('drives'),
  device: add('devices'),
  object: add('objects'),
  seed: set('seed', parseSeed),
  snapshot: turnOn('snapshot'),
  serial: add('serials'),
  chardev: add('chardevs'),
  nographic: { takesValue: false, apply: () => {} },
  'no-reboot': turnOff('reboot'),
  action: set('reboot', parseAction),

  until: set('until', (text) => nonEmpty('--until', text)),
  limit: set('limit', (text) => text),
  clock: set('clock', parseClockOption),
  icount: value(setClock),
  when: value(addWhen),
  type: value(addKeys),
  events: set('events', (text) => nonEmpty('--events', text)),
  'fill-ram': set('fillRam', parseByte),
  help: turnOn('help'),
  h: turnOn('help'),

  display: noEffect('value', `${WINDOW}; the console is on standard output`),
  vga: noEffect('value', WINDOW),
  vnc: noEffect('value', WINDOW),
  spice: noEffect('value', WINDOW),
  k: noEffect('value', WINDOW),
  'full-screen': noEffect('flag', WINDOW),
  name: noEffect('value', WINDOW),
  audio: noEffect('value', 'there is no sound'),
  audiodev: noEffect('value', 'there is no sound'),
  monitor: noEffect('value', MONITOR),
  mon: noEffect('value', MONITOR),
  qmp: noEffect('value', MONITOR),
  'qmp-pretty': noEffect('value', MONITOR),
  d: noEffect('value', LOG),
  D: noEffect('value', LOG),
  dfilter: noEffect('value', LOG),
  trace: noEffect('value', LOG),
  msg: noEffect('value', LOG),
  'no-shutdown': noEffect('flag', 'the run ends when the machine powers off'),
  nodefaults: noEffect('flag', 'there are no other devices to leave out'),
  'no-user-config': noEffect('flag', 'there is no configuration file'),
  L: noEffect('value', "there are no files of QEMU's to look for"),
  rtc: noEffect('value', COUNTED),
  uuid: noEffect('value', 'the kernel cannot see it'),
  boot: noEffect('value', 'the kernel that is named is what boots'),
  sandbox: noEffect('value', 'this machine makes no system calls for its guest'),

  S: refused('flag', 'the machine starts at once; there is no monitor to continue it'),
  s: refused('flag', NO_GDB),
  gdb: refused('value', NO_GDB, 'none'),
  blockdev: refused('value', DISK_REMEDY),
  hda: refused('value', DISK_REMEDY),
  hdb: refused('value', DISK_REMEDY),
  cdrom: refused('value', DISK_REMEDY),
  sd: refused('value', DISK_REMEDY),
  pflash: refused('value', 'this machine has no flash memory'),
  netdev: refused('value', NO_NETWORK),
  net: refused('value', NO_NETWORK, 'none'),
  nic: refused('value', NO_NETWORK, 'none'),
  usb: refused('flag', 'this machine has no USB'),
  usbdevice: refused('value', 'this machine has no USB'),
  parallel: refused('value', 'this machine has no parallel port', 'none'),
  dtb: refused('value', 'the machine makes its own device tree'),
  numa: refused('value', 'this machine has one memory'),
  fw_cfg: refused('value', 'this machine has no fw_cfg'),
  semihosting: refused('flag', 'there is no semihosting; end the run through the test finisher or the SBI'),
  'semihosting-config': refused('value', 'there is no semihosting; end the run through the test finisher or the SBI'),
  'enable-kvm': refused('flag', 'this machine is always emulated; leave it out'),
  daemonize: refused('flag', 'the run stays in the foreground; append & in the shell'),
  loadvm: refused('value', 'there are no saved machines'),
  incoming: refused('value', 'there are no saved machines'),
};

/** The settings, or `help` where that is what was asked for. Throws UsageError. Files are not looked at. */
export function parseRunArguments(argv: readonly string[]): RunSettings | 'help' {
  const draft: Draft = {
    cpu: 'rv64',
    memory: DEFAULT_MEMORY,
    harts: 1,
    clock: 1,
    fillRam: 0,
    bios: 'default',
    drives: [],
    devices: [],
    objects: [],
    modernVirtio: false,
    serials: [],
    chardevs: [],
    snapshot: false,
    reboot: true,
    keys: [],
    help: false,
    notes: new Set(),
  };
  for (let at = 0; at < argv.length; at++) {
    const spelled = argv[at]!;
    const name = /^--?(.+)$/s.exec(spelled)?.[1];
    if (name === undefined) throw new UsageError(`${spelled}: options only; a kernel is named with -kernel FILE`);
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!option) throw new UsageError(`${spelled}: no such option; see bootgrade run --help`);
    if (option.takesValue && at + 1 === argv.length) throw new UsageError(`${spelled}: a value is missing after it`);
    option.apply(draft, option.takesValue ? argv[++at]! : '', name);
  }
  return draft.help ? 'help' : settle(draft);
}

function settle(draft: Draft): RunSettings {
  if (draft.when !== undefined) throw typeMissing(draft.when);
  if (draft.append !== undefined && draft.kernel === undefined) throw new UsageError('-append: needs -kernel FILE');
  if (draft.initrd !== undefined && draft.kernel === undefined) throw new UsageError('-initrd: needs -kernel FILE');
  const bios = draft.bios === 'default' ? 'builtin' : draft.bios === 'none' ? 'none' : { file: nonEmpty('-bios', draft.bios) };
  const { drives, entropy, loader, unused } = resolveDevices(draft);
  if (draft.kernel === undefined && (bios === 'builtin' || (bios === 'none' && loader.length === 0)))
    throw new UsageError('nothing to boot: name a kernel with -kernel FILE');
  const idle = unused.map((id) => `-drive id=${id} has no effect: no -device has drive=${id}`);
  if (draft.seed !== undefined && entropy === undefined) idle.push('-seed has no effect: nothing here is random without virtio-rng-device');
  const { cpu, memory, harts, clock, fillRam, kernel, initrd, append, modernVirtio, reboot, until, keys, events } = draft;
  return {
    cpu,
    memory,
    harts,
    clock,
    fillRam,
    kernel,
    bios,
    initrd,
    append,
    loader,
    drives,
    entropy,
    modernVirtio,
    reboot,
    until,
    limit: draft.limit === undefined ? undefined : parseLimitOption(draft.limit, clock),
    keys,
    events,
    console: resolveConsole(draft.serials, draft.chardevs),
    notes: [...draft.notes, ...idle],
  };
}

function addWhen(draft: Draft, text: string): void {
  if (draft.when !== undefined) throw typeMissing(draft.when);
  draft.when = nonEmpty('--when', text);
}

function typeMissing(when: string): UsageError {
  return new UsageError(`--when "${when}": say what to type with --type TEXT after it`);
}

function addKeys(draft: Draft, text: string): void {
  const { when } = draft;
  delete draft.when;
  if (when === undefined) throw new UsageError(`--type "${text}": say after which text with --when TEXT before it`);
  draft.keys.push({ when, type: parseKeys(text) });
}

/** `-icount`: of `shift` follows what an instruction takes; how QEMU keeps up with the host's clock means nothing here. */
function setClock(draft: Draft, text: string): void {
  const clock = parseIcount(text);
  if (clock === undefined) draft.notes.add('-icount has no effect: without a number for shift, an instruction takes one nanosecond here');
  else draft.clock = clock;
}

function parseByte(text: string): number {
  const value = /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(text) ? Number(text) : 256;
  if (value > 255) throw new UsageError(`--fill-ram ${text}: not a byte; write 0 to 255, or 0x00 to 0xff`);
  return value;
}

function nonEmpty(option: string, text: string): string {
  if (text === '') throw new UsageError(`${option}: the value is empty`);
  return text;
}
