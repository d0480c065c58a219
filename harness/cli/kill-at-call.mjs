// For grade-crash.test.ts, by NODE_OPTIONS=--import: kills the first process that runs KILL_PROGRAM in place of its KILL_AT-th call that
// changes a file; every other write is done by half first, as a system does that loses power. With KILL_AT=0 it kills nothing, and writes
// how many there were to KILL_NOTES.

import { default as fs } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { argv, env, kill, pid } from 'node:process';
import { isMainThread } from 'node:worker_threads';

const at = Number(env.KILL_AT);
let calls = 0;

const half = (content) => content.slice(0, content.length >> 1);

/** What is done of a call before the end. */
const TORN = {
  writeSync: ([file, content, offset, length, position]) =>
    typeof content === 'string' ? [file, half(content)] : [file, content, offset, length >> 1, position],
};

const { O_WRONLY, O_RDWR, O_CREAT } = fs.constants;

const changes = (name, [, flags]) =>
  name !== 'openSync' || (typeof flags === 'string' ? flags !== 'r' : (flags & (O_WRONLY | O_RDWR | O_CREAT)) !== 0);

const NAMES = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'unlinkSync', 'ftruncateSync', 'mkdirSync'];
const real = Object.fromEntries(NAMES.map((name) => [name, fs[name]]));

function note(text) {
  const file = real.openSync(env.KILL_NOTES, 'w');
  real.writeSync(file, text);
  real.closeSync(file);
}

function die(name, args) {
  // Whoever takes the place of the one that was killed lives.
  if (fs.existsSync(env.KILL_NOTES)) return;
  note('killed');
  if (name in TORN && at % 2 === 0) real[name](...TORN[name](args));
  kill(pid, 'SIGKILL');
}

if (isMainThread && basename(argv[1]) === env.KILL_PROGRAM) {
  for (const name of NAMES) {
    fs[name] = (...args) => {
      if (changes(name, args)) {
        calls++;
        if (at === 0) note(String(calls));
        else if (calls === at) die(name, args);
      }
      return real[name](...args);
    };
  }
  syncBuiltinESMExports();
}
