/**
 * The sample class on QEMU 10: each kernel shows the same console as here and leaves the same image, on every image of the rubric.
 * What OpenSBI prints before the kernel starts is left out, and its \r (docs/qemu-differences.md).
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import { lacks } from '../../testing/tools.ts';
import { readRubric } from '../cli/read-rubric.ts';
import { sectorFromHex } from '../evidence/sector-bytes.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { Rubric } from '../rubric/types.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { runScenario } from './scenario.ts';

const QEMU = 'qemu-system-riscv64';
const ROOT = join(import.meta.dirname, '../..');
const CLASS = join(ROOT, 'submissions/class');
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-class-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** How long QEMU may take until its console is ours, and how long it must then keep still; in milliseconds. */
const PATIENCE = 30_000;
const QUIET = 300;
const MIB = 2 ** 20;

let rubric: Rubric;
beforeAll(async () => {
  rubric = await readRubric(join(ROOT, 'rubrics/lab13.yaml'));
});

interface Outcome {
  readonly console: string;
  readonly image: Uint8Array;
}

function onMachine(scenario: Scenario, kernel: string): Outcome {
  const [drive] = scenario.machine.drives;
  const initial = initialImage(drive!);
  const bytes = readFileSync(kernel);
  // To the end that the kernel comes to by itself: QEMU knows no `until`.
  const evidence = runScenario(
    { ...scenario, until: null },
    new Map([[drive!.name, initial]]),
    { bytes, sha256: '' },
    machineHost('bootgrade test'),
  );
  const image = initial.read(0, initial.size);
  for (const [sector, bytes] of Object.entries(evidence.images[0]!.changed)) image.set(sectorFromHex(bytes), Number(sector) * SECTOR_BYTES);
  return { console: Buffer.from(evidence.console, 'base64').toString('latin1'), image };
}

/** What follows OpenSBI's last line, without the \r that OpenSBI puts in front of each \n. */
function ofKernel(console: string): string {
  const lines = console.replaceAll('\r\n', '\n');
  const banner = /^Boot HART MEDELEG .*\n/m.exec(lines);
  return banner ? lines.slice(banner.index + banner[0].length) : '';
}

/** Runs until QEMU exits, or shows `expected` and nothing more. */
async function onQemu(scenario: Scenario, kernel: string, expected: string): Promise<Outcome> {
  const { cpu, memory, append, drives } = scenario.machine;
  const initial = initialImage(drives[0]!);
  const image = join(folder, `${scenario.name}.img`);
  const file = openSync(image, 'w');
  writeSync(file, initial.read(0, initial.size));
  closeSync(file);
  const machine = ['-machine', 'virt', '-cpu', cpu, '-m', `${memory / MIB}M`, '-no-reboot', '-display', 'none', '-monitor', 'none'];
  const disk = ['-drive', `file=${image},if=none,id=x0,format=raw`, '-device', 'virtio-blk-device,drive=x0,serial=blk0'];
  const options = [...machine, ...disk, '-serial', 'stdio', '-kernel', kernel, ...(append === undefined ? [] : ['-append', append])];
  const qemu = spawn(QEMU, options, { stdio: ['pipe', 'pipe', 'ignore'] });
  // Also where the test runs out of time meanwhile.
  onTestFinished(() => void qemu.kill('SIGKILL'));
  let console = '';
  let quiet = 0;
  qemu.stdout.setEncoding('latin1').on('data', (text: string) => {
    console += text;
    quiet = 0;
  });
  const exited = new Promise<void>((resolve) => qemu.once('close', () => resolve()));
  for (let waited = 0; waited < PATIENCE && qemu.exitCode === null; waited += 20) {
    await sleep(20);
    quiet += 20;
    if (ofKernel(console).length >= expected.length && quiet >= QUIET) break;
  }
  qemu.kill('SIGTERM');
  await exited;
  return { console: ofKernel(console), image: readFileSync(image) };
}

describe.skipIf(lacks('QEMU 10'))('the sample class on QEMU 10', () => {
  it.each(readdirSync(CLASS))('%s', async (submission) => {
    const kernel = join(CLASS, submission, 'kernel.elf');
    const compare = async (scenario: Scenario): Promise<void> => {
      const ours = onMachine(scenario, kernel);
      const theirs = await onQemu(scenario, kernel, ours.console);
      expect(ours.console, scenario.name).toBe(theirs.console);
      expect(Buffer.compare(ours.image, theirs.image), `${scenario.name}: the image`).toBe(0);
    };
    await Promise.all(rubric.scenarios.map(compare));
  });
});
