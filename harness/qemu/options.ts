/**
 * QEMU's options, one line per option: each with its meaning, with none (windows, logs, monitors), or refused with a remedy.
 *
 * Reference: QEMU's manual, "Invocation", measured against QEMU 10. Every option that a lab's command line is likely to have is in the table.
 */
import { UsageError } from '../vocabulary/usage-error.ts';
import { parseSeed } from './device.ts';
import { DEFAULT_MEMORY, parseList, parseMemory, switchOf } from './list.ts';
import { checkAccel, checkMachine, parseAction, parseGlobal, parseIcount, parseSmp } from './machine.ts';
import { Mistakes } from './mistakes.ts';

/** A person boots the machine and uses it; a rubric grades what happens on it. */
export type Purpose = 'person' | 'rubric';

/** What the options said, before the parts that refer to each other are joined. */
export interface QemuDraft {
  readonly purpose: Purpose;
  readonly mistakes: Mistakes;
  cpu: string;
  memory: number;
  harts: number;
  clock: number;
  kernel?: string;
  bios: string;
  initrd?: string;
  append?: string;
  drives: string[];
  devices: string[];
  objects: string[];
  netdevs: string[];
  configs: string[];
  blockdevs: string[];
  /** By unit: names of nodes. */
  flashNodes: (string | undefined)[];
  seed?: number;
  modernVirtio: boolean;
  serials: string[];
  chardevs: string[];
  snapshot: boolean;
  reboot: boolean;
  notes: Set<string>;
}

export function emptyDraft(purpose: Purpose): QemuDraft {
  return {
    purpose,
    mistakes: new Mistakes(),
    cpu: 'rv64',
    memory: DEFAULT_MEMORY,
    harts: 1,
    clock: 1,
    bios: 'default',
    drives: [],
    devices: [],
    objects: [],
    netdevs: [],
    configs: [],
    blockdevs: [],
    flashNodes: [],
    modernVirtio: false,
    serials: [],
    chardevs: [],
    snapshot: false,
    reboot: true,
    notes: new Set(),
  };
}

/** `apply` throws a UsageError where the value cannot be used. */
export interface Option<Draft> {
  readonly takesValue: boolean;
  readonly apply: (draft: Draft, value: string, name: string) => void;
}

type QemuOption = Option<QemuDraft>;

/** An option whose value, parsed, becomes a part of the draft. */
function set<Key extends keyof QemuDraft>(key: Key, parse: (text: string) => QemuDraft[Key]): QemuOption {
  return {
    takesValue: true,
    apply: (draft, text) => {
      draft[key] = parse(text);
    },
  };
}

/** An option that may be given several times. */
function add(key: 'drives' | 'devices' | 'objects' | 'netdevs' | 'configs' | 'blockdevs' | 'serials' | 'chardevs'): QemuOption {
  return { takesValue: true, apply: (draft, text) => void draft[key].push(text) };
}

/** An option that may only ask for what this machine has anyway, and say what is in flash memory. */
const MACHINE: QemuOption = {
  takesValue: true,
  apply: ({ mistakes, flashNodes }, text) => {
    for (const [unit, node] of checkMachine(text, mistakes)) flashNodes[unit] = node;
  },
};

/** Whether an option is a flag by itself, or a value follows it. */
type Form = 'flag' | 'value';

/** An option that is accepted but changes nothing here. */
function noEffect(form: Form, why: string): QemuOption {
  return { takesValue: form === 'value', apply: (draft, _value, name) => void draft.notes.add(`-${name} has no effect: ${why}`) };
}

/** An option that asks for what this machine does not have; `allowed` is the value that asks for none of it. */
function refused(form: Form, why: string, allowed?: string): QemuOption {
  return {
    takesValue: form === 'value',
    apply: (_draft, given, name) => {
      if (form === 'flag' || given !== allowed) throw new UsageError(`-${name}: ${why}`);
    },
  };
}

/** An option that a person would miss, and that changes nothing of what a rubric grades. */
function forPeople(form: Form, why: string, allowed?: string): QemuOption {
  const { takesValue, apply } = refused(form, why, allowed);
  return {
    takesValue,
    apply: (draft, given, name) => {
      if (draft.purpose === 'person') apply(draft, given, name);
    },
  };
}

const WINDOW = 'there is no window';
const MONITOR = 'there is no monitor';
const LOG = 'there is no QEMU to log; --events FILE writes the disk requests';
const COUNTED = 'guest time is counted, not measured';
const DISK_REMEDY = 'write -drive file=IMAGE,if=none,id=x0,format=raw -device virtio-blk-device,drive=x0';
const PCI_DISK = `QEMU puts this disk on PCI, which this machine does not have; ${DISK_REMEDY}`;
const NIC =
  'QEMU puts this network device on PCI, which this machine does not have; write -netdev user,id=n -device virtio-net-device,netdev=n';
