/** For the tests of the program as users have it: built into a folder of the test, and run on a class of tiny kernels. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestFolder } from './command.ts';
import { everyFormatArguments } from './formats.ts';
import { tinyKernel } from './tiny-kernel.ts';

export const ROOT = join(import.meta.dirname, '../..');

const RUBRIC = `rubric: 1
title: Say hello
machine: { cpu: rv64, memory: 16M, drives: { blk: { size: 1M } } }
submission: { kernel: [kernel.elf], format: raw }
scenarios: { hello: { limit: 1ms guest } }
checks:
  - { id: says-hello, title: Hello, points: 10, console: hello }
`;

/** Builds the program; returns its path. */
export function buildProgram(folder: TestFolder): string {
  execFileSync(process.execPath, [join(ROOT, 'build.mjs'), folder.at('dist'), '--program'], { cwd: ROOT });
  return folder.at('dist/bootgrade.mjs');
}

export interface End {
  readonly code: number | null;
  readonly err: string;
}

/** A process that was started with its standard error piped, when it has ended; code null: it was killed. */
export async function ended(child: ChildProcess): Promise<End> {
  let err = '';
  child.stderr!.on('data', (text: Buffer) => {
    err += text.toString();
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, err })));
}

/** The program, a rubric, and a class of kernels so tiny that what takes time is the writing; graded into every format. */
export class BatchFolder extends TestFolder {
  readonly program = buildProgram(this);
  readonly #formats: readonly string[];

  constructor(submissions: number) {
    super();
    this.put('lab.yaml', RUBRIC);
    const names = Array.from({ length: submissions }, (_, at) => `s${String(at).padStart(3, '0')}`);
    names.forEach((name, at) => {
      this.put(`class/${name}/kernel.elf`, tinyKernel(at % 3 === 0 ? `bye ${at}` : `hello ${at}`));
    });
    this.#formats = everyFormatArguments(this, names);
  }

  /** Node's arguments for grading the class. */
  command(out: string, ...options: string[]): string[] {
    return [this.program, 'grade', this.at('lab.yaml'), this.at('class'), '--out', this.at(out), ...this.#formats, ...options];
  }

  start(out: string, ...options: string[]): ChildProcess {
    return spawn(process.execPath, this.command(out, ...options), { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** A shard has no reports of other formats. */
  startShard(out: string, shard: string): ChildProcess {
    const argv = [this.program, 'grade', this.at('lab.yaml'), this.at('class'), '--out', this.at(out), '--shard', shard];
    return spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Names that the journal has, in the order in which they were graded. */
  journaled(out: string): string[] {
    const file = this.at(join(out, 'journal.jsonl'));
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, 'utf8').split('\n').slice(1, -1);
    return lines.flatMap((line) => (JSON.parse(line) as { name?: string }).name ?? []);
  }

  /** The reports of what is graded: a report that is written again is a different file. */
  graded(out: string): Map<string, number> {
    return new Map(this.journaled(out).map((name) => [name, lstatSync(this.at(join(out, `${name}.json`))).ino]));
  }
}
