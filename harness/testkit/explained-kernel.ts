/** Kernels that are run and explained, for tests. */

import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { StoreQuestion } from '../evidence/explanation.ts';
import { explain } from '../explain/index.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { runScenario } from '../run/scenario.ts';
import { NO_ASKS } from '../vocabulary/facts.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { DriveSetup, Scenario } from '../vocabulary/scenario.ts';

const HOST = machineHost('bootgrade test');
const DRIVE: DriveSetup = {
  name: 'blk',
  own: null,
  size: 64 * 1024 * 1024,
  contents: [{ at: 0, bytes: new TextEncoder().encode('Hello') }],
  slot: null,
  serial: null,
  readonly: false,
  present: true,
};
const SCENARIO: Scenario = {
  name: 'write',
  hidden: false,
  until: { console: ['Starting Shell'], matches: [], reaches: [] },
  keys: [],
  races: false,
  diskFrom: null,
  cuts: null,
  schedules: null,
  schedule: [],
  faults: [],
  facts: NO_ASKS,
  machine: {
    cpu: 'rv64,zba=true,zbb=true',
    memory: 2 ** 30,
    bios: 'builtin',
    initrd: null,
    loader: [],
    harts: 1,
    clock: 1,
    fillRam: 0,
    append: 'ostd.log_level=error',
    drives: [DRIVE],
    transport: 'legacy',
    rng: null,
    network: null,
    fwCfg: null,
    flash: null,
  },
  limit: { text: '100ms guest', nanoseconds: 100_000_000 },
  work: 5e9,
  interests: [],
};
const IMAGES = new Map([['blk', initialImage(DRIVE)]]);

/** Runs a kernel with one disk and explains: the stores of the questions that `ask` has, and how it ended. */
export function explainKernel(bytes: Uint8Array, ask: (evidence: Evidence) => StoreQuestion[] = () => []) {
  const kernel = { bytes, sha256: '00'.repeat(32) };
  const evidence = runScenario(SCENARIO, IMAGES, kernel, HOST);
  const questions = ask(evidence);
  const run = { scenario: SCENARIO, images: IMAGES, kernel, host: HOST };
  return {
    evidence,
    questions,
    explanations: explain(run, evidence, { stores: questions, prints: [], end: true, races: false, accepted: [] }),
  };
}

/** The same with so many harts, and without a text that ends the run. */
export function explainHartsOf(bytes: Uint8Array, harts: number) {
  const scenario: Scenario = { ...SCENARIO, until: null, machine: { ...SCENARIO.machine, memory: 2 ** 25, harts } };
  const kernel = { bytes, sha256: '00'.repeat(32) };
  const evidence = runScenario(scenario, IMAGES, kernel, HOST);
  const run = { scenario, images: IMAGES, kernel, host: HOST };
  return { evidence, explanations: explain(run, evidence, { stores: [], prints: [], end: true, races: false, accepted: [] }) };
}

/** A kernel of one segment, at the address where the machine starts it. */
export function assembled(source: string, { entry }: { entry?: bigint } = {}): Uint8Array {
  const { bytes } = assemble(source);
  const start = 0x8020_0000n;
  return writeElf({
    entry,
    segments: [{ address: start, virtualAddress: start, bytes, memorySize: BigInt(bytes.length) + 0x1000n, flags: 7 }],
  });
}

const DISK: DriveSetup = { name: 'disk', own: null, size: 4096, contents: [], slot: null, serial: null, readonly: false, present: true };
/** Modern transport, and no text that ends the run. */
const WITH_INTERRUPTS: Scenario = {
  ...SCENARIO,
  name: 'boot',
  until: null,
  machine: { ...SCENARIO.machine, cpu: 'rv64', memory: 2 ** 24, append: '', drives: [DISK], transport: 'modern' },
};

/** The machine of `explainRun`, with something different. */
export const machineOf = (more: Partial<Scenario['machine']>): Scenario['machine'] => ({ ...WITH_INTERRUPTS.machine, ...more });

/** Runs a kernel that takes interrupts (interrupt-kernel.ts), and explains how it ended; `passes`: as one of which no check failed, with --explain. */
export function explainRun(bytes: Uint8Array, more: Partial<Scenario> = {}, { passes = false } = {}) {
  const scenario = { ...WITH_INTERRUPTS, ...more };
  const images = new Map([['disk', initialImage(DISK)]]);
  const kernel = { bytes, sha256: '00'.repeat(32) };
  const evidence = runScenario(scenario, images, kernel, HOST);
  const asked = { stores: [], prints: [], end: !passes, races: passes, accepted: [] };
  return { evidence, explanations: explain({ scenario, images, kernel, host: HOST }, evidence, asked) };
}
