/**
 * The kernels with mistakes between harts (submissions/harts): in the one order that a run without schedules has, every one of them comes out right,
 * and so does its correct twin: a single run finds none of these mistakes. submissions/harts/README.md has what QEMU does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMachine } from './virt-machine.ts';

const CLASS = join(import.meta.dirname, '../submissions/harts/class');

const RESULTS: Readonly<Record<string, string>> = {
  'double-release': 'tries 40 of 40',
  'driver-fence': 'sectors 2 of 2',
  'flag-order': 'sum 55 of 55',
  interrupt: 'events 100 of 100',
  'lock-order': 'money 200 of 200',
  'lost-update': 'count 100 of 100',
  'lost-wakeup': 'messages 5 of 5',
  'missing-lock': 'free pages 8 of 8',
  'per-hart': 'free pages 8 of 8',
  'remote-fence': 'reads 20 of 20',
  'unlock-fence': 'count 40 of 40',
  'use-after-free': 'reads 20 of 20',
};
/** Those that do with one hart. */
const ALONE = ['driver-fence', 'interrupt'];

function printed(name: string, harts: number): string {
  let console = '';
  const bytes = new Uint8Array(4096).fill('B'.charCodeAt(0));
  const machine = createMachine({
    harts,
    bios: 'builtin',
    kernel: new Uint8Array(readFileSync(join(CLASS, name, 'kernel.elf'))),
    cpu: 'rv64',
    memory: 32 << 20,
    drives: [
      {
        serial: 'disk',
        disk: {
          size: bytes.length,
          readOnly: false,
          read: (at, length) => bytes.slice(at, at + length),
          write: (at, written) => bytes.set(written, at),
          flush: () => undefined,
        },
      },
    ],
    live: false,
    onConsole: (byte) => (console += String.fromCharCode(byte)),
  });
  const { reason } = machine.run(1e6);
  machine.release();
  return reason === 'poweroff' ? console : reason;
}

describe('mistakes between harts', () => {
  it('are these', () => {
    const names = Object.keys(RESULTS).flatMap((name) => [name, `${name}-correct`]);
    expect(readdirSync(CLASS).sort()).toEqual(names.sort());
  });

  it.each(Object.entries(RESULTS))('come out right in one order: %s', (name, result) => {
    for (const variant of [name, `${name}-correct`]) {
      expect(
        [2, 4].map((harts) => printed(variant, harts)),
        variant,
      ).toEqual([`${result}: right\n`, `${result}: right\n`]);
      expect(printed(variant, 1)).toBe(ALONE.includes(name) ? `${result}: right\n` : 'needs 2 harts\n');
    }
  });
});
