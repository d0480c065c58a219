/**
 * Random steps in M, S and U mode, on which two machines must agree (hart/qemu-system.test.ts): a guest that plays them
 * (step-runner.ts), their code (random-privileged-code.ts), the state in which each begins, and page tables
 * (random-page-tables.ts). Several steps share one piece of code, and each has a state of its own.
 */
import { RAM_BASE } from '../spec/virt-board.ts';
import { assemble } from './assembler.ts';
import type { Random } from './random.ts';
import {
  atomicAddress,
  CHANGEABLE,
  changeableLeaf,
  edgeOfWindow,
  inWindow,
  randomSatp,
  TABLE_PAGES,
  U_ALIAS,
  writeTables,
} from './random-page-tables.ts';
import { type ARGUMENTS, field, type Mode, randomPrivilegedCode } from './random-privileged-code.ts';
import { END, MOST_STEPS, PAGE, RECORD, runnerSource, type SET, STATE_FIELDS, STEP_AREAS, TRAP_FIELDS } from './step-runner.ts';

const AT = STEP_AREAS;
const STEPS_PER_CODE = 4;
const MOST_LINES = 40;

/** The exceptions of a hart without the hypervisor extension; QEMU keeps the bits of others as well. */
const INTERRUPTS = 0xaaan;
/** Without the call from S mode, since the handler in S mode makes such calls itself. */
const EXCEPTIONS = 0xb1ffn;
const ADUE = 1n << 61n;
const PBMTE = 1n << 62n;
const STCE = 1n << 63n;
const ENVIRONMENT = ADUE | PBMTE | 0xf1n;

/** One of four. */
const seldom = (random: Random, value: bigint): bigint => (random.below(4) === 0 ? value : 0n);

/** Without MIE, which would allow an interrupt before the MRET that begins the step. MRET sets MIE from MPIE. */
function randomStatus(random: Random, mode: Mode): bigint {
  const mpp = { M: 3n, S: 1n, U: 0n }[mode] << 11n;
  const some = seldom(random, field(random, 0xa2n)) | field(random, 0x6000n) | field(random, (1n << 18n) | (1n << 19n));
  return mpp | some | seldom(random, field(random, 0x720000n)) | seldom(random, 0x100n);
}

/** Ranges of addresses within data and targets. */
function randomPmpAddress(random: Random): bigint {
  const address = BigInt(AT.data + random.below(AT.targets - AT.data + AT.targetPages * PAGE)) >> 2n;
  const ones = BigInt(random.below(13));
  return random.below(2) ? address : (address & ~((1n << (ones + 1n)) - 1n)) | ((1n << ones) - 1n);
}

/**
 * Four entries. None is locked, none may be written but not read, and none has only four bytes: QEMU checks only the first and the last
 * byte of an access, and would miss an entry in between (docs/development/conformance.md).
 */
function randomPmpConfig(random: Random): bigint {
  const NA4 = 0x10n;
  const entry = (): bigint => field(random, 0x1fn);
  const readable = (config: bigint): bigint => (config & 2n ? config | 1n : config);
  const wide = (config: bigint): bigint => ((config & 0x18n) === NA4 ? config | 8n : config);
  return random.below(2) ? 0n : [0n, 8n, 16n, 24n].reduce((all, shift) => all | (wide(readable(entry())) << shift), 0n);
}

const aligned = (random: Random, address: bigint): bigint => (random.below(4) ? address & ~7n : address);
/** Physical addresses without memory or devices. */
const ABSENT = [0x9000_0000n, 0x40_0000_0000n, 1n << 47n, edgeOfWindow, 0x5000_0000_0000n, (1n << 38n) + 0x128n];
/** The same, and addresses with more bits than physical ones have, for which QEMU's cache-block operations do not fault. */
const elsewhere = (random: Random): bigint => random.pick([...ABSENT, 1n << 62n, -16n]);
const pageEdge = (random: Random): bigint => (inWindow(random) & ~0xfffn) - BigInt(random.below(8));
const inData = (random: Random): bigint => BigInt(AT.data + PAGE + random.below((AT.dataPages - 2) * PAGE));

