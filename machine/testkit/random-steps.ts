/**
 * A guest of random privileged steps, for two machines to agree on (hart/qemu-system.test.ts).
 *
 * A loop in M mode sets CSRs and registers as the step says, enters its code in some mode, and waits for the trap that ends it; every
 * step ends in one. Traps that are delegated go to a handler in S mode, which notes them and calls M mode. The log has LOG_FIELDS
 * of each step; behind it comes what memory holds at the end: data, then page tables.
 *
 * Kept, so that the loop survives: mtvec, stvec, medeleg in a step's code, and satp but for the tables made here. The code stores through a0,
 * jumps to a1, takes interrupt bits from a5, pmpaddr from a6 and pmpcfg from a7; it changes a2 to a4 only. Left out: counters' values, the timer, WFI that waits.
 */
import { ACLINT, RAM_BASE, TEST_FINISHER, UART } from '../memory-map.ts';
import { assemble } from './assembler.ts';
import type { Random } from './random.ts';

/** RAM of the machine, in bytes. */
export const STEP_RAM = 32 << 20;

/** Physical addresses. Of data and targets (pages to jump to) memory protection covers parts, and never what comes behind them. */
const AT = {
  data: 0x8001_0000,
  targets: 0x8002_0000,
  tables: 0x8010_0000,
  runner: 0x8020_0000,
  superpage: 0x8040_0000,
  code: 0x8060_0000,
  records: 0x8090_0000,
  log: 0x8120_0000,
} as const;
const DATA_PAGES = 16;
const TARGET_PAGES = 4;
const PAGE = 4096;
const TABLES = { root57: 0, root48: 1, root39: 2, middle: 3, leaves: 4 } as const;
const LEAF_TABLES = 2;

/** Virtual addresses: RAM lies where it is for S mode, U_ALIAS further on for U mode, and the random pages in a window. */
const U_ALIAS = 0x4000_0000n;
const WINDOW = 0x20_0000_0000n;
const GIB = 1n << 30n;

const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, A: 64n, D: 128n } as const;
const ALL = PTE.V | PTE.R | PTE.W | PTE.X | PTE.A | PTE.D;

const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'] as const;
/** CSRs that a step begins with, in the order of its record. */
const SET = [
  ...['satp', 'medeleg', 'mideleg', 'menvcfg', 'senvcfg', 'mcounteren', 'scounteren', 'pmpcfg0'],
  ...['pmpaddr0', 'pmpaddr1', 'pmpaddr2', 'pmpaddr3', 'mip', 'mie'],
] as const;
/** A record: address of the code, mstatus, CSRs, arguments. */
const RECORD_WORDS = 2 + SET.length + ARGUMENTS.length;

/** What S mode's handler notes is zero where it was not entered; mstatus is that of the trap. */
export const LOG_FIELDS: readonly string[] = [
  ...['stvec’s scause', 'sepc', 'stval', 'sstatus'],
  ...['mstatus', 'mcause', 'mepc', 'mtval'],
  ...ARGUMENTS,
  ...SET,
  ...['mscratch', 'sscratch', 'scause', 'fcsr'],
];

const save = (names: readonly string[], from: number): string[] => names.map((name, i) => `csrr t5, ${name}\nsd t5, ${8 * (from + i)}(s11)`);

