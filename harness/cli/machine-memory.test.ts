/** Kernels that touch all of their machine's memory: never are two machines' memories held at a time, in however many runs. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram } from '../testkit/program.ts';

const MEMORY = 512;
/** Of it, in MiB: from where the kernel is not, to before the device tree. */
const TOUCHED = 480;

/** Then says that it panicked, and polls for ever: to be explained, the run is repeated to its end, and once more to the loop. */
const TOUCHES = assemble(`
  li t0, 0x81000000
  li t1, ${TOUCHED * 2 ** 20}
  add t1, t0, t1
  li t2, 4096
loop: sd t0, 0(t0)
  add t0, t0, t2
  bltu t0, t1, loop
  la s0, text
next: lbu a0, 0(s0)
  beqz a0, poll
  li a7, 1
  ecall
  addi s0, s0, 1
  j next
poll: lbu t0, 0(s0)
  j poll
text: .string "panicked at 'boom', src/main.rs:10:5"
`);

const RUBRIC = `rubric: 1
title: Touch everything
machine: { cpu: rv64, memory: ${MEMORY}M, drives: { blk: { size: 1M } } }
submission: { kernel: [kernel.elf] }
scenarios: { one: { limit: 1s guest }, two: { limit: 1s guest, append: two }, three: { limit: 1s guest, append: three } }
checks: [{ id: says-hello, title: Hello, points: 10, console: hello, in: one }]
`;

let folder: TestFolder;
let program: string;

beforeAll(() => {
  folder = new TestFolder();
  program = buildProgram(folder);
  folder.put('lab.yaml', RUBRIC);
  const kernel = writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: TOUCHES.bytes, flags: 7 }] });
  folder.put('kernel.elf', kernel);
  folder.put('tell.mjs', "process.on('exit', () => console.error('most: ' + process.resourceUsage().maxRSS));\n");
}, 120_000);
afterAll(() => folder.remove());

it('occupies the memory of one machine, and no more than 300 MiB beside it', () => {
  const argv = [program, 'grade', folder.at('lab.yaml'), folder.at('kernel.elf'), '--out', folder.at('out')];
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', folder.at('tell.mjs'), ...argv], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toContain('the kernel panicked at src/main.rs:10: boom');
  expect(stdout).toContain('the kernel spins in a loop that depends on nothing that it loads');
  const [, kibibytes] = /^most: (\d+)$/m.exec(stderr) ?? [];
  const most = Number(kibibytes) / 1024;
  expect(most).toBeGreaterThan(TOUCHED);
  expect(most).toBeLessThan(MEMORY + 300);
}, 120_000);
