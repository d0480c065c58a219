/**
 * QEMU 10 as oracle for the virtio block device: the same probes (testkit/probes), played by the same guest, must find the same
 * registers, rings, data and interrupts. Then the images must be the same, and QEMU's trace and error messages must agree with our record.
 *
 * Where the two differ on purpose, DIFFERENCES has the reason, and the test asserts that they still do.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { DESCRIPTOR_FLAG, REQUEST_HEADER_BYTES as HEADER_SIZE, REQUEST_TYPES, SECTOR_BYTES as SECTOR } from '../spec/virtio.ts';
import { PROBE_RAM } from '../testkit/probe-driver.ts';
import type { Answers, ProbeScript } from '../testkit/probe-player.ts';
import { probesOf, SECTORS, scriptOf } from '../testkit/probes/index.ts';
import { createMachine } from '../virt-machine.ts';
import { memoryDisk } from './block/memory-disk.ts';
import type { Transport } from './features.ts';
import type { ChainProblem, TracedDescriptor, TracedDevice } from './record/trace.ts';

const { IN, OUT } = REQUEST_TYPES;
const { WRITE } = DESCRIPTOR_FLAG;

const BARRIER = 0x8000_0000;
const QEMU = 'qemu-system-riscv64';
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-oracle-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DRIVES = [
  { serial: 'first drive', readOnly: false },
  { serial: 'twenty bytes, no zero', readOnly: false },
  { serial: '', readOnly: true },
  { serial: 'barrier', readOnly: false },
] as const;
const IMAGE = Uint8Array.from({ length: SECTORS * SECTOR }, (_, i) => (i % SECTOR) + 7 * Math.floor(i / SECTOR));

interface Difference {
  readonly lines: readonly string[];
  readonly modernLines?: readonly string[];
  readonly reason: string;
}

/** Lines of a probe that differ, and why. docs/qemu-differences.md tells users. */
const DIFFERENCES: Readonly<Record<string, Difference>> = {
  'IN, then GET_ID, in one notify': {
    lines: ['used ring'],
    reason:
      'a device may use chains in any order (VIRTIO 1.2, 2.7.8); QEMU answers what needs no disk first, ours keeps the order of the ring',
  },
  'ZONE_REPORT into too small a buffer': {
    lines: ['used ring', 'status bytes'],
    modernLines: ['InterruptStatus', 'Status'],
    reason: 'a type that was not offered is UNSUPP (VIRTIO 1.2, 5.2.6.1); QEMU breaks the device over it',
  },
};
/** What QEMU says on standard error when a driver breaks the device. */
const MESSAGES: readonly (readonly [message: RegExp, ...problems: ChainProblem[]])[] = [
  [/Guest says index \d+ is available/, 'head-out-of-range'],
  [/Desc next is \d+/, 'next-out-of-range'],
  [/Looped descriptor/, 'loop'],
  // QEMU says this also for an indirect table outside RAM, which it reads as zeros.
  [/zero sized buffers are not allowed/, 'zero-length', 'unmapped'],
  [/Incorrect order for descriptors/, 'readable-after-writable'],
  [/missing headers/, 'header-missing', 'status-missing'],
  [/header? too short|outhdr too short/, 'header-too-short'],
  [/Invalid size for indirect buffer table|too many \w+ descriptors in indirect table/, 'indirect-malformed'],
  [/bogus descriptor or out of resources|Cannot map indirect buffer/, 'unmapped'],
];
/** Messages that are not about a chain. */
const ABOUT_RINGS = /Virtqueue size exceeded|Cannot map (desc|avail|used)/;
/** Our device answers this one (DIFFERENCES). */
const ABOUT_ZONES = /too small for zone report/;

/** What the first drive did. */
interface Log {
  /** Each IN and OUT, in order: sector and number of sectors. */
  readonly transfers: readonly string[];
  /** Status and used length of each answer, sorted: the order is not fixed. */
  readonly answers: readonly string[];
}

interface Outcome {
  readonly answers: Answers;
  readonly images: readonly Uint8Array[];
  readonly log: Log;
  readonly problems: readonly string[];
}

