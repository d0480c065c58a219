/** Runs one step of a build, and ends it when it takes more than it may: time, memory, disk, or words. */
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { printable } from '../evidence/printable.ts';
import { assureDescriptors } from '../files/descriptors.ts';
import { folderSize } from '../files/folder-size.ts';
import { HostError, systemReason } from '../files/system-error.ts';
import { Output } from './output.ts';
import { memoryOfTree } from './processes.ts';
import type { CommandLine } from './sandbox/sandbox.ts';

export interface StepLimits {
  /** Of the clock. */
  readonly seconds: number;
  /** Bytes of output that are kept. */
  readonly output: number;
  /** Bytes. */
  readonly memory: number;
  readonly disk: number;
  /** The tree that it writes to. */
  readonly tree: string;
}

/** What it took too much of. */
export type Excess = 'time' | 'memory' | 'disk' | 'files' | 'output';

export interface StepEnd {
  /** null: it did not end by itself. */
  readonly exitCode: number | null;
  readonly excess: Excess | null;
  readonly output: string;
}

/** Files and folders below the tree. */
export const MOST_FILES = 500_000;

/** Bytes that it may print, whatever of it is kept. */
export const MOST_PRINTED = 256 * 2 ** 20;

/** Milliseconds between two looks at what it takes. */
const LOOK = 250;

/** Milliseconds that what is left of its output may take when it has ended. */
const LAST_WORDS = 500;

const DESCRIPTORS = 12;

/** Throws HostError where it cannot be started; what the signal was aborted with. */
export async function runStep(command: CommandLine, limits: StepLimits, signal: AbortSignal): Promise<StepEnd> {
  signal.throwIfAborted();
  assureDescriptors(DESCRIPTORS, 'building');
  const { file, args, environment, cwd, owner } = command;
  const child = execa(file, args, {
    cwd,
    env: environment,
    extendEnv: false,
    reject: false,
    buffer: false,
    // A process group of its own, which is ended as a whole.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    ...(owner ?? {}),
  });
  const watch = new StepWatch(child as unknown as ChildProcess, command, limits);
  const abort = () => watch.end(null);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const { exitCode, code } = await child;
    if (code !== undefined && exitCode === undefined && watch.excess === null) {
      throw new HostError(`starting ${file} failed: ${systemReason(Object.assign(new Error(code), { code }))}`);
    }
    signal.throwIfAborted();
    return watch.finish(exitCode ?? null);
  } finally {
    signal.removeEventListener('abort', abort);
    await watch.close();
  }
}

class StepWatch {
  readonly #child: ChildProcess;
  readonly #command: CommandLine;
  readonly #limits: StepLimits;
  readonly #output: Output;
  readonly #timers: NodeJS.Timeout[] = [];
  /** What the sandbox itself says of how it went. */
  #status = '';
  #isOver = false;
  #ending: Promise<unknown> | undefined;
  excess: Excess | null = null;

  constructor(child: ChildProcess, command: CommandLine, limits: StepLimits) {
    this.#child = child;
    this.#command = command;
    this.#limits = limits;
    this.#output = new Output(limits.output);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => this.#take(piece));
    child.stdio[3]?.on('data', (piece: Buffer) => {
      this.#status = (this.#status + piece.toString('latin1')).slice(-1000);
    });
    // What it has left running may hold its output open.
    child.once('exit', () => this.#timers.push(setTimeout(() => this.#cut(), LAST_WORDS)));
    this.#timers.push(setTimeout(() => this.end('time'), limits.seconds * 1000));
    this.#lookLater();
  }

  #take(piece: Buffer): void {
    this.#output.add(piece);
    if (this.#output.bytes > MOST_PRINTED) this.end('output');
  }

  #lookLater(): void {
    if (!this.#isOver) this.#timers.push(setTimeout(() => void this.#look(), LOOK));
  }

  async #look(): Promise<void> {
    const { memory, disk, tree } = this.#limits;
    if (memoryOfTree(this.#child.pid ?? 0) > memory) this.end('memory');
    const { bytes, entries } = await folderSize(tree, { bytes: disk, entries: MOST_FILES });
    if (bytes > disk) this.end('disk');
    if (entries > MOST_FILES) this.end('files');
    this.#lookLater();
  }

  /** Kills all of it. */
  end(excess: Excess | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.excess = excess;
    const { end } = this.#command;
    if (end !== undefined) {
      this.#ending = execa(end.file, end.args, { cwd: end.cwd, env: end.environment, extendEnv: false, reject: false, stdin: 'ignore' });
    }
    killGroup(this.#child.pid);
    this.#timers.push(setTimeout(() => this.#cut(), LAST_WORDS));
  }

  #cut(): void {
    for (const stream of this.#child.stdio) (stream as Readable | null | undefined)?.destroy();
  }

  /** Throws HostError where the sandbox could not start the step. */
  finish(exitCode: number | null): StepEnd {
    if (this.#command.tellsStatus === true && this.excess === null && !this.#status.includes('"exit-code"')) {
      throw new HostError(`the sandbox failed: ${printable(this.#output.text().trim(), 300)}`);
    }
    return { exitCode: this.excess === null ? exitCode : null, excess: this.excess, output: this.#output.text() };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    killGroup(this.#child.pid);
    await this.#ending;
  }
}

/** Also what is left of it, where there is no sandbox that ends with its first process. */
function killGroup(id: number | undefined): void {
  if (id === undefined) return;
  try {
    process.kill(-id, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
