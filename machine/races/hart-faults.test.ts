/** Races in the kernels of submissions/harts: those whose mistake is a race, and none in any of the correct twins. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMachine } from '../virt-machine.ts';
import { memoryDisk } from '../virtio/block/memory-disk.ts';
import { RaceDetector } from './race-detector.ts';

const CLASS = join(import.meta.dirname, '../../submissions/harts/class');
const SECTORS = new Uint8Array(1 << 20).fill(66);

function racesOf(name: string): number {
  const machine = createMachine({
    harts: 2,
    bios: 'builtin',
    kernel: readFileSync(join(CLASS, name, 'kernel.elf')),
    cpu: 'rv64',
    memory: 32 << 20,
    drives: [{ disk: memoryDisk(SECTORS.length, SECTORS), serial: 'blk' }],
    live: false,
    onConsole: () => undefined,
  });
  const detector = new RaceDetector();
  machine.logAccesses(detector);
  machine.run(1e9);
  const races = detector.races();
  machine.release();
  return races.length;
}

/**
 * The others have none that shows in one run: two locks in the wrong order, a fence before a device, a hart that interrupts itself, a message
 * that comes before its receiver sleeps, a lock that is released twice while nobody else wants it.
 */
const RACES: readonly string[] = [
  'flag-order',
  'lost-update',
  'missing-lock',
  'per-hart',
  'remote-fence',
  'unlock-fence',
  'use-after-free',
];

it.each(readdirSync(CLASS))('%s', (name) => {
  expect(racesOf(name) > 0).toBe(RACES.includes(name));
});