const runner = (steps: number): string => `
  li t0, ${ACLINT.base + 0x4000}
  li t1, -1
  sd t1, 0(t0)
  csrw 0x14d, t1                   # stimecmp
  csrw pmpaddr8, t1
  li t0, 0x1f
  csrw pmpcfg2, t0
  la t0, machineTrap
  csrw mtvec, t0
  la t0, supervisorTrap
  csrw stvec, t0
  li s10, ${AT.records}
  li s11, ${AT.log}
  li s9, ${steps}
next:
  beqz s9, finish
  addi s9, s9, -1
  li t0, 0x6000                    # so that fcsr can be written
  csrw mstatus, t0
  csrw fcsr, zero
  csrw mscratch, zero
  csrw sscratch, zero
  csrw scause, zero
  csrw sepc, zero
  csrw stval, zero
  ${SET.map((name, i) => `ld t0, ${16 + 8 * i}(s10)\ncsrw ${name}, t0`).join('\n')}
  ld t0, 0(s10)
  csrw mepc, t0
  sfence.vma
  ${ARGUMENTS.map((name, i) => `ld ${name}, ${16 + 8 * (SET.length + i)}(s10)`).join('\n')}
  ld t0, 8(s10)
  addi s10, s10, ${8 * RECORD_WORDS}
  csrw mstatus, t0                 # after the last load: it may set MPRV
  mret

  .align 2
machineTrap:
  csrr t6, mstatus
  li t5, 0x26000                   # MPRV off, or the log would be translated; F on
  csrc mstatus, t5
  li t5, 0x6000
  csrs mstatus, t5
  sd t6, 32(s11)
  ${save(['mcause', 'mepc', 'mtval'], 5).join('\n')}
  ${ARGUMENTS.map((name, i) => `sd ${name}, ${8 * (8 + i)}(s11)`).join('\n')}
  ${save(SET, 16).join('\n')}
  ${save(['mscratch', 'sscratch', 'scause', 'fcsr'], 16 + SET.length).join('\n')}
  addi s11, s11, ${8 * LOG_FIELDS.length}
  j next

  .align 2
supervisorTrap:
  ${save(['scause', 'sepc', 'stval', 'sstatus'], 0).join('\n')}
  ecall

finish:
  csrw satp, zero
  li a0, ${AT.log}
  mv a1, s11
  call print
  li a0, ${AT.data}
  li a1, ${AT.data + DATA_PAGES * PAGE}
  call print
  li a0, ${AT.tables}
  li a1, ${AT.tables + (TABLES.leaves + LEAF_TABLES) * PAGE}
  call print
  li t0, ${TEST_FINISHER.base}
  li t1, 0x5555
  sw t1, 0(t0)
forever:
  j forever
print:
  li t0, ${UART.base}
printing:
  lbu t1, 0(a0)
  sb t1, 0(t0)
  addi a0, a0, 1
  bne a0, a1, printing
  ret
`;

const CSRS = [
  ...['mcounteren', 'mscratch', 'mcause', 'mtval', 'misa', 'mcountinhibit'],
  ...['scounteren', 'senvcfg', 'sscratch', 'scause', 'stval'],
];
const READ_ONLY = [
  'menvcfg', 'mvendorid', 'marchid', 'mimpid', 'mhartid', 'medeleg', 'mideleg', 'mtvec', 'stvec', 'satp', 'pmpcfg2'];
const COUNTERS = ['cycle', 'time', 'instret', 'mcycle', 'minstret', '0xc03', '0xc1f', '0xb03', '0xb1f', '0x323'];
/** Numbers of no CSR. */
const ABSENT = ['0x000', '0x045', '0x107', '0x1ff', '0x2ff', '0x345', '0x3ff', '0x4ff', '0x5ff', '0x7ff', '0x8ff', '0xcff', '0xf10', '0xfff', '0x200', '0x600'];

const free = (random: Random): string => random.pick(ARGUMENTS.slice(2, 5));
const source = (random: Random): string => random.pick([...ARGUMENTS.slice(2), 'zero']);
const offset = (random: Random): number => random.pick([0, 0, 8, 4, 1, 2, 3, 7, -8, -1, -4, random.between(-2048, 2047)]);

type Make = (random: Random, step: Mode) => string;

const writeCsr: Make = (random) => {
  const csr = random.pick(CSRS);
  const operation = random.pick(['csrrw', 'csrrs', 'csrrc']);
  if (random.below(4) === 0) return `${operation}i ${free(random)}, ${csr}, ${random.below(32)}`;
  return `${operation} ${free(random)}, ${csr}, ${source(random)}`;
};

const writeStatus: Make = (random) => {
  const operation = random.pick(['csrrw', 'csrrs', 'csrrc']);
  return `li a4, ${field(random, STATUS_BITS)}\n${operation} ${free(random)}, ${random.pick(['mstatus', 'sstatus'])}, a4`;
};

