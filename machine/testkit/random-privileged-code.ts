/**
 * Random privileged code, a few lines of assembly at a time, for the steps of random-steps.ts: CSRs, memory, jumps, returns, traps,
 * page tables, and what any code does in between.
 *
 * It loads and stores through a0, does atomic and cache-block operations at s0, jumps to a1 (s8 says where it goes on), takes interrupt bits from a5,
 * pmpaddr from a6, pmpcfg from a7 and satp from s1, and changes a2 to a4 and fa0 to fa3 only. `@` stands for a new label. Left out: the
 * values of counters, WFI that waits, and the differences that docs/qemu-differences.md lists for the hart.
 */
import { FORMATS, type FormatName, type SyntaxPart } from '../isa/formats.ts';
import { INSTRUCTIONS } from '../isa/index.ts';
import type { Random } from './random.ts';

export type Mode = 'M' | 'S' | 'U';
export const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 's0', 's1'] as const;
export const field = (random: Random, bits: bigint): bigint => random.bits64() & bits;

/** The fields of mstatus that may change: not UXL and VS. */
const STATUS_BITS = 0x7e_79aan;

const CSRS = [...['mcounteren', 'mscratch', 'mcause', 'mtval', 'misa'], ...['scounteren', 'senvcfg', 'sscratch', 'scause', 'stval']];
const READ_ONLY = ['menvcfg', 'mvendorid', 'marchid', 'mimpid', 'mhartid', 'medeleg', 'mideleg', 'mtvec', 'stvec', 'satp', 'pmpcfg2'];
const COUNTERS = ['cycle', 'time', 'instret', 'mcycle', 'minstret', '0xc03', '0xc1f', '0xb03', '0xb1f', '0x323'];
/** Numbers at which there is no CSR. */
const ABSENT = [
  ...['0x000', '0x045', '0x107', '0x1ff', '0x200', '0x2ff', '0x345', '0x3ff'],
  ...['0x4ff', '0x5ff', '0x600', '0x7ff', '0x8ff', '0xcff', '0xf10', '0xfff'],
];

