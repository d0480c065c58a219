/**
 * Whether a file descriptor is a terminal. Node's own test lies in a module that loads Node's sockets, so what cannot be a terminal (a file, a
 * pipe, the null device) is told apart before that is asked.
 */
import { createRequire } from 'node:module';
import { fstatSync, statSync } from '../files/calls.ts';

const require = createRequire(import.meta.url);

function isNullDevice(device: number): boolean {
  try {
    return statSync('/dev/null').rdev === device;
  } catch {
    return false;
  }
}

/** False for a descriptor that is not open. */
export function isTerminal(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    if (!status.isCharacterDevice() || isNullDevice(status.rdev)) return false;
  } catch {
    return false;
  }
  const { isatty } = require('node:tty') as typeof import('node:tty');
  return isatty(descriptor);
}
