/**
 * The guest's console on ours: its output to standard output, keys from standard input.
 *
 * As with QEMU's `-nographic`: a terminal is put into raw mode, so that Ctrl-C and all else reach the guest; Ctrl-A is the
 * one key that we take ourselves; and what is piped in is fed the same way.
 */
import { devNull } from 'node:os';
import type { ReadStream } from 'node:tty';
import { fstatSync, readFileSync, statSync, writeSync } from '../files/calls.ts';
import { HostError, systemReason } from '../files/system-error.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

const BUFFER_BYTES = 1 << 16;

/** Buffers what the guest writes; the loop that runs the machine flushes it between slices. */
export class ConsoleOutput {
  readonly #fd: number | undefined;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  #closed = false;
  #last = 0x0a;

  /** Without a file descriptor, what the guest writes is dropped. */
  constructor(fd: number | undefined) {
    this.#fd = fd;
  }

  /** Nobody reads standard output any more (`| head`): what follows is dropped. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether the cursor stands at a line's beginning. */
  get atLineStart(): boolean {
    return this.#last === 0x0a;
  }

  put(byte: number): void {
    if (this.#length === BUFFER_BYTES) this.flush();
    this.#buffer[this.#length++] = byte;
    this.#last = byte;
  }

  flush(): void {
    const fd = this.#fd;
    for (let done = 0; fd !== undefined && done < this.#length && !this.#closed; ) {
      try {
        done += writeSync(fd, this.#buffer, done, this.#length - done);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE' || code === 'EBADF') this.#closed = true;
        // A pipe that someone made non-blocking is full: its reader needs a moment.
        else if (code === 'EAGAIN') pause(1);
        else {
          this.#closed = true;
          throw new HostError(`writing standard output failed: ${systemReason(error)}`);
        }
      }
    }
    this.#length = 0;
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

const CTRL_A = 0x01;

/** What the user asked for with Ctrl-A. */
export type Command = 'leave' | 'help';

const COMMANDS: Readonly<Record<string, Command>> = { x: 'leave', h: 'help', '?': 'help' };

export const KEYS_HELP = 'Ctrl-A x leaves, Ctrl-A h shows this, Ctrl-A Ctrl-A sends Ctrl-A to the guest';

/** Takes Ctrl-A and the key after it out of the input; as in QEMU, two of them send one, and other keys after it are dropped. */
export class KeyFilter {
  #escaped = false;

  /** The keys for the guest; a command ends them (keys after `leave` go nowhere, and nobody types ahead of `help`). */
  take(bytes: Uint8Array): { keys: Uint8Array; command: Command | undefined } {
    const keys: number[] = [];
    let command: Command | undefined;
    for (const byte of bytes) {
      if (!this.#escaped && byte === CTRL_A) this.#escaped = true;
      else if (this.#escaped && byte !== CTRL_A) {
        this.#escaped = false;
        command = COMMANDS[String.fromCharCode(byte)] ?? command;
        if (command === 'leave') break;
      } else {
        this.#escaped = false;
        keys.push(byte);
      }
    }
    return { keys: Uint8Array.from(keys), command };
  }
}

/** Where keys come from. */
export interface Keyboard {
  /** A person at a terminal. */
  readonly terminal: boolean;
  /** More keys may come. */
  readonly open: boolean;
  /** The bytes that came since the last call. */
  take(): Uint8Array;
  /** Returns when there are bytes to take, when none will come any more, or after `milliseconds`. */
  wait(milliseconds: number): Promise<void>;
  /** Gives standard input back as it was. */
  close(): void;
}

/** Keys that are all there from the start. */
export function fixedKeys(bytes: Uint8Array): Keyboard {
  let left = bytes;
  return {
    terminal: false,
    open: false,
    take() {
      const taken = left;
      left = new Uint8Array();
      return taken;
    },
    wait: async () => {},
    close() {},
  };
}

/** More than any input meant for a console. */
const MAX_FILE = 64 << 20;

/** The keyboard on this process's standard input: a terminal, a file, or a stream of any other kind. `stream` is called only for the latter. */
export function openKeyboard(stream: () => NodeJS.ReadStream): Keyboard {
  const status = fstatSync(0);
  // Standard input from a file or from nothing is read at once: such a run never has to wait, and is the same every time.
  if (status.rdev !== 0 && status.rdev === statSync(devNull).rdev) return fixedKeys(new Uint8Array());
  if (!status.isFile()) return streamKeys(stream());
  if (status.size > MAX_FILE) throw new UsageError('standard input is a file of more than 64 MiB: too much to type');
  return fixedKeys(readFileSync(0));
}

/** Keys from a terminal or a pipe. Reading stops while bytes wait to be taken, so a fast writer is held back. */
export function streamKeys(stream: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode' | 'unref'>>): Keyboard {
  let waiting: Uint8Array[] = [];
  let open = true;
  let wake = () => {};
  const end = () => {
    open = false;
    wake();
  };
  stream.on('data', (bytes: string | Uint8Array) => {
    waiting.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    stream.pause();
    wake();
  });
  stream.on('end', end);
  stream.on('close', end);
  // A terminal that hangs up, a socket that breaks: no more keys, as at the end.
  stream.on('error', end);
  const terminal = stream.isTTY === true;
  const restore = () => {
    if (terminal) stream.setRawMode?.(false);
  };
  if (terminal) {
    stream.setRawMode?.(true);
    process.once('exit', restore);
  }
  return {
    terminal,
    get open() {
      return open || waiting.length > 0;
    },
    take() {
      const taken = Buffer.concat(waiting);
      waiting = [];
      if (open) stream.resume();
      return taken;
    },
    wait(milliseconds) {
      if (waiting.length > 0 || !open) return Promise.resolve();
      return new Promise((resolve) => {
        // Node takes a longer time for a millisecond.
        const timer = setTimeout(() => wake(), Math.min(milliseconds, 2 ** 31 - 1));
        wake = () => {
          clearTimeout(timer);
          wake = () => {};
          resolve();
        };
      });
    },
    close() {
      stream.pause();
      // Standard input that nobody reads any more must not keep the process from ending.
      stream.unref?.();
      restore();
      process.removeListener('exit', restore);
    },
  };
}
