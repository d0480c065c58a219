// For refused-calls.test.ts, by NODE_OPTIONS=--import: in the first process that runs FAIL_PROGRAM the FAIL_AT-th call for a file or a
// process is refused, with FAIL_CODE. With FAIL_AT=0 nothing is refused. FAIL_NOTES then has how many calls there were, else what was refused.

import { default as processes } from 'node:child_process';
import { default as fs } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';
import { basename } from 'node:path';
import { argv, env } from 'node:process';
import { isMainThread } from 'node:worker_threads';

/** @typedef {(...args: unknown[]) => unknown} Call */

const { FAIL_NOTES = '', FAIL_PROGRAM = '', FAIL_CODE = '' } = env;
const at = Number(env.FAIL_AT);
const real = { openSync: fs.openSync, writeSync: fs.writeSync, closeSync: fs.closeSync, existsSync: fs.existsSync };
let calls = 0;

/** @param {string} text */
function note(text) {
  const file = real.openSync(FAIL_NOTES, 'w');
  real.writeSync(file, text);
  real.closeSync(file);
}

/**
 * @param {string} name
 * @param {Call} call
 * @returns {Call}
 */
function refusing(name, call) {
  return (...args) => {
    calls++;
    if (at === 0) note(String(calls));
    // Whoever takes the place of one that ended for it is not refused again.
    else if (calls === at && !real.existsSync(FAIL_NOTES)) {
      note(`${name} ${String(args[0])}`);
      /** @type {Readonly<Record<string, number>>} */
      const numbers = constants.errno;
      const errno = -(numbers[FAIL_CODE] ?? 0);
      throw Object.assign(new Error(`${FAIL_CODE}: refused, ${name}`), { code: FAIL_CODE, errno, syscall: name });
    }
    return call(...args);
  };
}

/** @param {object} module */
const callsOf = (module) => /** @type {Record<string, Call>} */ (module);

/**
 * @param {Record<string, Call>} module
 * @param {readonly string[]} names
 */
function refuse(module, names) {
  for (const name of names) module[name] = refusing(name, /** @type {Call} */ (module[name]));
}

if (isMainThread && basename(argv[1] ?? '') === FAIL_PROGRAM) {
  const ofFiles = Object.keys(fs).filter((one) => one.endsWith('Sync'));
  refuse(callsOf(fs), ofFiles);
  refuse(callsOf(processes), ['spawn']);
  syncBuiltinESMExports();
}
