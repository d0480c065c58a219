/**
 * A million random instructions in M, S and U mode on this machine and on QEMU's `virt`: CSRs, traps, interrupts, translation,
 * memory protection. All traps, the state after each step, and memory and page tables at the end have to agree.
 *
 * Each run has a new seed; BOOTGRADE_SEED sets the seed of a run that failed. The guest (testkit/step-runner.ts) leaves its log in
 * memory, which QEMU keeps in a file.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { disassemble } from '../debug/disassemble.ts';
import { EXCEPTION, INTERRUPT } from '../spec/riscv.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { Random } from '../testkit/random.ts';
import { createSteps, type LogEntry, readLog, STEP_MEMORY, type Steps } from '../testkit/random-steps.ts';
import { LOG_BYTES, STEP_AREAS, STEP_RAM } from '../testkit/step-runner.ts';
import { createMachine } from '../virt-machine.ts';

const QEMU = 'qemu-system-riscv64';
const seed = BigInt(process.env['BOOTGRADE_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const CPU = 'rv64,svinval=on,svnapot=on,svpbmt=on,zicond=on,zfh=on,zcb=on';
/** Ours has no hypervisor mode; without it the two have the same CSRs. */
const WITHOUT = ',h=off';
const INSTRUCTIONS = 1_000_000;