type Values<Name extends string> = Record<Name, bigint>;

function randomArguments(random: Random, interrupt: bigint, protection: bigint): Values<(typeof ARGUMENTS)[number]> {
  const value = (): bigint => random.pick([random.bits64(), 1n << BigInt(random.below(64)), random.bits64() & 0xffffn, -1n]);
  return {
    a0: random.pick([
      () => aligned(random, inWindow(random)),
      () => aligned(random, inWindow(random)),
      () => pageEdge(random),
      () => aligned(random, inData(random)),
      () => elsewhere(random),
    ])(),
    a1: random.pick([
      () => inWindow(random) & ~1n,
      () => inWindow(random) & ~3n,
      () => elsewhere(random),
      () => BigInt(AT.targets + PAGE + random.below((AT.targetPages - 2) * PAGE)) & ~3n,
    ])(),
    a2: value(),
    a3: value(),
    a4: value(),
    a5: interrupt,
    a6: randomPmpAddress(random),
    a7: protection,
    s0: random.pick([atomicAddress, atomicAddress, (r: Random) => inData(r) & ~7n, (r: Random) => r.pick(ABSENT)])(random) & ~7n,
    s1: randomSatp(random),
  };
}

interface Code {
  readonly lines: readonly string[];
  readonly mode: Mode;
  /**
   * The code must not access protected physical memory. QEMU's AMOs and SC are a load and then a store, which gives a different fault if
   * protection forbids one of them and translation the other; and of a cache block QEMU checks only the first and the last byte.
   */
  readonly unprotected: boolean;
}

/** Changes a bit of a leaf. The runner's or the step's own SFENCE.VMA follows before the change can matter. */
function changeTable(random: Random): string {
  return `li a4, ${changeableLeaf(random)}\nld a2, 0(a4)\nxori a2, a2, ${random.pick(CHANGEABLE)}\nsd a2, 0(a4)\nsfence.vma`;
}

const COMPRESSED = /^(c\.|\.half)/m;

function randomLine(random: Random, compressed: boolean): string {
  for (;;) {
    const line = random.below(24) ? randomPrivilegedCode(random) : changeTable(random);
    if (compressed || !COMPRESSED.test(line)) return line;
  }
}

function randomCode(random: Random, number: number, compressed: boolean): Code {
  const mode = random.pick<Mode>(['M', 'S', 'S', 'U']);
  const count = random.between(1, MOST_LINES);
  const lines = Array.from({ length: count }, () => randomLine(random, compressed));
  // Only where WFI is illegal, so that it does not wait. The mode is certain only at the beginning of the code. (And never at the end of a
  // page: QEMU's pc is a page off then.)
  if (mode === 'U' && random.below(8) === 0) lines.unshift('wfi');
  return {
    lines: lines.map((line, i) => line.replaceAll('@', `label${number}_${i}`)),
    mode,
    unprotected: lines.some((line) => /amo|sc\.|cbo/.test(line)),
  };
}

type StepRecord = Values<(typeof RECORD)[number]>;

function randomRecord(random: Random, { mode, unprotected }: Code, address: bigint): StepRecord {
  const satp = randomSatp(random);
  const protection = unprotected ? 0n : randomPmpConfig(random);
  // Only one: among several, QEMU takes the interrupt with the lowest number.
  const number = random.pick([1, 3, 5, 7, 9, 11]);
  const interrupt = 1n << BigInt(number);
  const csrs: Values<(typeof SET)[number]> = {
    satp,
    medeleg: field(random, EXCEPTIONS),
    mideleg: field(random, INTERRUPTS),
    menvcfg: STCE | (random.below(4) ? ADUE | PBMTE : field(random, ENVIRONMENT)),
    senvcfg: seldom(random, random.bits64()),
    mcounteren: random.bits64(),
    scounteren: random.bits64(),
    pmpcfg0: protection,
    pmpaddr0: randomPmpAddress(random),
    pmpaddr1: randomPmpAddress(random),
    pmpaddr2: randomPmpAddress(random),
    pmpaddr3: randomPmpAddress(random),
    mip: seldom(random, interrupt),
    mie: seldom(random, interrupt),
  };
  return {
    address: address + (mode === 'U' && satp !== 0n ? U_ALIAS : 0n),
    mstatus: randomStatus(random, mode),
    msip: number === 3 ? 1n : 0n,
    mtimecmp: number === 7 ? 0n : -1n,
    ...csrs,
    ...randomArguments(random, interrupt, protection),
  };
}

