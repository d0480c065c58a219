/** The command line that a report has for a failing schedule makes that run again, to the instruction: also where it writes the requests of drives. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import type { SubmissionResult } from '../result/result.ts';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram, ROOT } from '../testkit/program.ts';

let folder: TestFolder;
let program: string;
beforeAll(() => {
  folder = new TestFolder();
  program = buildProgram(folder);
});
afterAll(() => folder.remove());

const kernelOf = (name: string) => join(ROOT, 'submissions/harts/class', name, 'kernel.elf');
const DISK = 'drives: { disk: { size: 1M, contents: [{ at: 0, fill: 66, length: 1024 }] } }';

function graded(name: string, drives: string): { result: SubmissionResult; evidence: Evidence } {
  const rubric = `rubric: 1
title: Harts
machine: { harts: 2, memory: 32M, ${drives} }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 20ms guest, schedules: { runs: 40, stores: delayed } } }
checks: [{ id: right, points: 5, console: { contains: ": right" } }]
`;
  const file = folder.put(`${name}.yaml`, rubric);
  const out = folder.at(name);
  const { stdout } = spawnSync(process.execPath, [program, 'grade', file, kernelOf(name), '--out', out, '--json'], { encoding: 'utf8' });
  const [result] = (JSON.parse(stdout) as { results: SubmissionResult[] }).results;
  const { evidence } = result!.scenarios[0]!;
  return { result: result!, evidence: JSON.parse(readFileSync(join(out, evidence!), 'utf8')) as Evidence };
}

/** Of `stopped: … after 13,184 instructions, …`. */
const instructionsIn = (line: string) => Number(/after ([\d,]+) instructions/.exec(line)![1]!.replaceAll(',', ''));

it.each(['lost-update', 'lock-order', 'lost-wakeup', 'flag-order'])('of %s', (name) => {
  const { result, evidence } = graded(name, 'drives: {}');
  const line = result.scenarios[0]!.faults.find((one) => one.startsWith('to see it again: '))!.slice('to see it again: '.length);
  expect(line).toMatch(/^bootgrade run /);
  const words = line.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
  const argv = words.slice(1).map((word) => (word === 'KERNEL' ? kernelOf(name) : word));
  const { stdout, stderr } = spawnSync(process.execPath, [program, ...argv], { input: '' });
  expect(stdout.toString('base64')).toBe(evidence.console);
  expect(evidence.schedule).toBe(argv[argv.indexOf('--schedule') + 1]);
  expect(instructionsIn(stderr.toString())).toBe(evidence.instructions);
});

it('of a driver, with --events', () => {
  const { evidence } = graded('driver-fence', DISK);
  expect(evidence.stop.reason).not.toBe('poweroff');
  writeFileSync(folder.at('disk.img'), new Uint8Array(1 << 20).fill(66, 0, 1024));
  const drive = ['-drive', `file=${folder.at('disk.img')},if=none,format=raw,id=disk`, '-device', 'virtio-blk-device,drive=disk'];
  const machine = ['-smp', '2', '-m', '32M', '-nographic', '-kernel', kernelOf('driver-fence'), ...drive];
  const argv = ['run', ...machine, '--schedule', evidence.schedule!, '--events', folder.at('events'), '--limit', '20ms'];
  const { stderr } = spawnSync(process.execPath, [program, ...argv], { input: '', encoding: 'utf8' });
  expect(instructionsIn(stderr)).toBe(evidence.instructions);
  const events = readFileSync(folder.at('events'), 'utf8').split('\n').slice(0, -1);
  expect(events.map((event) => (JSON.parse(event) as { type: unknown }).type)).toEqual(evidence.requests.map(({ type }) => type));
});
