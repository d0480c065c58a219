/**
 * The watchdog's thread: makes sure that a process which grades comes to an end, whatever its main thread is doing. A file of its own, since
 * a thread starts from one (build.mjs).
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { Patience } from './deadlines.ts';
import { processorTime, type Verdict, WatchState } from './watch-state.ts';

export interface WatchdogData {
  readonly state: SharedArrayBuffer;
  readonly patience: Patience;
  /** The process that a worker must not outlive, and that waits for its signs of life; null: this process is not a worker. */
  readonly parent: number | null;
}

const { state: buffer, patience, parent } = workerData as WatchdogData;
const state = new WatchState(buffer);

/** How many looks make so many seconds. Time is counted in looks, since none happen while the process is stopped or the computer sleeps. */
const looks = (seconds: number) => Math.ceil(seconds / patience.look);

let look = 0;
let gaveUpAt = 0;
/** When the main thread's last beat was seen, in looks and in processor time. */
let heard = { beats: -1, look: 0, time: 0 };

function killThisProcess(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment.
  for (;;);
}

/** What is wrong; undefined if nothing is. */
function problem(): Verdict | undefined {
  const time = processorTime();
  const { beats } = state;
  if (beats !== heard.beats) heard = { beats, look, time };
  if (time > state.ends) return 'over';
  if (time - heard.time > 1000 * patience.silence) return 'silent';
  if (look - heard.look > looks(patience.sleep)) return 'asleep';
  if (process.memoryUsage.rss() > state.memory * 2 ** 20) return 'memory';
  return undefined;
}

function say(file: number, text: string): void {
  try {
    writeSync(file, text);
  } catch {
    // Standard error is closed, or its reader is slow.
  }
}

/** Asks the main thread to give up, which Ctrl-C does wherever that is. A worker need not explain more: its parent does. */
function giveUp(): void {
  gaveUpAt = look;
  if (parent === null) process.kill(process.pid, 'SIGINT');
  else sayAndKill();
}

function sayAndKill(): never {
  say(2, `bootgrade: ${state.reason(patience)}\n`);
  killThisProcess();
}

setInterval(() => {
  look++;
  if (parent !== null && process.ppid !== parent) killThisProcess();
  if (parent !== null && look % looks(patience.pulse) === 0) say(1, '.');
  if (state.isGivenUp && look - gaveUpAt > looks(patience.grace)) sayAndKill();
  if (!state.isWorking) {
    heard = { beats: -1, look, time: 0 };
    return;
  }
  const verdict = problem();
  if (verdict !== undefined && state.giveUp(verdict)) giveUp();
}, 1000 * patience.look);