function file(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

function runQemu(transport: Transport, script: ProbeScript): Outcome {
  const images = DRIVES.map((_, i) => file(`${transport}${i}.img`, IMAGE));
  const drives = DRIVES.flatMap(({ serial, readOnly }, i) => [
    ...['-drive', `file=${images[i]},if=none,id=x${i},format=raw,readonly=${readOnly ? 'on' : 'off'}`],
    ...['-device', `virtio-blk-device,drive=x${i},serial=${serial.replaceAll(',', ',,')}`],
  ]);
  const console = join(folder, `${transport}.console`);
  const log = join(folder, `${transport}.log`);
  const machine = [
    '-machine',
    'virt',
    '-cpu',
    'rv64',
    '-m',
    String(PROBE_RAM >> 20),
    '-bios',
    'none',
    '-display',
    'none',
    '-monitor',
    'none',
  ];
  const options = ['-global', `virtio-mmio.force-legacy=${transport === 'legacy'}`, '-serial', `file:${console}`, '-D', log];
  const traces = ['-trace', 'virtio_blk*', '-trace', 'virtqueue*'];
  const kernel = ['-kernel', file(`${transport}.bin`, script.kernel())];
  const { status, stderr } = spawnSync(QEMU, [...machine, ...options, ...traces, ...kernel, ...drives], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  expect(status, stderr).toBe(0);
  return {
    answers: script.answers(readFileSync(console, 'latin1')),
    images: images.map((name) => new Uint8Array(readFileSync(name))),
    log: readTrace(readFileSync(log, 'latin1')),
    problems: stderr.split('\n').filter((line) => line !== '' && !ABOUT_RINGS.test(line) && !ABOUT_ZONES.test(line)),
  };
}

/** The trace names devices and queues by their addresses; the first drive is the first to transfer anything. */
function readTrace(text: string): Log {
  const events = [...text.matchAll(/^(virt\w+) (?:vdev|vq) (0x[0-9a-f]+) (.*)$/gm)].map(([, name, owner, rest]) => ({
    name: name!,
    owner: owner!,
    rest: rest!,
  }));
  const transfers = events.filter(({ name }) => /^virtio_blk_handle_(read|write)$/.test(name));
  const first = transfers[0]!.owner;
  const answers: string[] = [];
  // The used element comes after the completion and is published by a flush, unless the device is broken.
  events.forEach(({ name, owner, rest }, i) => {
    const [filled, flushed] = events.slice(i + 1, i + 3);
    if (name !== 'virtio_blk_req_complete' || owner !== first || filled?.name !== 'virtqueue_fill' || flushed?.name !== 'virtqueue_flush')
      return;
    answers.push(`status ${/status (\d+)/.exec(rest)![1]}, length ${/len (\d+)/.exec(filled.rest)![1]}`);
  });
  return {
    transfers: transfers
      .filter(({ owner }) => owner === first)
      .map(({ name, rest }) => `${name.slice(18)} ${/sector (\d+) nsectors (\d+)/.exec(rest)!.slice(1).join(' ')}`),
    answers: answers.sort(),
  };
}

function runMachine(transport: Transport, script: ProbeScript): Outcome {
  let console = '';
  const disks = DRIVES.map(({ readOnly }) => ({ ...memoryDisk(IMAGE.length, IMAGE), readOnly }));
  const machine = createMachine({
    cpu: 'rv64',
    memory: PROBE_RAM,
    bios: 'none',
    kernel: script.kernel(),
    modernVirtio: transport === 'modern',
    drives: disks.map((disk, i) => ({ disk, serial: DRIVES[i]!.serial })),
    onConsole: (byte) => {
      console += String.fromCharCode(byte);
    },
    live: false,
  });
  expect(machine.run(1e12)).toEqual({ reason: 'exit', code: 0 });
  return {
    answers: script.answers(console),
    images: disks.map((disk) => disk.read(0, disk.size)),
    log: readRecord(machine.devices[0]!.trace),
    problems: machine.devices[0]!.trace.requests.flatMap(({ problem }) => problem ?? []),
  };
}

function readRecord({ requests }: TracedDevice): Log {
  const bytes = (descriptors: readonly TracedDescriptor[], writable: boolean): number =>
    descriptors.filter(({ flags }) => ((flags & WRITE) !== 0) === writable).reduce((sum, { length }) => sum + length, 0);
  const transfers = requests.flatMap(({ type = 0xffff_ffff, sector, descriptors, problem }) => {
    if (problem !== undefined || ((type & ~BARRIER) >>> 0 !== IN && (type & ~BARRIER) >>> 0 !== OUT)) return [];
    const length = (type & OUT) !== 0 ? bytes(descriptors, false) - HEADER_SIZE : bytes(descriptors, true) - 1;
    return [`${(type & OUT) !== 0 ? 'write' : 'read'} ${sector} ${Math.floor(length / SECTOR)}`];
  });
  // The status is undefined if it could not be written.
  const answers = requests.flatMap(({ completion }) =>
    completion ? [`status ${completion.status ?? 0}, length ${completion.usedLength}`] : [],
  );
  return { transfers, answers: answers.sort() };
}

describe.skipIf(lacks('QEMU 10')).each(['legacy', 'modern'] as const)('QEMU 10, %s transport', (transport) => {
  let qemu: Outcome;
  let ours: Outcome;
  beforeAll(() => {
    const script = scriptOf(transport);
    qemu = runQemu(transport, script);
    ours = runMachine(transport, script);
  });

  it.each(probesOf(transport))('%s', (name) => {
    const { lines = [], modernLines = [] } = DIFFERENCES[name] ?? {};
    const differing = transport === 'modern' ? [...lines, ...modernLines] : lines;
    const text = (of: Outcome) => of.answers.get(name)!;
    const same = (of: Outcome) => Object.fromEntries([...text(of)].filter(([label]) => !differing.includes(label)));
    expect(same(ours)).toEqual(same(qemu));
    for (const label of differing) expect(text(ours).get(label), label).not.toBe(text(qemu).get(label));
  });

  it('the same images', () => {
    DRIVES.forEach((_, i) => {
      expect(Buffer.compare(ours.images[i]!, qemu.images[i]!), `drive ${i}`).toBe(0);
    });
  });

  it("the same transfers and answers as QEMU's trace", () => {
    expect(ours.log).toEqual(qemu.log);
  });

  it("the same malformed chains as QEMU's messages", () => {
    const named = qemu.problems.map((message) => MESSAGES.find(([pattern]) => pattern.test(message)) ?? message);
    expect(
      named.map((row, i) =>
        typeof row !== 'string' && row.slice(1).some((problem) => problem === ours.problems[i]) ? ours.problems[i] : row,
      ),
    ).toEqual(ours.problems);
  });
});
