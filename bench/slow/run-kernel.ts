/**
 * One kernel in a process of its own, for bench/slow.mjs: runs it and prints as JSON what that took. Arguments: the kernel's file (`plain`
 * is a loop of plain instructions), nanoseconds of guest time, and whether races are watched for.
 */
import { readFileSync } from 'node:fs';
import { machineHost } from '../../harness/grading/processes/machine-host.ts';
import { loadRubric } from '../../harness/rubric/loader.ts';
import { runScenario } from '../../harness/run/scenario.ts';
import { initialImage } from '../../harness/vocabulary/image.ts';
import { formatProblem } from '../../harness/vocabulary/problem.ts';
import type { Scenario } from '../../harness/vocabulary/scenario.ts';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';

/** What a run took. Guest time and processor time in nanoseconds. */
export interface Cost {
  readonly processor: number;
  readonly guest: number;
  /** Units of work (machine/work-meter.ts). */
  readonly units: number;
  /** Why the run ended. */
  readonly stop: string;
}

/** How long the kernel runs, and whether it is watched for races. */
interface Limits {
  readonly nanoseconds: number;
  readonly races: boolean;
}

/** The lab's machine. The bound on work is low: the slowest kernels show what they cost in a second as well as in a minute. */
const rubricText = ({ nanoseconds, races }: Limits): string => `rubric: 1
title: Slow
machine:
  cpu: rv64,zba=true,zbb=true
  memory: 1G
  drives: { blk: { size: 64M, contents: [{ at: 0, text: Hello World from Image! }] } }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: ${nanoseconds}ns guest, work: 800M units, races: ${races} } }
checks: [{ id: any, points: 1, stop: limit }]
`;

async function scenarioOf(limits: Limits): Promise<Scenario> {
  const loaded = await loadRubric('slow.yaml', rubricText(limits), { readFile: () => Promise.reject(new Error('no files')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric.scenarios[0]!;
}

/** Counts in a register and in memory, which is not a page of code. */
function plainLoop(): Uint8Array {
  const address = 0x8020_0000n;
  const { bytes } = assemble(
    'la t0, counter\nloop: addi t1, t1, 1\nsd t1, 0(t0)\nld t2, 0(t0)\nxor t3, t2, t1\nbeqz t3, loop\n.align 12\ncounter: .dword 0',
    address,
  );
  return writeElf({ segments: [{ address, bytes, flags: 7, virtualAddress: address }] });
}

async function costOf(kernel: Uint8Array, limits: Limits): Promise<Cost> {
  const scenario = await scenarioOf(limits);
  const images = new Map(scenario.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const before = process.cpuUsage();
  const evidence = runScenario(scenario, images, { bytes: kernel, sha256: '0'.repeat(64) }, machineHost('slow'));
  const { user, system } = process.cpuUsage(before);
  const { stop, time, work } = evidence;
  return {
    processor: (user + system) * 1000,
    guest: time,
    units: work.units,
    stop: 'limit' in stop ? `${stop.reason}: ${stop.limit}` : stop.reason,
  };
}

const [file, nanoseconds, races] = process.argv.slice(2) as [string, string, string];
// The first machine of a process pays for the generated code.
await costOf(plainLoop(), { nanoseconds: 1e6, races: false });
const cost = await costOf(file === 'plain' ? plainLoop() : new Uint8Array(readFileSync(file)), {
  nanoseconds: Number(nanoseconds),
  races: races === 'true',
});
process.stdout.write(JSON.stringify(cost));