/** By weight. */
const KINDS: readonly (readonly [weight: number, make: Make])[] = [
  [30, writeCsr],
  [4, writeStatus],
  [3, (random) => `slli a4, a3, 1\ncsrrw ${free(random)}, ${random.pick(['mepc', 'sepc'])}, a4`],
  [2, (random) => `csrrw ${free(random)}, ${random.pick(['fflags', 'frm', 'fcsr'])}, ${source(random)}`],
  [6, (random) => `${random.pick(['csrrw', 'csrrs', 'csrrc'])} ${free(random)}, ${random.pick(['mie', 'mip', 'sie', 'sip'])}, a5`],
  [5, (random) => `csrrs ${free(random)}, ${random.pick(READ_ONLY)}, zero`],
  [2, (random) => `csrrs zero, ${random.pick(COUNTERS)}, zero`],
  [1, (random) => `csrrw zero, ${random.pick(['cycle', 'time', '0xf11', 'marchid'])}, ${source(random)}`],
  [3, (random) => `csrrs ${free(random)}, ${random.pick(ABSENT)}, zero`],
  [2, (random) => `${random.pick(['csrrw', 'csrrs', 'csrrc'])} ${free(random)}, pmpaddr${random.below(4)}, a6`],
  [2, (random) => `${random.pick(['csrrw', 'csrrs', 'csrrc'])} ${free(random)}, pmpcfg0, a7`],
  [14, (random) => `${random.pick(['lb', 'lbu', 'lh', 'lhu', 'lw', 'lwu', 'ld'])} ${free(random)}, ${offset(random)}(a0)`],
  [10, (random) => `${random.pick(['sb', 'sh', 'sw', 'sd'])} ${source(random)}, ${offset(random)}(a0)`],
  [4, (random) => `andi a4, a0, -8\n${random.pick(['amoadd', 'amoswap', 'amomaxu', 'sc'])}.${random.pick(['w', 'd'])} ${free(random)}, ${source(random)}, (a4)`],
  [2, (random) => `lr.${random.pick(['w', 'd'])} ${free(random)}, (a0)`],
  [6, (random) => `jalr ${free(random)}, ${random.pick([0, 0, 1, 2, 4, random.between(-2048, 2047)])}(a1)`],
  [3, (random) => random.pick(['sfence.vma', 'sfence.vma a0, zero', 'sfence.vma zero, a2', 'fence.i', 'fence'])],
  [3, (random) => random.pick(['ecall', 'ebreak', '.half 0x9002\n.half 0x0001', '.word 0', '.word 0xffffffff', '.word 0x0000000b'])],
  [4, back('mret', 'mepc')],
  [5, back('sret', 'sepc')],
  [1, (_, mode) => (mode === 'U' ? '.word 0x10500073' : 'nop')],
  [3, (random) => random.pick(['fadd.d fa0, fa1, fa2', 'fdiv.s fa0, fa0, fa1', 'fmv.d.x fa1, a3', 'fld fa1, 0(a0)', 'fsd fa0, 0(a0)'])],
];
const TICKETS = KINDS.flatMap(([weight, make]) => new Array<Make>(weight).fill(make));

/** A return to right behind it, or straight to nowhere. */
function back(instruction: 'mret' | 'sret', epc: string): Make {
  return (random) =>
    random.below(4) === 0 ? instruction : `auipc a2, 0\naddi a2, a2, ${random.pick([16, 16, 16, 18])}\ncsrw ${epc}, a2\n${instruction}`;
}

type Mode = 'M' | 'S' | 'U';

/** What a hart without the hypervisor extension has; QEMU keeps bits of others as well. */
const INTERRUPTS = 0xaaan;
const EXCEPTIONS = 0xb1ffn;
/** No UXL and no VS. */
const STATUS_BITS = 0x7e_79aan;
const ADUE = 1n << 61n;
const STCE = 1n << 63n;
const ENVIRONMENT = ADUE | 0xf1n;

const field = (random: Random, bits: bigint): bigint => random.bits64() & bits;
/** One of four. */
const seldom = (random: Random, value: bigint): bigint => (random.below(4) === 0 ? value : 0n);

function randomStatus(random: Random, mode: Mode): bigint {
  const mpp = { M: 3n, S: 1n, U: 0n }[mode] << 11n;
  const some = seldom(random, field(random, 0xaan)) | field(random, 0x6000n) | field(random, (1n << 18n) | (1n << 19n));
  return mpp | some | seldom(random, field(random, 0x720000n)) | seldom(random, 0x100n);
}

