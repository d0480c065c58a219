/**
 * The rubric of the OSTD course's lab on ext2, on small kernels that show what the real one does: they read the two files from where the rubric's
 * image has them, and have no file system. What the real kernels get is in docs/development/conformance.md.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, inThisProcess, TestFolder } from '../testkit/command.ts';
import { diskKernel, ifBuffer, printBuffer, read, readLine, say, write } from '../testkit/disk-kernel.ts';
import { grade } from './grade.ts';

const RUBRIC = join(import.meta.dirname, '../../rubrics/ostd-lab14.yaml');
const SECTORS_OF_BLOCK = 8;
const [BITMAP, HELLO_EXT2, HELLO] = [2, 38, 39].map((block) => block * SECTORS_OF_BLOCK) as [number, number, number];

interface Answers {
  readonly booted?: string;
  /** What `read_ext2_file` does. */
  readonly reads?: string;
  readonly ramfs?: string;
}

const READS = `${read(HELLO)}\n${say('Content of hello: ')}\n${printBuffer}`;
const RAMFS = say('Content of hello: Hello\nContent of world: World\n');

/** Both commands begin with an r: the second letter tells them apart. */
function kernel({ booted = `${read(HELLO_EXT2)}\n${printBuffer}`, reads = READS, ramfs = RAMFS }: Answers): Uint8Array<ArrayBuffer> {
  const steps = [
    say('Read from ext2: '),
    booted,
    say('\n[INIT] Starting Shell...\nRunning Shell...\n~ # '),
    readLine(),
    'lbu t0, 1(s5)\n sb t0, 0(s5)',
    ifBuffer(
      'e',
      `${say('read_ext2_file\n Running command: read_ext2_file\n')}\n${reads}`,
      `${say('ramfs\n Running command: ramfs\n')}\n${ramfs}`,
    ),
    say('\n~ # '),
    readLine(),
  ];
  return diskKernel(steps, { slot: 6 });
}

async function graded(answers: Answers): Promise<SubmissionResult> {
  const folder = new TestFolder();
  try {
    folder.put('hand-in/kernel.elf', kernel(answers));
    const printed = capture();
    const options = {
      rubric: RUBRIC,
      submissions: [folder.at('hand-in')],
      out: folder.at('reports'),
      json: true,
      strict: false,
      single: true,
    };
    await grade({ ...options, explain: 'nothing', attempt: 1 }, printed.environment, inThisProcess(machineHost('bootgrade test')));
    return (JSON.parse(printed.out()) as { results: SubmissionResult[] }).results[0]!;
  } finally {
    folder.remove();
  }
}

const lost = ({ checks }: SubmissionResult): string[] => checks.filter(({ outcome }) => outcome !== 'passed').map(({ id }) => id);

describe('ostd-lab14', () => {
  it('gives the kernel that solves the lab all points', async () => {
    const result = await graded({});
    expect({ lost: lost(result), score: result.score }).toEqual({ lost: [], score: 100 });
  });

  const NOT_READ = ['read-file', 'ramfs', 'sound', 'kept', 'exits'];
  it.each<[string, Answers, string[]]>([
    ['is as students get it', { reads: say('Failed to open hello in child: No such file or directory') }, NOT_READ],
    ['prints a text that it has from elsewhere', { reads: say('Content of hello: Hello, Ext2!') }, NOT_READ],
    ['prints the other file', { reads: `${read(HELLO_EXT2)}\n${say('Content of hello: ')}\n${printBuffer}` }, NOT_READ],
    ['reads the wrong block when it boots', { booted: `${read(HELLO)}\n${printBuffer}` }, ['boot']],
    ['no longer creates files', { ramfs: say('Failed to open hello: Function not implemented') }, ['ramfs', 'sound', 'kept']],
    ['writes over the bitmap', { ramfs: `${write(BITMAP, '')}\n${RAMFS}` }, ['sound']],
    ['writes over the file', { ramfs: `${write(HELLO, 'World')}\n${RAMFS}` }, ['kept']],
  ])('takes the points off a kernel that %s', async (_, answers, expected) => {
    expect(lost(await graded(answers))).toEqual(expected);
  });
});