const NO_GDB = 'there is no GDB server; leave it out';
const NO_USB = 'this machine has no USB; leave it out';
const NO_SEMIHOSTING = 'there is no semihosting; leave it out, and end the run through the test finisher or the SBI';
const NO_PLUGINS = 'there is no TCG to look at';
const SPEED = 'it makes QEMU faster or slower, and is not seen by the kernel';
const NO_CONFIGURATION = 'options in a file are not read here; write them out';
const NO_SAVED = 'there are no saved machines; leave it out';

export const QEMU_OPTIONS: Readonly<Record<string, QemuOption>> = {
  machine: MACHINE,
  M: MACHINE,
  cpu: set('cpu', (text) => nonEmpty('-cpu', text)),
  m: set('memory', parseMemory),
  smp: set('harts', parseSmp),
  accel: { takesValue: true, apply: (_draft, text) => checkAccel(text) },
  global: set('modernVirtio', parseGlobal),
  kernel: set('kernel', (text) => nonEmpty('-kernel', text)),
  bios: set('bios', (text) => nonEmpty('-bios', text)),
  initrd: set('initrd', (text) => nonEmpty('-initrd', text)),
  append: set('append', (text) => text),
  drive: add('drives'),
  device: add('devices'),
  object: add('objects'),
  netdev: add('netdevs'),
  fw_cfg: add('configs'),
  seed: set('seed', parseSeed),
  snapshot: {
    takesValue: false,
    apply: (draft) => {
      draft.snapshot = true;
    },
  },
  serial: add('serials'),
  chardev: add('chardevs'),
  nographic: { takesValue: false, apply: () => {} },
  'no-reboot': {
    takesValue: false,
    apply: (draft) => {
      draft.reboot = false;
    },
  },
  action: set('reboot', parseAction),
  icount: { takesValue: true, apply: setClock },

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
  plugin: noEffect('value', NO_PLUGINS),
  perfmap: noEffect('flag', NO_PLUGINS),
  jitdump: noEffect('flag', NO_PLUGINS),
  'one-insn-per-tb': noEffect('flag', SPEED),
  'tb-size': noEffect('value', SPEED),
  overcommit: noEffect('value', SPEED),
  'mem-prealloc': noEffect('flag', SPEED),
  'mem-path': noEffect('value', SPEED),
  'run-with': noEffect('value', SPEED),
  runas: noEffect('value', SPEED),
  'no-fd-bootchk': noEffect('flag', 'there is no floppy disk'),

  S: forPeople('flag', 'the machine starts at once, and there is no monitor to continue it; leave it out'),
  s: forPeople('flag', NO_GDB),
  gdb: forPeople('value', NO_GDB, 'none'),
  daemonize: forPeople('flag', 'the run stays in the foreground; leave it out, and append & in the shell'),
  pidfile: forPeople('value', 'no file is written; leave it out'),
  blockdev: add('blockdevs'),
  hda: refused('value', PCI_DISK),
  hdb: refused('value', PCI_DISK),
  cdrom: refused('value', PCI_DISK),
  sd: refused('value', DISK_REMEDY),
  pflash: {
    takesValue: true,
    apply: (draft, text) => void draft.drives.push(`if=pflash,format=raw,file=${nonEmpty('-pflash', text).replaceAll(',', ',,')}`),
  },
  net: refused('value', NIC, 'none'),
  nic: refused('value', NIC, 'none'),
  usb: refused('flag', NO_USB),
  usbdevice: refused('value', NO_USB),
  parallel: refused('value', 'this machine has no parallel port; leave it out', 'none'),
  dtb: refused('value', 'the machine makes its own device tree; leave it out'),
  numa: refused('value', 'this machine has one memory; leave it out'),
  semihosting: refused('flag', NO_SEMIHOSTING),
  'semihosting-config': {
    takesValue: true,
    apply: (_draft, text) => {
      const enable = parseList('-semihosting-config', text, 'enable').get('enable') ?? 'on';
      if (switchOf('-semihosting-config', 'enable', enable)) throw new UsageError(`-semihosting-config: ${NO_SEMIHOSTING}`);
    },
  },
  readconfig: refused('value', NO_CONFIGURATION),
  set: refused('value', 'write the property where its device is'),
  'enable-kvm': refused('flag', 'this machine is always emulated; leave it out'),
  loadvm: refused('value', NO_SAVED),
  incoming: refused('value', NO_SAVED),
};

/** `-icount`: of `shift` follows what an instruction takes; how QEMU keeps up with the host's clock means nothing here. */
function setClock(draft: QemuDraft, text: string): void {
  const clock = parseIcount(text);
  if (clock === undefined) draft.notes.add('-icount has no effect: without a number for shift, an instruction takes one nanosecond here');
  else draft.clock = clock;
}

export function nonEmpty(option: string, text: string): string {
  if (text === '') throw new UsageError(`${option}: the value is empty`);
  return text;
}