const table = (index: number): bigint => BigInt(AT.tables + index * PAGE);
const pointer = (index: number): bigint => ((table(index) >> 12n) << 10n) | PTE.V;

function randomSatp(random: Random): bigint {
  const root = (mode: bigint, index: number): bigint => (mode << 60n) | (table(index) >> 12n);
  const asid = seldom(random, random.bits64() & 0xffffn) << 44n;
  return random.pick([0n, root(8n, TABLES.root39) | asid, root(9n, TABLES.root48) | asid, root(10n, TABLES.root57), root(8n, TABLES.root39)]);
}

/** Ranges that lie in data and targets. */
function randomPmpAddress(random: Random): bigint {
  const address = BigInt(AT.data + random.below(AT.targets - AT.data + TARGET_PAGES * PAGE)) >> 2n;
  const ones = BigInt(random.below(13));
  return random.below(2) ? address : (address & ~((1n << (ones + 1n)) - 1n)) | ((1n << ones) - 1n);
}

const randomPmpConfig = (random: Random): bigint => (random.below(2) ? 0n : field(random, 0x1f1f_1f1fn));

const inWindow = (random: Random): bigint =>
  WINDOW + BigInt(random.below(4) ? random.below(LEAF_TABLES * 512 * PAGE) : random.below(16 * 512 * PAGE));
const aligned = (random: Random, address: bigint): bigint => (random.below(4) ? address & ~7n : address);
const elsewhere = (random: Random): bigint =>
  random.pick([0x9000_0000n, 0x40_0000_0000n, 1n << 47n, 1n << 62n, -16n, WINDOW - 8n, 0x5000_0000_0000n, (1n << 38n) + 0x123n]);
const pageEdge = (random: Random): bigint => (inWindow(random) & ~0xfffn) - BigInt(random.below(8));

function randomArguments(random: Random, interrupt: bigint): bigint[] {
  const data = random.pick([
    () => aligned(random, inWindow(random)),
    () => aligned(random, inWindow(random)),
    () => pageEdge(random),
    () => aligned(random, BigInt(AT.data + PAGE + random.below((DATA_PAGES - 2) * PAGE))),
    () => elsewhere(random),
  ])();
  const target = random.pick([
    () => inWindow(random) & ~1n,
    () => inWindow(random) & ~3n,
    () => elsewhere(random),
    () => BigInt(AT.targets + PAGE + random.below((TARGET_PAGES - 2) * PAGE)) & ~3n,
  ])();
  const values = Array.from({ length: 3 }, () => random.pick([random.bits64(), 1n << BigInt(random.below(64)), random.bits64() & 0xffffn, -1n]));
  return [data, target, ...values, interrupt, randomPmpAddress(random), randomPmpConfig(random)];
}

/** Leaf or not, with any flags: data may not be executed, targets not be written, or the code would go anywhere. */
function randomEntry(random: Random, superpage: boolean): bigint {
  const flags = field(random, 0x3ffn) | (random.below(8) ? PTE.V : 0n) | (random.below(2) ? PTE.A | PTE.D | PTE.R : 0n);
  const reserved = random.below(24) ? 0n : 1n << BigInt(54 + random.below(10));
  const nowhere = random.below(24) ? undefined : random.pick([0x9_0000n, 1n << 43n, 0x4_0000n << 12n]);
  if (superpage) return ((nowhere ?? BigInt((AT.superpage >> 12) + (random.below(8) ? 0 : 1))) << 10n) | reserved | (flags & ~PTE.X);
  if (random.below(3) === 0) return ((nowhere ?? BigInt((AT.targets >> 12) + random.below(TARGET_PAGES))) << 10n) | reserved | (flags & ~PTE.W);
  return ((nowhere ?? BigInt((AT.data >> 12) + random.below(DATA_PAGES))) << 10n) | reserved | (flags & ~PTE.X);
}

