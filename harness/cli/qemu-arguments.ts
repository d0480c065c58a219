/** The command line of `bootgrade run`: QEMU's (harness/qemu), and a few options of our own. */
import type { RunSettings } from '../emulator/settings.ts';
import { readOptions, settleMachine } from '../qemu/command-line.ts';
import { emptyDraft, nonEmpty, type Option, QEMU_OPTIONS, type QemuDraft } from '../qemu/options.ts';
import { resolveConsole } from '../qemu/serial.ts';
import type { KeyPair } from '../run/dialogue.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { parseClockOption, parseKeys, parseLimitOption, parseScheduleOption } from './run-options.ts';

interface Draft extends QemuDraft {
  fillRam: number;
  schedule?: string;
  until?: string;
  limit?: string;
  /** A --when that waits for its --type. */
  when?: string;
  keys: KeyPair[];
  events?: string;
  help: boolean;
}

/** An option whose value, parsed, becomes a part of the draft. */
function set<Key extends keyof Draft>(key: Key, parse: (text: string) => Draft[Key]): Option<Draft> {
  return {
    takesValue: true,
    apply: (draft, text) => {
      draft[key] = parse(text);
    },
  };
}

const HELP: Option<Draft> = {
  takesValue: false,
  apply: (draft) => {
    draft.help = true;
  },
};

const OPTIONS: Readonly<Record<string, Option<Draft>>> = {
  ...QEMU_OPTIONS,
  until: set('until', (text) => nonEmpty('--until', text)),
  limit: set('limit', (text) => text),
  clock: set('clock', parseClockOption),
  schedule: set('schedule', (text) => text),
  when: { takesValue: true, apply: addWhen },
  type: { takesValue: true, apply: addKeys },
  events: set('events', (text) => nonEmpty('--events', text)),
  'fill-ram': set('fillRam', parseByte),
  help: HELP,
  h: HELP,
};

/** The settings, or `help` where that is what was asked for; or every mistake, a line each. Files are not looked at. */
export function parseRunArguments(argv: readonly string[]): RunSettings | 'help' | { readonly mistakes: readonly string[] } {
  const draft: Draft = { ...emptyDraft('person'), fillRam: 0, keys: [], help: false };
  readOptions(argv, { draft, options: OPTIONS, remedy: 'see bootgrade run --help' });
  if (draft.help) return 'help';
  const settings = settle(draft);
  const { mistakes } = draft;
  return mistakes.lines.length === 0 ? settings : { mistakes: mistakes.lines };
}

function settle(draft: Draft): RunSettings {
  const { mistakes } = draft;
  if (draft.when !== undefined) mistakes.add(typeMissing(draft.when));
  const { machine, unused } = settleMachine(draft);
  const { kernel, bios, loader, entropy, network, flash, clock, harts } = machine;
  if (kernel === undefined && flash?.[0] === undefined && (bios === 'builtin' || (bios === 'none' && loader.length === 0)))
    mistakes.add('nothing to boot: name a kernel with -kernel FILE');
  const idle = unused.map((id) => `-drive id=${id} has no effect: no -device has drive=${id}`);
  if (draft.seed !== undefined && entropy === undefined) idle.push('-seed has no effect: nothing here is random without virtio-rng-device');
  if (network !== undefined) idle.push('-netdev has no effect: the link of virtio-net-device is down, so nothing is sent or received');
  else if (draft.netdevs.length > 0) idle.push('-netdev has no effect: no -device has netdev=NAME');
  const { fillRam, schedule, reboot, until, limit, keys, events } = draft;
  return {
    ...machine,
    fillRam,
    schedule: schedule === undefined ? [] : (mistakes.attempt(() => parseScheduleOption(schedule, harts)) ?? []),
    reboot,
    until,
    limit: limit === undefined ? undefined : mistakes.attempt(() => parseLimitOption(limit, clock)),
    keys,
    events,
    console: mistakes.attempt(() => resolveConsole(draft.serials, draft.chardevs)) ?? 'stdio',
    notes: [...draft.notes, ...idle],
  };
}

function addWhen(draft: Draft, text: string): void {
  const { when: waiting } = draft;
  draft.when = nonEmpty('--when', text);
  if (waiting !== undefined) throw new UsageError(typeMissing(waiting));
}

function typeMissing(when: string): string {
  return `--when "${when}": say what to type with --type TEXT after it`;
}

function addKeys(draft: Draft, text: string): void {
  const { when } = draft;
  delete draft.when;
  if (when === undefined) throw new UsageError(`--type "${text}": say after which text with --when TEXT before it`);
  draft.keys.push({ when, after: 0, type: parseKeys(text) });
}

function parseByte(text: string): number {
  const value = /^(0x[0-9a-f]{1,2}|\d{1,3})$/i.test(text) ? Number(text) : 256;
  if (value > 255) throw new UsageError(`--fill-ram ${text}: not a byte; write 0 to 255, or 0x00 to 0xff`);
  return value;
}
