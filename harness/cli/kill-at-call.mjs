// For grade-crash.test.ts, by `node --import`: kills the process in place of its KILL_AT-th call that changes a file; every other write
// is done by half first, as a system does that loses power. With KILL_AT=0 it kills nothing, and writes how many there were to
// KILL_COUNT.

import { default as fs, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { kill, pid } from 'node:process';

const at = Number(process.env.KILL_AT);
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

for (const name of ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'unlinkSync', 'ftruncateSync', 'mkdirSync']) {
  const real = fs[name];
  fs[name] = (...args) => {
    if (changes(name, args) && ++calls === at) {
      if (name in TORN && at % 2 === 0) real(...TORN[name](args));
      kill(pid, 'SIGKILL');
    }
    return real(...args);
  };
}
syncBuiltinESMExports();
if (at === 0) process.on('exit', () => writeFileSync(process.env.KILL_COUNT, String(calls)));