/** One tree for all three modes: each deeper one begins with the root of the one before. */
function writeTables(random: Random, memory: DataView): void {
  const set = (index: number, entry: number, value: bigint): void =>
    memory.setBigUint64(AT.tables - RAM_BASE + index * PAGE + 8 * entry, BigInt.asUintN(64, value), true);
  set(TABLES.root57, 0, pointer(TABLES.root48));
  set(TABLES.root48, 0, pointer(TABLES.root39));
  const ram = (BigInt(RAM_BASE) >> 12n) << 10n;
  set(TABLES.root39, Number(BigInt(RAM_BASE) / GIB), ram | ALL);
  set(TABLES.root39, Number((BigInt(RAM_BASE) + U_ALIAS) / GIB), ram | ALL | PTE.U);
  set(TABLES.root39, Number(WINDOW / GIB), pointer(TABLES.middle));
  for (let entry = 0; entry < 16; entry++) set(TABLES.middle, entry, entry < LEAF_TABLES ? pointer(TABLES.leaves + entry) : randomEntry(random, true));
  for (let leaf = 0; leaf < LEAF_TABLES; leaf++) {
    for (let entry = 0; entry < 512; entry++) set(TABLES.leaves + leaf, entry, randomEntry(random, false));
  }
}

export interface Steps {
  /** A raw kernel for the start of RAM, M mode. */
  readonly kernel: Uint8Array<ArrayBuffer>;
  /** The step as a person reads it; undefined beyond the last. */
  describe(step: number): string | undefined;
}

export function createSteps(random: Random, count: number): Steps {
  const codes = Array.from({ length: count }, () => {
    const mode = random.pick<Mode>(['M', 'S', 'S', 'U']);
    return { mode, lines: Array.from({ length: random.between(1, 6) }, () => random.pick(TICKETS)(random, mode)) };
  });
  const program = assemble(codes.map(({ lines }, i) => `step${i}:\n${lines.join('\n')}\necall`).join('\n'), BigInt(AT.code));
  const kernel = new Uint8Array(AT.log - RAM_BASE);
  const memory = new DataView(kernel.buffer);
  const put = (bytes: Uint8Array, at: number): void => kernel.set(bytes, at - RAM_BASE);
  put(assemble(`li t0, ${AT.runner}\njr t0`).bytes, RAM_BASE);
  put(assemble(runner(count), BigInt(AT.runner)).bytes, AT.runner);
  put(program.bytes, AT.code);
  for (let at = AT.data; at < AT.targets; at += 8) memory.setBigUint64(at - RAM_BASE, random.bits64(), true);
  for (let at = AT.targets; at < AT.targets + TARGET_PAGES * PAGE; at += 4) memory.setUint32(at - RAM_BASE, 0x73, true);
  writeTables(random, memory);

  const described: string[] = [];
  codes.forEach(({ mode, lines }, i) => {
    const satp = randomSatp(random);
    // One: of several QEMU takes that with the lowest number.
    const interrupt = 1n << BigInt(random.pick([1, 3, 5, 7, 9, 11]));
    const alias = mode === 'U' && satp !== 0n ? U_ALIAS : 0n;
    const csrs: Record<(typeof SET)[number], bigint> = {
      satp,
      // Calls from S mode end a step.
      medeleg: field(random, EXCEPTIONS),
      mideleg: field(random, INTERRUPTS),
      menvcfg: STCE | (random.below(4) ? ADUE : field(random, ENVIRONMENT)),
      senvcfg: seldom(random, random.bits64()),
      mcounteren: random.bits64(),
      scounteren: random.bits64(),
      pmpcfg0: randomPmpConfig(random),
      ...{ pmpaddr0: randomPmpAddress(random), pmpaddr1: randomPmpAddress(random) },
      ...{ pmpaddr2: randomPmpAddress(random), pmpaddr3: randomPmpAddress(random) },
      mip: seldom(random, interrupt),
      mie: seldom(random, interrupt),
    };
    const record = [program.symbols.get(`step${i}`)! + alias, randomStatus(random, mode), ...SET.map((name) => csrs[name]), ...randomArguments(random, interrupt)];
    record.forEach((value, n) => {
      memory.setBigUint64(AT.records - RAM_BASE + 8 * (i * RECORD_WORDS + n), BigInt.asUintN(64, value), true);
    });
    const names = ['address', 'mstatus', ...SET, ...ARGUMENTS];
    const start = record.map((value, n) => `${names[n]} 0x${BigInt.asUintN(64, value).toString(16)}`).join(', ');
    described.push(`${mode} mode: ${start}\n${lines.join('\n')}\necall`);
  });
  return { kernel, describe: (step) => described[step] };
}
