/**
 * `machine: { qemu: "…" }`: the command line with which a course starts QEMU, word for word. It is turned into the keys that say the same before
 * scenarios are merged, so that everything after that sees a rubric which has these keys. A key that is written beside `qemu` counts more, and
 * a scenario may override each as it does any key of `machine`.
 *
 * Reference: harness/qemu. Left out: variables of make and of the shell.
 */
import { RAM_BASE } from '../../machine/spec/virt-board.ts';
import { hexOf } from '../bytes/hex.ts';
import { utf8Text } from '../bytes/text.ts';
import { quoted } from '../evidence/printable.ts';
import type { ConfigSettings, DriveSettings, LoaderSettings, MachineSettings } from '../qemu/settings.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { asMap, asText, type Loose } from './loose.ts';
import { type LineProblem, readLine } from './qemu-line.ts';
import { randomNamesOf } from './random.ts';

const AT: readonly PropertyKey[] = ['machine', 'qemu'];

/** Where a firmware that is not told of a kernel looks for it. */
const NEXT_STAGE = RAM_BASE + 0x20_0000;

/** Keys of a drive that say what its image is: one that is written beside `qemu` replaces the file of `-drive`. */
const IMAGE_KEYS = ['size', 'contents', 'built', 'submitted', 'image'];

/** A file of the line that cannot be in what is handed in by the path that the line has: the key that may be written beside it, and what is left of the path. */
interface Outside {
  readonly key: readonly string[];
  readonly file: string;
}

export interface Expanded {
  readonly mistakes: Mistake[];
  readonly outside: readonly Outside[];
  /** Where the value at a path is written: at `qemu`, if that is where it comes from. */
  readonly writtenAt: (path: readonly PropertyKey[]) => readonly PropertyKey[];
}

/** Changes `rubric`, valid or not: `machine` and `submission` get the keys that the line stands for, and `qemu` is gone. */
export function expandQemu(rubric: unknown): Expanded {
  const top = asMap(rubric);
  const line = asText(asMap(top['machine'])['qemu']);
  if (line === null || line === '') return { mistakes: [], outside: [], writtenAt: (path) => path };
  const { settings, problems } = readLine(line, randomNamesOf(rubric));
  const expansion = new Expansion(top, problems);
  expansion.kernel(settings);
  expansion.machine(settings);
  delete asMap(top['machine'])['qemu'];
  const mistakes = problems.map((problem): Mistake => ({ path: AT, code: 'bad-qemu', ...problem }));
  return { mistakes, outside: expansion.outside, writtenAt: expansion.writtenAt };
}

class Expansion {
  readonly #machine: Loose;
  readonly #submission: Loose;
  /** The folder in which the course builds, and starts QEMU; the top where nothing is built. */
  readonly #folder: string;
  readonly #isBuilt: boolean;
  readonly #problems: LineProblem[];
  readonly outside: Outside[] = [];
  /** The kernel is what the line has as its firmware. */
  #isFirmware = false;
  /** Paths of what the line has added. */
  readonly #added = new Set<string>();

  constructor(rubric: Loose, problems: LineProblem[]) {
    if (!Object.hasOwn(rubric, 'submission')) this.#put(rubric, 'submission', {}, []);
    this.#machine = asMap(rubric['machine']);
    this.#submission = asMap(rubric['submission']);
    this.#isBuilt = Object.hasOwn(this.#submission, 'build');
    this.#folder = asText(asMap(this.#submission['build'])['folder']) ?? '';
    this.#problems = problems;
  }

