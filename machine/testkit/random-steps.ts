/**
 * A guest of random privileged steps, for two machines to agree on (hart/qemu-system.test.ts).
 *
 * A loop in M mode sets CSRs and registers as the step says, enters its code in some mode, and waits for the trap that ends it; every
 * step ends in one. Traps that are delegated go to a handler in S mode, which notes them and calls M mode. The log has LOG_FIELDS
 * of each step; behind it comes what memory holds at the end: data, then page tables (TABLES_AT).
 *
 * Kept, so that the loop survives: mtvec, stvec, medeleg in a step's code, and satp but for the tables made here. What a step's code
 * may do, random-privileged-code.ts says.
 */
import { ACLINT, RAM_BASE, TEST_FINISHER, UART } from '../memory-map.ts';
import { assemble } from './assembler.ts';
import type { Random } from './random.ts';
import { ARGUMENTS, field, type Mode, randomPrivilegedCode } from './random-privileged-code.ts';

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
/** Offset of the page tables in the log's last part. */
export const TABLES_AT = DATA_PAGES * PAGE;
const TABLES = { root57: 0, root48: 1, root39: 2, middle: 3, leaves: 4 } as const;
const LEAF_TABLES = 2;

/** Virtual addresses: RAM lies where it is for S mode, U_ALIAS further on for U mode, and the random pages in a window. */
const U_ALIAS = 0x4000_0000n;
const WINDOW = 0x20_0000_0000n;
const GIB = 1n << 30n;

const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, A: 64n, D: 128n } as const;
const ALL = PTE.V | PTE.R | PTE.W | PTE.X | PTE.A | PTE.D;

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

const save = (names: readonly string[], from: number): string[] =>
  names.map((name, i) => `csrr t5, ${name}\nsd t5, ${8 * (from + i)}(s11)`);

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
  csrw mtval, zero
  csrw mcause, zero
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

/** What a hart without the hypervisor extension has; QEMU keeps bits of others as well. */
const INTERRUPTS = 0xaaan;
const EXCEPTIONS = 0xb1ffn;
const ADUE = 1n << 61n;
const STCE = 1n << 63n;
const ENVIRONMENT = ADUE | 0xf1n;

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
  return random.pick([
    0n,
    root(8n, TABLES.root39) | asid,
    root(9n, TABLES.root48) | asid,
    root(10n, TABLES.root57),
    root(8n, TABLES.root39),
  ]);
}

/** Ranges that lie in data and targets. */
function randomPmpAddress(random: Random): bigint {
  const address = BigInt(AT.data + random.below(AT.targets - AT.data + TARGET_PAGES * PAGE)) >> 2n;
  const ones = BigInt(random.below(13));
  return random.below(2) ? address : (address & ~((1n << (ones + 1n)) - 1n)) | ((1n << ones) - 1n);
}

/** Four entries, none locked, none that may be written and not read. */
function randomPmpConfig(random: Random): bigint {
  const entry = (): bigint => field(random, 0x1fn);
  const sound = (config: bigint): bigint => (config & 2n ? config | 1n : config);
  return random.below(2) ? 0n : [0n, 8n, 16n, 24n].reduce((all, shift) => all | (sound(entry()) << shift), 0n);
}

const inWindow = (random: Random): bigint =>
  WINDOW + BigInt(random.below(4) ? random.below(LEAF_TABLES * 512 * PAGE) : random.below(16 * 512 * PAGE));
const aligned = (random: Random, address: bigint): bigint => (random.below(4) ? address & ~7n : address);
const elsewhere = (random: Random): bigint =>
  random.pick([0x9000_0000n, 0x40_0000_0000n, 1n << 47n, 1n << 62n, -16n, WINDOW - 8n, 0x5000_0000_0000n, (1n << 38n) + 0x123n]);
const pageEdge = (random: Random): bigint => (inWindow(random) & ~0xfffn) - BigInt(random.below(8));

function randomArguments(random: Random, interrupt: bigint, protection: bigint): bigint[] {
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
  const values = Array.from({ length: 3 }, () =>
    random.pick([random.bits64(), 1n << BigInt(random.below(64)), random.bits64() & 0xffffn, -1n]),
  );
  return [data, target, ...values, interrupt, randomPmpAddress(random), protection];
}

/** Leaf or not, with any flags: data may not be executed, targets not be written, or the code would go anywhere. */
function randomEntry(random: Random, superpage: boolean): bigint {
  const flags = field(random, 0x3ffn) | (random.below(8) ? PTE.V : 0n) | (random.below(2) ? PTE.A | PTE.D | PTE.R : 0n);
  const reserved = random.below(24) ? 0n : 1n << BigInt(54 + random.below(10));
  const page = (frame: number, flagsKept: bigint): bigint => (BigInt(frame) << 10n) | reserved | flagsKept;
  // Writable: QEMU's AMO loads first, and finds out that nothing is there before it finds that it may not store.
  if (random.below(24) === 0) return page(random.pick([0x9_0000, 2 ** 43, 0x4000_0000]), flags | PTE.W | PTE.A | PTE.D);
  if (superpage) return page((AT.superpage >>> 12) + (random.below(8) ? 0 : 1), flags & ~PTE.X);
  if (random.below(3) === 0) return page((AT.targets >>> 12) + random.below(TARGET_PAGES), flags & ~PTE.W);
  return page((AT.data >>> 12) + random.below(DATA_PAGES), flags & ~PTE.X);
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
  for (let entry = 0; entry < 16; entry++)
    set(TABLES.middle, entry, entry < LEAF_TABLES ? pointer(TABLES.leaves + entry) : randomEntry(random, true));
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
    return { mode, lines: Array.from({ length: random.between(1, 6) }, () => randomPrivilegedCode(random, mode)) };
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
    // QEMU's AMO is a load, then a store: where the one is protected and the other does not translate, they differ.
    const protection = lines.some((line) => /amo|sc\./.test(line)) ? 0n : randomPmpConfig(random);
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
      pmpcfg0: protection,
      ...{ pmpaddr0: randomPmpAddress(random), pmpaddr1: randomPmpAddress(random) },
      ...{ pmpaddr2: randomPmpAddress(random), pmpaddr3: randomPmpAddress(random) },
      mip: seldom(random, interrupt),
      mie: seldom(random, interrupt),
    };
    const record = [
      program.symbols.get(`step${i}`)! + alias,
      randomStatus(random, mode),
      ...SET.map((name) => csrs[name]),
      ...randomArguments(random, interrupt, protection),
    ];
    record.forEach((value, n) => {
      memory.setBigUint64(AT.records - RAM_BASE + 8 * (i * RECORD_WORDS + n), BigInt.asUintN(64, value), true);
    });
    const names = ['address', 'mstatus', ...SET, ...ARGUMENTS];
    const start = record.map((value, n) => `${names[n]} 0x${BigInt.asUintN(64, value).toString(16)}`).join(', ');
    described.push(`${mode} mode: ${start}\n${lines.join('\n')}\necall`);
  });
  return { kernel, describe: (step) => described[step] };
}
