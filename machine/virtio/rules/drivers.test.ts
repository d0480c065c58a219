/**
 * Drivers that were not written for these rules: U-Boot's (Debian's package `u-boot-qemu`) over both transports, and those of the sample
 * submissions. A driver that works breaks no rule of severity `must` (U-Boot's: one, that shows nowhere but on real hardware); each wrong one breaks the rule that its name suggests.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks, U_BOOT_S } from '../../../testing/tools.ts';
import { createMachine, type Machine, memoryDisk } from '../../index.ts';
import type { TracedFinding } from '../record/finding.ts';

const ROOT = join(import.meta.dirname, '../../..');
const U_BOOT = join(U_BOOT_S, 'u-boot.bin');
const IMAGE = new TextEncoder().encode('Hello World from Image!');
const SECOND = 1e9;
const COUNTDOWN = 'Hit any key to stop autoboot:';
const MEGABYTE = 1 << 20;

interface Boot {
  readonly kernel: string;
  readonly memory?: number;
  readonly modernVirtio?: boolean;
  readonly races?: boolean;
  /** Typed one after the other, whenever the prompt is shown. At U-Boot's countdown a blank is typed. */
  readonly commands?: readonly string[];
  /** Stops the machine. */
  readonly until?: string;
}

/** The console, and the findings of the only drive. */
function boot({ kernel, memory = 1024, commands = [], until = '=> ', ...rest }: Boot): {
  console: string;
  findings: readonly TracedFinding[];
  machine: Machine;
} {
  let console = '';
  const machine: Machine = createMachine({
    cpu: 'rv64,zba=true,zbb=true',
    memory: memory * MEGABYTE,
    bios: 'builtin',
    append: 'ostd.log_level=error',
    live: false,
    drives: [{ disk: memoryDisk(64 * MEGABYTE, IMAGE), serial: 'blk0' }],
    kernel: readFileSync(kernel),
    ...rest,
    onConsole: (byte) => {
      console += String.fromCharCode(byte);
      if (console.endsWith(until) || console.endsWith(COUNTDOWN)) machine.pause();
    },
  });
  for (const keys of ['', ' ', ...commands.map((command) => `${command}\n`)]) {
    machine.type(new TextEncoder().encode(keys));
    if (machine.run(SECOND).reason !== 'paused') break;
  }
  machine.settle();
  return { console, findings: machine.devices[0]!.trace.findings, machine };
}

const sample = (name: string, rest: Partial<Boot> = {}) =>
  boot({ kernel: join(ROOT, 'submissions/class', name, 'kernel.elf'), until: '[INIT] Starting Shell...', races: true, ...rest });

const grave = (findings: readonly TracedFinding[]) => findings.filter(({ severity }) => severity !== 'note').map(({ rule }) => rule);

describe.skipIf(lacks('U-Boot'))("U-Boot's driver", () => {
  it.each([false, true])('breaks nothing that it must keep but a fence (modern: %s)', (modernVirtio) => {
    const commands = ['virtio scan', 'virtio read 0x84000000 0 1', 'virtio write 0x84000000 1 1', 'poweroff'];
    const { console, findings } = boot({ kernel: U_BOOT, memory: 256, modernVirtio, races: true, commands });
    expect(console).toMatch(/1 blocks read: OK[\s\S]*1 blocks written: OK/);
    // Between its stores to the ring and to the index stands nothing but a call of a function without a fence.
    expect(findings.filter(({ severity }) => severity === 'must').map(({ rule }) => rule)).toEqual(['barrier-missing']);
  });
});

describe('the samples', () => {
  it.each(['passes', 'ostd-passes', 'copy-of-read', 'wrong-sector', 'panics', 'no-write'])(
    '%s breaks nothing but habits of the lab',
    (name) => {
      const { findings } = sample(name);
      expect(grave(findings)).toEqual([]);
      expect(findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['page-size-missing', 'features-ok-legacy']));
    },
  );

  it.each([
    ['writable-data', 'write-data-writable'],
    ['ostd-writable-data', 'write-data-writable'],
    ['header-writable', 'readable-after-writable'],
    ['no-notify', 'notify-missing'],
    ['no-status-descriptor', 'status-missing'],
    ['status-not-writable', 'status-missing'],
    ['unknown-type', 'request-type-unknown'],
    ['wrong-length', 'data-length'],
    ['wrong-type', 'read-data-readable'],
    ['no-wait', 'race-load'],
  ])('%s breaks %s', (name, rule) => {
    expect(grave(sample(name).findings)).toEqual([rule]);
  });
});

/** Of submissions/harts: a driver without a fence before the notify, and its correct twin. */
describe('a fence', () => {
  const findingsOf = (name: string, races = true) =>
    boot({ kernel: join(ROOT, 'submissions/harts/class', name, 'kernel.elf'), memory: 32, until: 'right', races }).findings;
  const missing = (findings: readonly TracedFinding[]) => findings.filter(({ rule }) => rule === 'barrier-missing');

  it('that is missing before the notify is one finding, with both instructions, in a run that is watched', () => {
    const [finding, ...more] = missing(findingsOf('driver-fence'));
    expect(more).toEqual([]);
    // Two sectors are read.
    expect(finding).toMatchObject({ severity: 'must', section: '2.7.13', count: 2 });
    expect(finding!.message).toMatch(/\(none is between the store to the index, at 0x80200[0-9a-f]{3}, and this notification\)$/);
    expect(finding!.pc).toBeGreaterThan(0x8020_0000n);
    expect(missing(findingsOf('driver-fence', false))).toEqual([]);
  });

  it('that is there is none', () => {
    expect(missing(findingsOf('driver-fence-correct'))).toEqual([]);
  });
});

describe('the watch for races', () => {
  it('names the instruction that read too early, and is off unless asked for', () => {
    const { findings } = sample('no-wait');
    const race = findings.find(({ rule }) => rule === 'race-load')!;
    expect([race.request, race.count]).toEqual([2, 1]);
    expect(race.pc).toBeGreaterThan(0x8020_0000n);
    expect(grave(sample('no-wait', { races: false }).findings)).toEqual([]);
  });

  it.each(['passes', 'no-notify', 'ostd-passes'])('changes nothing of the run: %s', (name) => {
    const seen = (races: boolean) => {
      const { machine, console, findings } = sample(name, { races });
      return {
        console,
        findings,
        now: machine.now(),
        instructions: machine.instructions(),
        pc: machine.pc(),
        requests: machine.devices[0]!.trace.requests,
      };
    };
    expect(seen(true)).toEqual(seen(false));
  });
});
