// For refused-calls.test.ts, by NODE_OPTIONS=--import: in the first process that runs FAIL_PROGRAM the FAIL_AT-th call for a file or a
// process is refused, with FAIL_CODE. With FAIL_AT=0 nothing is refused. FAIL_NOTES then has how many calls there were, else what was refused.

import { default as processes } from 'node:child_process';
import { default as fs } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { argv, env } from 'node:process';
import { isMainThread } from 'node:worker_threads';

const at = Number(env.FAIL_AT);
const real = { openSync: fs.openSync, writeSync: fs.writeSync, closeSync: fs.closeSync, existsSync: fs.existsSync };
let calls = 0;

function note(text) {
  const file = real.openSync(env.FAIL_NOTES, 'w');
  real.writeSync(file, text);
  real.closeSync(file);
}

function refusing(name, call) {
  return (...args) => {
    calls++;
    if (at === 0) note(String(calls));
    // Whoever takes the place of one that ended for it is not refused again.
    else if (calls === at && !real.existsSync(env.FAIL_NOTES)) {
      note(`${name} ${String(args[0])}`);
      const errno = -(constants.errno[env.FAIL_CODE] ?? 0);
      throw Object.assign(new Error(`${env.FAIL_CODE}: refused, ${name}`), { code: env.FAIL_CODE, errno, syscall: name });
    }
    return call(...args);
  };
}

if (isMainThread && basename(argv[1]) === env.FAIL_PROGRAM) {
  for (const name of Object.keys(fs).filter((one) => one.endsWith('Sync'))) fs[name] = refusing(name, fs[name]);
  processes.spawn = refusing('spawn', processes.spawn);
  syncBuiltinESMExports();
}
