/**
 * One kernel in a process of its own, for bench/slow.mjs: runs it and prints as JSON what it costs once all code that it needs is there. Arguments:
 * the name of a kernel of kernels.ts, or an ELF file; whether races are watched for; and whether code is translated.
 */
import { readFileSync } from 'node:fs';
import { HOT } from '../../machine/exec/translator.ts';
import { createMachine, memoryDisk } from '../../machine/index.ts';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import { SLOW_KERNELS } from './kernels.ts';

/** Per nanosecond of guest time. */
export interface Cost {
  /** Nanoseconds of processor time. */
  readonly processor: number;
  /** Units of work (machine/work-meter.ts). */
  readonly units: number;
  /** Why the kernel stopped by itself; undefined where it did not. */
  readonly stop: string | undefined;
}

const ADDRESS = 0x8020_0000n;
/** Nanoseconds of processor time before the measurement, and of each of the rounds of which the least counts; guest time between looks. */
const WARM_UP = 3e8;
const ROUND = 1.5e8;
const ROUNDS = 3;
const STEP = 100_000;

function kernelOf(name: string): Uint8Array {
  const source = SLOW_KERNELS[name];
  if (source === undefined) return new Uint8Array(readFileSync(name));
  const { bytes } = assemble(source, ADDRESS);
  return writeElf({ segments: [{ address: ADDRESS, bytes, flags: 7, virtualAddress: ADDRESS }] });
}

/** Nanoseconds of processor time of this process: all threads, in user and kernel mode. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

function costOf(kernel: Uint8Array, { races }: { races: boolean }): Cost {
  const machine = createMachine({
    cpu: 'rv64',
    memory: 1 << 28,
    drives: [{ disk: memoryDisk(1 << 20), serial: 'blk' }],
    kernel,
    bios: 'builtin',
    races,
    onConsole: () => undefined,
    live: false,
  });
  let stop: string | undefined;
  const runFor = (nanoseconds: number): number => {
    const [before, time] = [processorTime(), machine.now()];
    while (stop === undefined && processorTime() - before < nanoseconds) {
      const { reason } = machine.run(machine.now() + STEP);
      if (reason !== 'time') stop = reason;
    }
    return (processorTime() - before) / Math.max(machine.now() - time, 1);
  };
  const first = runFor(WARM_UP);
  const rounds = stop === undefined ? Array.from({ length: ROUNDS }, () => runFor(ROUND)) : [first];
  return { processor: Math.min(...rounds), units: machine.workDone().units / Math.max(machine.now(), 1), stop };
}

const [name, races, translated] = process.argv.slice(2) as [string, string, string];
if (translated === 'false') HOT.samples = Number.POSITIVE_INFINITY;
process.stdout.write(JSON.stringify(costOf(kernelOf(name), { races: races === 'true' })));
