/**
 * Random privileged code, a few lines of assembly at a time, for the steps of random-steps.ts: CSRs, memory, jumps, returns, traps.
 *
 * It loads and stores through a0, jumps to a1, takes interrupt bits from a5, pmpaddr from a6 and pmpcfg from a7, and changes a2 to a4
 * only. Left out: the values of counters, the timer, WFI that waits, and what docs/qemu-differences.md says of the hart.
 */
import type { Random } from './random.ts';

export type Mode = 'M' | 'S' | 'U';
export const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'] as const;
export const field = (random: Random, bits: bigint): bigint => random.bits64() & bits;

/** Of mstatus: no UXL, no VS. */
const STATUS_BITS = 0x7e_79aan;

const CSRS = [
  ...['mcounteren', 'mscratch', 'mcause', 'mtval', 'misa', 'mcountinhibit'],
  ...['scounteren', 'senvcfg', 'sscratch', 'scause', 'stval'],
];
const READ_ONLY = ['menvcfg', 'mvendorid', 'marchid', 'mimpid', 'mhartid', 'medeleg', 'mideleg', 'mtvec', 'stvec', 'satp', 'pmpcfg2'];
const COUNTERS = ['cycle', 'time', 'instret', 'mcycle', 'minstret', '0xc03', '0xc1f', '0xb03', '0xb1f', '0x323'];
/** Numbers of no CSR. */
const ABSENT = [
  '0x000',
  '0x045',
  '0x107',
  '0x1ff',
  '0x2ff',
  '0x345',
  '0x3ff',
  '0x4ff',
  '0x5ff',
  '0x7ff',
  '0x8ff',
  '0xcff',
  '0xf10',
  '0xfff',
  '0x200',
  '0x600',
];

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

/** An even address that neither translates nor is there. */
const nowhere = (random: Random): bigint => BigInt.asIntN(64, (random.bits64() | (1n << 63n)) & ~((1n << 62n) | 1n));

const writeStatus: Make = (random) => {
  const operation = random.pick(['csrrw', 'csrrs', 'csrrc']);
  return `li a4, ${field(random, STATUS_BITS)}\n${operation} ${free(random)}, ${random.pick(['mstatus', 'sstatus'])}, a4`;
};

/** By weight. */
const KINDS: readonly (readonly [weight: number, make: Make])[] = [
  [30, writeCsr],
  [4, writeStatus],
  [3, (random) => `li a4, ${nowhere(random)}\ncsrrw ${free(random)}, ${random.pick(['mepc', 'sepc'])}, a4`],
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
  [
    4,
    (random) =>
      `andi a4, a0, -8\n${random.pick(['amoadd', 'amoswap', 'amomaxu'])}.${random.pick(['w', 'd'])} ${free(random)}, ${source(random)}, (a4)`,
  ],
  // Both of one width: QEMU's SC.W behind an LR.D stores, and says that it failed.
  [
    3,
    (random) =>
      random.pick([
        `lr.d ${free(random)}, (a0)`,
        `andi a4, a0, -8
sc.d ${free(random)}, ${source(random)}, (a4)`,
      ]),
  ],
  [6, (random) => `jalr ${free(random)}, ${random.pick([0, 0, 1, 2, 4, random.between(-2048, 2047)])}(a1)`],
  [3, (random) => random.pick(['sfence.vma', 'sfence.vma a0, zero', 'sfence.vma zero, a2', 'fence.i', 'fence'])],
  [3, (random) => random.pick(['ecall', 'ebreak', '.half 0x9002\n.half 0x0001', '.word 0', '.word 0xffffffff', '.word 0x0000000b'])],
  [4, back('mret', 'mepc')],
  [5, back('sret', 'sepc')],
  [1, (_, mode) => (mode === 'U' ? '.word 0x10500073' : 'nop')],
  [3, (random) => random.pick(['fadd.d fa0, fa1, fa2', 'fdiv.s fa0, fa0, fa1', 'fmv.d.x fa1, a3', 'fld fa1, 0(a0)', 'fsd fa0, 0(a0)'])],
];
const TICKETS = KINDS.flatMap(([weight, make]) => new Array<Make>(weight).fill(make));

/** A return to right behind it, or to nowhere. */
function back(instruction: 'mret' | 'sret', epc: string): Make {
  return (random) => {
    const target = random.below(4) ? 'auipc a2, 0\naddi a2, a2, 16' : `li a2, ${nowhere(random)}`;
    return `${target}\ncsrw ${epc}, a2\n${instruction}`;
  };
}

/** One instruction, or a few that belong together. */
export const randomPrivilegedCode = (random: Random, mode: Mode): string => random.pick(TICKETS)(random, mode);