const folder = mkdtempSync(join(tmpdir(), 'bootgrade-qemu-system-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Read = (physical: number, length: number) => Uint8Array;

interface Run {
  /** How the run ended, if it did not reach the end of all steps. */
  readonly trouble: string | undefined;
  readonly read: Read;
}

function runQemu({ kernel }: Steps, cpu: string): Run {
  const [image, ram] = [join(folder, 'kernel'), join(folder, 'ram')];
  writeFileSync(image, kernel);
  const memory = ['-object', `memory-backend-file,id=ram,size=${STEP_RAM >> 20}M,mem-path=${ram},share=on`, '-m', `${STEP_RAM >> 20}M`];
  const machine = ['-machine', 'virt,memory-backend=ram', '-cpu', `${cpu}${WITHOUT}`, '-bios', 'none', '-kernel', image];
  const quiet = ['-display', 'none', '-monitor', 'none', '-serial', 'none'];
  rmSync(ram, { force: true });
  const { status, signal, stderr } = spawnSync(QEMU, [...machine, ...memory, ...quiet], { timeout: 60_000, killSignal: 'SIGKILL' });
  const read = (physical: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    const opened = openSync(ram, 'r');
    readSync(opened, bytes, 0, length, physical - RAM_BASE);
    closeSync(opened);
    return bytes;
  };
  return { trouble: status === 0 ? undefined : `QEMU: status ${status}, signal ${signal}, ${stderr}`, read };
}

function runMachine({ kernel }: Steps, cpu: string): Run {
  const machine = createMachine({ cpu, memory: STEP_RAM, bios: 'none', kernel, drives: [], onConsole: () => undefined, live: false });
  const end = machine.run(1e10);
  const read = (physical: number, length: number): Uint8Array => machine.debug.readMemory(BigInt(physical), length)!;
  return { trouble: end.reason === 'exit' ? undefined : `this hart: ${JSON.stringify(end)}`, read };
}

const hex = (value: bigint | undefined): string => (value === undefined ? 'nothing' : `0x${value.toString(16)}`);

const UNTOLD = /^(mret|sret|cbo\.|wrs\.nto)/;

/** An illegal MRET, SRET, WRS.NTO or cache-block operation, for which QEMU does not report the trap value (docs/qemu-differences.md). */
function isUntold(name: string, { fields }: LogEntry, cause: 'mcause' | 'scause', value: bigint): boolean {
  const causes = fields.find(([field]) => field === cause)?.[1];
  return (
    name === (cause === 'mcause' ? 'mtval' : 'stval') &&
    causes === BigInt(EXCEPTION.illegalInstruction) &&
    UNTOLD.test(disassemble(Number(value), 0n).text)
  );
}

/** What a person needs to find the culprit: the step, the entry of its log, and the fields that differ. */
function firstDifference(steps: Steps, expected: readonly LogEntry[], actual: readonly LogEntry[]): string | undefined {
  for (const [i, theirs] of expected.entries()) {
    const ours = actual[i];
    const differ = theirs.fields.map(([name, value], n) => {
      const mine = ours?.fields[n]?.[1];
      const known = mine !== undefined && (isUntold(name, ours!, 'mcause', mine) || isUntold(name, ours!, 'scause', mine));
      return value !== mine && !known;
    });
    if (!differ.includes(true)) continue;
    const lines = theirs.fields.map(
      ([name, value], n) => `${name}: ${hex(value)}${differ[n] ? `, this hart ${hex(ours?.fields[n]?.[1])}  <<<` : ''}`,
    );
    return [steps.describe(theirs.step), theirs.end ? 'at its end, on QEMU:' : 'at a trap, on QEMU:', ...lines].join('\n');
  }
  return undefined;
}

interface Played extends Run {
  readonly log: readonly LogEntry[];
}

function played(steps: Steps, { trouble, read }: Run): Played {
  const log = readLog(read(STEP_AREAS.log, LOG_BYTES), steps.count);
  return { trouble: trouble && `${trouble}, after ${steps.describe(log.at(-1)?.step ?? 0)}`, read, log };
}

/** Both machines play the steps. Returns how many of their instructions retired here; QEMU's counter follows the host's clock. */
function compare(steps: Steps, causes: Set<string>, cpu = CPU): number {
  const [theirs, ours] = [played(steps, runQemu(steps, cpu)), played(steps, runMachine(steps, cpu))];
  expect([theirs.trouble, ours.trouble]).toEqual([undefined, undefined]);
  expect(firstDifference(steps, theirs.log, ours.log)).toBeUndefined();
  expect(ours.log.length).toBe(theirs.log.length);
  for (const [name, { address, length }] of Object.entries(STEP_MEMORY))
    expect(Buffer.compare(theirs.read(address, length), ours.read(address, length)), `${name} at the end`).toBe(0);
  for (const { fields } of theirs.log)
    for (const [name, value] of fields) if (name === 'mcause' || name === 'scause') causes.add(hex(value));
  return Number(new BigUint64Array(ours.read(STEP_AREAS.result, 8).buffer)[0]);
}

/** The traps that must occur: all exceptions but those of a misaligned fetch and a misaligned AMO, and the interrupts that steps can raise. */
const CAUSES = [
  ...[EXCEPTION.instructionAccess, EXCEPTION.illegalInstruction, EXCEPTION.breakpoint, EXCEPTION.loadMisaligned],
  ...[EXCEPTION.loadAccess, EXCEPTION.storeAccess, EXCEPTION.ecallFromU, EXCEPTION.ecallFromS, EXCEPTION.ecallFromM],
  ...[EXCEPTION.instructionPage, EXCEPTION.loadPage, EXCEPTION.storePage],
];
const INTERRUPTS = [INTERRUPT.supervisorSoftware, INTERRUPT.machineSoftware, INTERRUPT.machineTimer, INTERRUPT.supervisorExternal];

it.skipIf(lacks('QEMU 10'))(
  `agrees with QEMU on a million random instructions in all privilege modes (BOOTGRADE_SEED=${seed})`,
  () => {
    const random = new Random(seed);
    const causes = new Set<string>();
    let instructions = 0;
    while (instructions < INSTRUCTIONS) instructions += compare(createSteps(random), causes);
    const wanted = [...CAUSES.map(BigInt), ...INTERRUPTS.map((n) => (1n << 63n) | BigInt(n))].map(hex);
    expect(wanted.filter((cause) => !causes.has(cause))).toEqual([]);
  },
  240_000,
);

it.skipIf(lacks('QEMU 10'))(
  `agrees with QEMU without compressed instructions (BOOTGRADE_SEED=${seed})`,
  () => {
    const causes = new Set<string>();
    expect(compare(createSteps(new Random(seed), { compressed: false, count: 2000 }), causes, `${CPU},c=off,zcb=off`)).toBeGreaterThan(
      20_000,
    );
    expect(causes).toContain(hex(BigInt(EXCEPTION.instructionMisaligned)));
  },
  240_000,
);
