// Runs whole commands and says what they took: time on the clock, and processor time of the command and all its children.
import { spawn } from 'node:child_process';

/**
 * What a command took, in milliseconds. `errors` is what it wrote to standard error.
 *
 * @typedef {{ wall: number, cpu: number, errors: string }} Taken
 *
 * Keys that are typed once standard output has shown a text, after what the line before was typed for.
 *
 * @typedef {readonly [text: string, keys: string]} Typed
 *
 * A command; `until`: a text on standard output at which it is killed; `timeout`: milliseconds after which it is killed; `types`: what
 * standard input gives it, line by line.
 *
 * @typedef {{ program: string, args: readonly string[], until?: string | undefined, timeout?: number | undefined, types?: readonly Typed[] }} Command
 */

/**
 * The shell waits for the command, and then writes what `times` says to descriptor 3, and before that the command's process to 4. A command in
 * the background has no standard input unless it is given one.
 */
const SCRIPT = '"$@" <&0 & echo $! >&4; wait $!; code=$?; times >&3; exit $code';

/** The second line of `times` is that of children: user and system, such as 1m2.345s. */
function processorTime(/** @type {string} */ times) {
  const found = [...(times.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return found.reduce((sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000, 0);
}

/**
 * What to write to standard input when standard output has grown.
 *
 * @param {readonly Typed[]} types
 * @returns {(output: string) => string}
 */
function typist(types) {
  let [next, seen] = [0, 0];
  return (output) => {
    let keys = '';
    for (const [text, typed] of types.slice(next)) {
      const at = output.indexOf(text, seen);
      if (at < 0) break;
      seen = at + text.length;
      keys += typed;
      next++;
    }
    return keys;
  };
}

/**
 * Runs a command to its end, or until its standard output shows a text, or to the time-out; then it is killed.
 *
 * @param {Command} command
 * @returns {Promise<Taken>}
 */
export function measure({ program, args, until, timeout, types = [] }) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn('bash', ['-c', SCRIPT, 'bash', program, ...args], {
      stdio: [types.length > 0 ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    const typed = typist(types);
    const [stdin, stdout, stderr, times, started] = child.stdio;
    const texts = { stdout: '', stderr: '', times: '', started: '' };
    let killed = false;
    const kill = () => {
      if (killed) return;
      killed = true;
      process.kill(Number(texts.started), 'SIGKILL');
    };
    const timer = timeout === undefined ? undefined : setTimeout(kill, timeout);
    stdout?.on('data', (bytes) => {
      texts.stdout += bytes;
      const keys = typed(texts.stdout);
      if (keys !== '') stdin?.write(keys);
      if (until !== undefined && texts.stdout.includes(until)) kill();
    });
    stderr?.on('data', (bytes) => (texts.stderr += bytes));
    times?.on('data', (bytes) => (texts.times += bytes));
    started?.on('data', (bytes) => (texts.started += bytes));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      const taken = { wall: performance.now() - start, cpu: processorTime(texts.times), errors: texts.stderr };
      const ended = until === undefined ? code === 0 : killed;
      if (ended || (killed && timeout !== undefined)) resolve(taken);
      else reject(new Error(`${program} ended with ${code}: ${texts.stderr.slice(-2000)}${texts.stdout.slice(-500)}`));
    });
  });
}

/**
 * Runs commands, at most `parallel` of them at a time; the clock's time of all, the processor time of each added up.
 *
 * @param {readonly Command[]} commands
 * @param {number} parallel
 * @returns {Promise<Taken>}
 */
export async function measureAll(commands, parallel) {
  const start = performance.now();
  const queue = commands.values();
  let cpu = 0;
  const lane = async () => {
    for (const command of queue) cpu += (await measure(command)).cpu;
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return { wall: performance.now() - start, cpu, errors: '' };
}

/** @param {readonly number[]} numbers */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [before = Number.NaN, after = Number.NaN] = sorted.slice(Math.max(middle - 1, 0));
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : (before + after) / 2;
}
