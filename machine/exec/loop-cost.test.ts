/** How many instructions are really run for a kernel that spins, compared with one that passes. Uses the samples and prints the ratios. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMachine, type Machine, memoryDisk, type PlannedFault } from '../index.ts';

const SUBMISSIONS = join(import.meta.dirname, '../../submissions/class');
const LIMIT = 10_000_000_000;
/** The answer comes only after the limit: until then the driver polls, and the kernel's timer keeps ticking. */
const LATE: PlannedFault = { type: 1, nth: 1, fault: { kind: 'late', nanoseconds: 2 * LIMIT } };

function machineOf(name: string, faults: readonly PlannedFault[] = []): { machine: Machine; console: () => string } {
  let console = '';
  const image = new TextEncoder().encode('Hello World from Image!');
  const machine = createMachine({
    cpu: 'rv64,zba=true,zbb=true',
    memory: 2 ** 30,
    append: 'ostd.log_level=error',
    bios: 'builtin',
    live: false,
    drives: [{ disk: memoryDisk(64 << 20, image), serial: 'blk', faults }],
    kernel: new Uint8Array(readFileSync(join(SUBMISSIONS, name, 'kernel.elf'))),
    onConsole: (byte) => {
      console += String.fromCharCode(byte);
      if (console.endsWith('[INIT] Starting Shell...')) machine.pause();
    },
  });
  return { machine, console: () => console };
}

const work = (machine: Machine): number => machine.now() - machine.debug.skippedTime();

it('an OSTD kernel that spins for ten guest seconds under its 1000 Hz timer runs at most 3 times what the passing one runs', () => {
  const [passing, spinning] = [machineOf('ostd-passes'), machineOf('ostd-passes', [LATE])];
  expect(passing.machine.run(LIMIT).reason).toBe('paused');
  expect(spinning.machine.run(LIMIT).reason).toBe('time');
  expect(spinning.console()).toContain('Testing block device write...');
  expect(spinning.machine.instructions()).toBeGreaterThan(9_900_000_000n);
  const ratio = work(spinning.machine) / work(passing.machine);
  console.log(`spinning under a timer / passing: ${ratio.toFixed(2)} of the instructions`);
  expect(ratio).toBeLessThan(3);
});

it('a hang is proved within the instructions of a fiftieth of a boot', () => {
  const [boot, hanging] = [machineOf('ostd-passes'), machineOf('no-notify')];
  boot.machine.run(LIMIT);
  expect(hanging.machine.run(LIMIT).reason).toBe('hang');
  const ratio = work(hanging.machine) / work(boot.machine);
  console.log(`a proved hang: ${ratio.toFixed(3)} of the instructions of an OSTD kernel's boot`);
  expect(ratio).toBeLessThan(0.02);
});