  readonly writtenAt = (path: readonly PropertyKey[]): readonly PropertyKey[] => {
    const isAdded = path.some((_, index) => this.#added.has(path.slice(0, index + 1).join('/')));
    return isAdded ? AT : path;
  };

  /** The kernel is the submission's, unless the rubric says which file that is. */
  kernel(settings: MachineSettings): void {
    if (Object.hasOwn(this.#submission, 'kernel')) return;
    const loaded = settings.kernel === undefined ? loadedKernel(settings) : undefined;
    const firmware = loaded === undefined ? firmwareAlone(settings) : undefined;
    const file = settings.kernel ?? loaded?.from.file ?? firmware;
    this.#isFirmware = firmware !== undefined;
    if (file === undefined) {
      this.#problems.push({ message: 'the line names no kernel', remedy: 'add -kernel FILE to it, or write submission: { kernel: FILE }' });
    } else {
      const remedy = 'say where the kernel is in what is handed in: submission: { kernel: FILE }';
      this.#put(this.#submission, 'kernel', this.#belowTop(file, remedy, ['submission', 'kernel']), ['submission']);
    }
    // What is loaded to an address need not be an ELF file, nor what has such a name.
    if (loaded?.at !== undefined || RAW_NAME.test(file ?? '')) this.#put(this.#submission, 'format', 'raw', ['submission']);
  }

  machine(settings: MachineSettings): void {
    const { bios, entropy, network, fwCfg, flash, modernVirtio, harts, clock } = settings;
    const kernel = settings.kernel === undefined ? loadedKernel(settings) : undefined;
    const loader = settings.loader.filter((item) => item !== kernel).map(loaderItem);
    const keys = {
      cpu: settings.cpu === 'rv64' ? undefined : settings.cpu,
      memory: sizeText(settings.memory),
      bios: bios === 'builtin' ? undefined : bios === 'none' || this.#isFirmware ? 'none' : bios.file,
      initrd: settings.initrd,
      loader: loader.length === 0 ? undefined : loader,
      harts: harts === 1 ? undefined : harts,
      clock: clock === 1 ? undefined : `${clock} ns`,
      append: settings.append,
      rng: entropy,
      network,
      flash: flash?.map((unit) =>
        unit === undefined ? null : unit.writes === 'refused' ? unit.file : { file: unit.file, writable: true },
      ),
      'fw-cfg': fwCfg.length === 0 ? undefined : fwCfg.map(configItem),
      transport: modernVirtio ? 'modern' : undefined,
    };
    for (const [key, value] of Object.entries(keys)) if (value !== undefined) this.#put(this.#machine, key, value, ['machine']);
    if (settings.drives.length > 0) this.#drives(settings.drives);
  }

  /** The line's drives come first, in its order, with what is written beside it about each. */
  #drives(drives: readonly DriveSettings[]): void {
    this.#put(this.#machine, 'drives', {}, ['machine']);
    const all = asMap(this.#machine['drives']);
    const beside = { ...all };
    for (const id of Object.keys(all)) delete all[id];
    for (const { id, file, serial, slot, readOnly } of drives) {
      const path = ['machine', 'drives', id];
      if (Object.hasOwn(beside, id)) all[id] = beside[id];
      else this.#put(all, id, {}, path.slice(0, -1));
      const drive = asMap(all[id]);
      if (!IMAGE_KEYS.some((key) => Object.hasOwn(drive, key))) {
        const remedy = `say where it is in what is handed in: drives: { ${id}: { submitted: FILE } }`;
        const key = this.#isBuilt ? 'built' : 'submitted';
        this.#put(drive, key, this.#belowTop(file, remedy, [...path, key]), path);
      }
      this.#put(drive, 'slot', slot, path);
      if (serial !== '') this.#put(drive, 'serial', serial, path);
      if (readOnly) this.#put(drive, 'readonly', readOnly, path);
    }
    for (const [id, drive] of Object.entries(beside)) if (!Object.hasOwn(all, id)) all[id] = drive;
  }

  /** Only where nothing is written. */
  #put(holder: Loose, key: string, value: unknown, path: readonly string[]): void {
    if (Object.hasOwn(holder, key)) return;
    holder[key] = value;
    this.#added.add([...path, key].join('/'));
  }

  /** A file that the build makes, or that is handed in, by its path from the top: QEMU is started in the folder of the build. */
  #belowTop(file: string, remedy: string, key: readonly string[]): string {
    const parts: string[] = [];
    let isBelow = !file.startsWith('/');
    for (const part of `${this.#folder}/${file}`.split('/')) {
      if (part === '..') isBelow = parts.pop() !== undefined && isBelow;
      else if (part !== '' && part !== '.') parts.push(part);
    }
    if (!isBelow || parts.length === 0) {
      this.#problems.push({ message: `${quoted(file, 60)} is not below the folder in which the line is used`, remedy });
      this.outside.push({ key, file: (file.startsWith('/') ? parts.at(-1) : parts.join('/')) || 'FILE' });
      return 'unknown';
    }
    return parts.join('/');
  }
}

/** Without -kernel, what the loader puts where the kernel starts; or else an ELF file, whose place it says itself. */
function loadedKernel({ loader, bios }: MachineSettings): (LoaderSettings & { from: { file: string } }) | undefined {
  const files = loader.filter((item): item is LoaderSettings & { from: { file: string } } => 'file' in item.from);
  const start = bios === 'none' ? RAM_BASE : NEXT_STAGE;
  return files.find(({ at }) => at === start) ?? files.find(({ at }) => at === undefined);
}

/** Names of raw kernels, and of Linux' own format, which is raw as well. */
const RAW_NAME = /(\.bin|\.img|^Image|\/Image)$/i;

/** `-bios FILE` with nothing for it to start: the file is the kernel, which runs in M mode as it does by `-bios none -kernel FILE`. */
function firmwareAlone({ kernel, bios, loader, flash }: MachineSettings): string | undefined {
  if (kernel !== undefined || typeof bios === 'string' || flash !== undefined) return undefined;
  return loader.some(({ from }) => 'file' in from) ? undefined : bios.file;
}

function loaderItem({ from, at }: LoaderSettings): Loose {
  if ('bytes' in from) return { at, hex: hexOf(from.bytes) };
  return { file: from.file, ...(at === undefined ? {} : { at }) };
}

function configItem({ name, from }: ConfigSettings): Loose {
  return { name, ...('bytes' in from ? { text: utf8Text(from.bytes) } : from) };
}

/** Memory is a whole number of KiB. */
function sizeText(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}M` : `${bytes / 2 ** 10}K`;
}