export interface Steps {
  /** A raw kernel for the start of RAM, M mode. */
  readonly kernel: Uint8Array<ArrayBuffer>;
  readonly count: number;
  /** The step as a person reads it. */
  describe(step: number): string;
}

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

export interface StepOptions {
  /** Without it, every instruction has four bytes. */
  readonly compressed?: boolean;
  readonly count?: number;
}

export function createSteps(random: Random, { compressed = true, count = MOST_STEPS }: StepOptions = {}): Steps {
  const codes = Array.from({ length: Math.ceil(count / STEPS_PER_CODE) }, (_, i) => randomCode(random, i, compressed));
  const program = assemble(
    codes.map(({ lines }, i) => `.align 3\nstep${i}:\n${lines.join('\n')}\n.word ${END}`).join('\n'),
    BigInt(AT.code),
  );
  const kernel = new Uint8Array(AT.log - RAM_BASE);
  const memory = new DataView(kernel.buffer);
  const put = (bytes: Uint8Array, at: number): void => kernel.set(bytes, at - RAM_BASE);
  put(assemble(`li t0, ${AT.runner}\njr t0`).bytes, RAM_BASE);
  put(assemble(runnerSource(count, program.bytes.length, U_ALIAS), BigInt(AT.runner)).bytes, AT.runner);
  put(program.bytes, AT.code);
  for (let at: number = AT.data; at < AT.targets; at += 8) memory.setBigUint64(at - RAM_BASE, random.bits64(), true);
  for (let at: number = AT.targets; at < AT.targets + AT.targetPages * PAGE; at += 4) memory.setUint32(at - RAM_BASE, 0x73, true);
  writeTables(random, memory);

  const records = Array.from({ length: count }, (_, i) => {
    const code = Math.floor(i / STEPS_PER_CODE);
    const record = randomRecord(random, codes[code]!, program.symbols.get(`step${code}`)!);
    RECORD.forEach((name, n) => {
      memory.setBigUint64(AT.records - RAM_BASE + 8 * (i * RECORD.length + n), BigInt.asUintN(64, record[name]), true);
    });
    return record;
  });
  return {
    kernel,
    count,
    describe: (step) => {
      const { lines, mode } = codes[Math.floor(step / STEPS_PER_CODE)]!;
      const record = records[step]!;
      return `step ${step}, ${mode} mode: ${RECORD.map((name) => `${name} ${hex(record[name])}`).join(', ')}\n${lines.join('\n')}`;
    },
  };
}

/** What the guest leaves in memory in addition to its log, for comparison. */
export const STEP_MEMORY = {
  data: { address: AT.data, length: AT.dataPages * PAGE },
  tables: { address: AT.tables, length: TABLE_PAGES * PAGE },
  megapages: { address: AT.megapage, length: AT.code - AT.megapage },
} as const;

export interface LogEntry {
  /** Counts from 0. */
  readonly step: number;
  readonly end: boolean;
  readonly fields: readonly (readonly [name: string, value: bigint])[];
}

/** The traps and the ends of steps in a log, as far as it was written. */
export function readLog(log: Uint8Array, steps: number): LogEntry[] {
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  const written = 8 * TRAP_FIELDS.indexOf('mtvec entry');
  const entries: LogEntry[] = [];
  for (let at = 0; ; ) {
    const first = view.getBigInt64(at, true);
    const end = first < 0n;
    if (!end && view.getBigInt64(at + written, true) === 0n) return entries;
    const names = end ? STATE_FIELDS : TRAP_FIELDS;
    const fields = names.map((name, i) => [name, view.getBigUint64(at + 8 * i, true)] as const);
    entries.push({ step: steps - 1 - Number(end ? ~first : first), end, fields });
    at += 8 * names.length;
  }
}
