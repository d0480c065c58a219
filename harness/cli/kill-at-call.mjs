// For grade-crash.test.ts, by NODE_OPTIONS=--import: kills the first process that runs KILL_PROGRAM in place of its KILL_AT-th call that
// changes a file; every other write is done by half first, as a system does that loses power. With KILL_AT=0 it kills nothing, and writes
// how many there were to KILL_NOTES.

import { default as fs } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { argv, env, kill, pid } from 'node:process';
import { isMainThread } from 'node:worker_threads';

/** @typedef {(...args: unknown[]) => unknown} Call */

const { KILL_NOTES = '', KILL_PROGRAM = '' } = env;
const at = Number(env.KILL_AT);
let calls = 0;

/** @param {string} content */
const half = (content) => content.slice(0, content.length >> 1);

/**
 * What is done of a write before the end.
 *
 * @param {readonly unknown[]} args of writeSync
 */
function torn([file, content, offset, length, position]) {
  return typeof content === 'string' ? [file, half(content)] : [file, content, offset, Number(length) >> 1, position];
}

const { O_WRONLY, O_RDWR, O_CREAT } = fs.constants;

/** Descriptors of files that are only read: to close them changes nothing. The program reads its own script so, before it has a task. */
const onlyRead = new Set();

/**
 * @param {string} name
 * @param {readonly unknown[]} args
 */
function changes(name, [first, flags]) {
  if (name === 'closeSync') return !onlyRead.has(first);
  return name !== 'openSync' || (typeof flags === 'string' ? flags !== 'r' : (Number(flags) & (O_WRONLY | O_RDWR | O_CREAT)) !== 0);
}

const NAMES = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'unlinkSync', 'ftruncateSync', 'mkdirSync'];
const calling = /** @type {Record<string, Call>} */ (/** @type {object} */ (fs));
const real = { openSync: fs.openSync, writeSync: fs.writeSync, closeSync: fs.closeSync };

/** @param {string} text */
function note(text) {
  const file = real.openSync(KILL_NOTES, 'w');
  real.writeSync(file, text);
  real.closeSync(file);
}

/**
 * @param {string} name
 * @param {Call} call
 * @param {readonly unknown[]} args
 */
function die(name, call, args) {
  // Whoever takes the place of the one that was killed lives.
  if (fs.existsSync(KILL_NOTES)) return;
  note('killed');
  if (name === 'writeSync' && at % 2 === 0) call(...torn(args));
  kill(pid, 'SIGKILL');
}

if (isMainThread && basename(argv[1] ?? '') === KILL_PROGRAM) {
  for (const name of NAMES) {
    const call = /** @type {Call} */ (calling[name]);
    calling[name] = (...args) => {
      if (changes(name, args)) {
        calls++;
        if (at === 0) note(String(calls));
        else if (calls === at) die(name, call, args);
      }
      const result = call(...args);
      if (name === 'closeSync') onlyRead.delete(args[0]);
      if (name === 'openSync') onlyRead[changes(name, args) ? 'delete' : 'add'](result);
      return result;
    };
  }
  syncBuiltinESMExports();
}