const free = (random: Random): string => random.pick(['a2', 'a3', 'a4']);
const source = (random: Random): string => random.pick(['a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'zero']);
const float = (random: Random): string => random.pick(['fa0', 'fa1', 'fa2', 'fa3']);
const offset = (random: Random): number => random.pick([0, 0, 8, 4, 1, 2, 3, 7, -8, -1, -4, random.between(-2048, 2047)]);
const csrOperation = (random: Random): string => random.pick(['csrrw', 'csrrs', 'csrrc']);

type Make = (random: Random) => string;

const writeCsr: Make = (random) => {
  const csr = random.pick(CSRS);
  if (random.below(4) === 0) return `${csrOperation(random)}i ${free(random)}, ${csr}, ${random.below(32)}`;
  return `${csrOperation(random)} ${free(random)}, ${csr}, ${source(random)}`;
};

const writeStatus: Make = (random) =>
  `li a4, ${field(random, STATUS_BITS)}\n${csrOperation(random)} ${free(random)}, ${random.pick(['mstatus', 'sstatus'])}, a4`;

/** An address that is not translated, and at which there is no memory. */
const nowhere = (random: Random): bigint => BigInt.asIntN(64, (random.bits64() | (1n << 63n)) & ~((1n << 62n) | 3n));

/** A return to the instruction right after it, or to nowhere. */
const back =
  (instruction: 'mret' | 'sret', epc: string): Make =>
  (random) =>
    `la s8, @\n${random.below(4) ? 'mv a2, s8' : `li a2, ${nowhere(random)}`}\ncsrw ${epc}, a2\n${instruction}\n@:`;

/** What each operand may be. An absent rounding mode is the dynamic one. */
const OPERAND: Partial<Record<SyntaxPart, (random: Random) => string | number>> = {
  rd: free,
  rs1: source,
  rs2: source,
  frd: float,
  frs1: float,
  frs2: float,
  frs3: float,
  imm: (random) => random.between(-2048, 2047),
  uimm: (random) => random.below(32),
  'imm(rs1)': (random) => `${offset(random)}(a0)`,
};

/** Any instruction of these formats. */
function anyOf(formats: readonly FormatName[]): Make {
  const instructions = INSTRUCTIONS.filter(({ format, name }) => formats.includes(format) && name !== 'jalr');
  return (random) => {
    const { name, format } = random.pick(instructions);
    const operands = (FORMATS[format].syntax as readonly SyntaxPart[]).filter((part) => part !== 'rm');
    return `${name} ${operands.map((part) => OPERAND[part]!(random)).join(', ')}`;
  };
}

const integer = anyOf(['R', 'unary', 'I', 'shift5', 'shift6']);
/** Not those with an integer result: they only set flags, which makes FS dirty here but not on QEMU. */
const floating = anyOf(['floatR', 'floatRounded', 'floatUnary', 'integerToFloat', 'floatMoveIn', 'R4']);

const compressed: Make = (random) => {
  const [rd, rs] = [free(random), random.pick(['a2', 'a3', 'a4', 'a5'])];
  const eight = 8 * random.below(32);
  return random.pick([
    ...[`c.addi ${rd}, ${random.between(-32, 31)}`, `c.li ${rd}, ${random.between(-32, 31)}`, `c.mv ${rd}, ${rs}`, `c.add ${rd}, ${rs}`],
    ...[`c.sub ${rd}, ${rs}`, `c.xor ${rd}, ${rs}`, `c.addw ${rd}, ${rs}`, `c.slli ${rd}, ${random.between(1, 63)}`],
    ...[`c.ld ${rd}, ${eight}(a0)`, `c.lw ${rd}, ${4 * random.below(32)}(a0)`, `c.sd ${rs}, ${eight}(a0)`, `c.sw ${rs}, 4(a0)`],
    ...[`c.lbu ${rd}, 3(a0)`, `c.lhu ${rd}, 2(a0)`, `c.lh ${rd}, 0(a0)`, `c.sb ${rs}, 1(a0)`, `c.sh ${rs}, 2(a0)`],
    ...[`c.not ${rd}`, `c.sext.b ${rd}`, `c.sext.h ${rd}`, `c.zext.b ${rd}`, `c.zext.h ${rd}`, `c.zext.w ${rd}`, `c.mul ${rd}, ${rs}`],
  ]);
};

const branch: Make = (random) => {
  const condition = random.pick(['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu']);
  return `${condition} ${source(random)}, ${source(random)}, @\n${random.pick([integer, compressed, writeCsr])(random)}\n@:`;
};

const atomic: Make = (random) => {
  const operation = random.pick(['amoadd', 'amoswap', 'amoxor', 'amoand', 'amoor', 'amomin', 'amomax', 'amominu', 'amomaxu']);
  return `${operation}.${random.pick(['w', 'd'])} ${free(random)}, ${source(random)}, (s0)`;
};

/** All of the same width: in QEMU an SC.W after an LR.D stores, but reports that it failed. */
const reservation: Make = (random) => {
  const [reserve, conditional] = [`lr.d ${free(random)}, (s0)`, `sc.d ${free(random)}, ${source(random)}, (s0)`];
  const between = random.pick([integer, atomic, writeCsr, () => 'sd a3, 0(s0)', () => 'ecall', () => 'wrs.sto'])(random);
  return random.pick([conditional, `lr.d ${free(random)}, (a0)`, `${reserve}\n${conditional}`, `${reserve}\n${between}\n${conditional}`]);
};

/** By weight. */
const KINDS: readonly (readonly [weight: number, make: Make])[] = [
  [12, writeCsr],
  [4, writeStatus],
  [3, (random) => `li a4, ${nowhere(random)}\ncsrrw ${free(random)}, ${random.pick(['mepc', 'sepc'])}, a4`],
  [2, (random) => `csrrw ${free(random)}, ${random.pick(['fflags', 'frm', 'fcsr'])}, ${source(random)}`],
  [5, (random) => `${csrOperation(random)} ${free(random)}, ${random.pick(['mie', 'mip', 'sie', 'sip'])}, a5`],
  [3, (random) => `csrrs ${free(random)}, ${random.pick(READ_ONLY)}, zero`],
  [2, (random) => `csrrs zero, ${random.pick(COUNTERS)}, zero`],
  [1, (random) => `csrrw zero, ${random.pick(['cycle', 'time', '0xf11', 'marchid'])}, ${source(random)}`],
  [1, (random) => `csrrs ${free(random)}, ${random.pick(ABSENT)}, zero`],
  // The counter is switched on again at once, since the runner counts by minstret.
  [1, (random) => `${csrOperation(random)} ${free(random)}, mcountinhibit, ${source(random)}\ncsrw mcountinhibit, zero`],
  // Not CSRRC: it may make the address 0, and then QEMU's TOR entry matches everything.
  [2, (random) => `${random.pick(['csrrw', 'csrrs'])} ${free(random)}, pmpaddr${random.below(4)}, a6`],
  [2, (random) => `${csrOperation(random)} ${free(random)}, pmpcfg0, a7`],
  [2, (random) => `csrrw ${free(random)}, satp, s1`],
  [20, anyOf(['load'])],
  [14, anyOf(['S'])],
  [4, anyOf(['floatLoad', 'floatStore'])],
  [20, integer],
  [8, floating],
  [10, compressed],
  [6, branch],
  [5, atomic],
  [5, reservation],
  [6, (random) => `la s8, @\njalr ${free(random)}, ${random.pick([0, 0, 1, 2, 4, random.between(-2048, 2047)])}(a1)\n@:`],
  [3, (random) => random.pick(['sfence.vma', 'sfence.vma a0, zero', 'sfence.vma zero, a2', 'sinval.vma a0, zero', 'fence.i', 'fence'])],
  [1, (random) => random.pick(['wrs.nto', 'wrs.sto'])],
  [2, (random) => `${random.pick(['cbo.inval', 'cbo.clean', 'cbo.flush', 'cbo.zero'])} (s0)`],
  [3, (random) => random.pick(['ecall', 'ebreak', 'c.ebreak', '.half 0', '.word 0xffffffff', '.word 0x0000400b'])],
  [4, back('mret', 'mepc')],
  [5, back('sret', 'sepc')],
];
const TICKETS = KINDS.flatMap(([weight, make]) => new Array<Make>(weight).fill(make));

/** One instruction, or a few that belong together. */
export const randomPrivilegedCode: Make = (random) => random.pick(TICKETS)(random);
