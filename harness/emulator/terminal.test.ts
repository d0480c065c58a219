import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isTerminal } from './terminal.ts';

function isTerminalAt(path: string, mode: string): boolean {
  const descriptor = openSync(path, mode);
  try {
    return isTerminal(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

it('takes neither a file, nor a device that is none, nor a descriptor that is not open for a terminal', () => {
  expect(isTerminalAt(import.meta.filename, 'r')).toBe(false);
  expect(isTerminalAt('/dev/null', 'r')).toBe(false);
  expect(isTerminalAt('/dev/zero', 'r')).toBe(false);
  expect(isTerminal(12_345)).toBe(false);
});

// Opening this device makes a new terminal.
it.skipIf(!existsSync('/dev/ptmx'))('knows a terminal', () => {
  expect(isTerminalAt('/dev/ptmx', 'r+')).toBe(true);
});
