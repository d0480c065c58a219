// For isolation.test.ts, by NODE_OPTIONS=--import: a process that grades, and that opens the kernel of a folder whose name is that of an act,
// does as a grader with a bug might. With `-once` at the name's end it does so the first time only (MISBEHAVED: a folder for notes).

import { existsSync, default as fs, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { argv, env, kill, pid } from 'node:process';

/** @type {Readonly<Record<string, () => void>>} */
const ACTS = {
  loops: () => {
    for (;;);
  },
  stops: () => kill(pid, 'SIGSTOP'),
  dies: () => kill(pid, 'SIGKILL'),
  eats: () => {
    for (const all = []; ; ) all.push(Buffer.alloc(1 << 20, 1));
  },
  throws: () => {
    throw new TypeError('out of order');
  },
};

/** Of the command itself only the one that grades alone, and that once: it reads the kernel again for the report. */
const once = !argv[1]?.endsWith('grade-worker.mjs');

const open = fs.openSync;
fs.openSync = (path, ...rest) => {
  if (basename(String(path)) === 'kernel.elf') {
    const name = basename(dirname(String(path)));
    const [, act = '', onlyFirst] = /^([a-z]+)(-once)?$/.exec(name) ?? [];
    const note = join(env.MISBEHAVED ?? '', name);
    const first = !existsSync(note);
    if (Object.hasOwn(ACTS, act) && (first || !(onlyFirst || once))) {
      writeFileSync(note, '');
      ACTS[act]?.();
    }
  }
  return open(path, ...rest);
};
syncBuiltinESMExports();
