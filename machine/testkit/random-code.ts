/**
 * Random user-level code that can run anywhere: it only goes forward, accesses memory only around `tp`, and has no instruction that
 * traps. Two machines run it and must agree on the results (isa/qemu-user.test.ts).
 *
 * `tp` points at the scratch area: POOL_BYTES of values to load before it, SCRATCH_BYTES to load and store from it on. `sp` and
 * `s0` equal `tp`, `s1` is `tp` plus a multiple of 8; `gp` and `t6` belong to the caller. Left out: counters, ECALL, EBREAK.
 */
import { FORMATS, NO_OPERANDS, type Operands, writesIntegerRegister } from '../isa/formats.ts';
import { COMPRESSED, INSTRUCTIONS } from '../isa/index.ts';
import type { Extension, Instruction } from '../isa/instruction.ts';
import { encode } from './assembler.ts';
import type { Random } from './random.ts';
import { randomOperands } from './random-operands.ts';

export const POOL_BYTES = 2048;
export const SCRATCH_BYTES = 4096;

export interface Code {
  readonly bits: number;
  readonly length: 2 | 4;
}

const [RA, SP, GP, TP, S0, S1, T5, T6] = [1, 2, 3, 4, 8, 9, 30, 31] as const;
const KEPT: readonly number[] = [SP, GP, TP, S0, S1, T6];
const FFLAGS = 1;
const FRM = 2;
const FCSR = 3;

const BY_NAME: ReadonlyMap<string, Instruction> = new Map(INSTRUCTIONS.map((i) => [i.name, i]));
const ROWS = new Map(COMPRESSED.map((row) => [row.name, row]));
const JUMPS: readonly string[] = ['jal', 'jalr', 'beq', 'bne'];

function wide(name: string, operands: Partial<Operands>): Code {
  return { bits: encode(BY_NAME.get(name)!, { ...NO_OPERANDS, ...operands }), length: 4 };
}

function short(name: string, operands: Partial<Operands>): Code {
  const bits = ROWS.get(name)!.encode({ ...NO_OPERANDS, ...operands });
  if (bits === undefined) throw new Error(`${name} cannot be encoded`);
  return { bits, length: 2 };
}

/** The extensions that user-level code may use without an operating system's help and that QEMU's user mode has. */
const USER_LEVEL: ReadonlySet<Extension> = new Set([
  'i',
  'm',
  'a',
  'f',
  'd',
  'zicsr',
  'zifencei',
  'zba',
  'zbb',
  'zbc',
  'zbs',
  'zicond',
  'zfhmin',
  'zfh',
]);

/** Instructions, grouped by the care that their operands need: those in `plain` may have any operands. */
const LOADS = INSTRUCTIONS.filter((i) => (i.format === 'load' && i.name !== 'jalr') || i.format === 'floatLoad');
const STORES = INSTRUCTIONS.filter((i) => i.format === 'S' || i.format === 'floatStore');
const ATOMICS = INSTRUCTIONS.filter((i) => i.format === 'amo' && !i.name.startsWith('sc.'));
const BRANCHES = INSTRUCTIONS.filter((i) => i.format === 'B');
const SPECIAL: ReadonlySet<string> = new Set(['load', 'floatLoad', 'S', 'floatStore', 'amo', 'lr', 'B', 'J', 'csr', 'csri']);
const PLAIN = INSTRUCTIONS.filter((i) => USER_LEVEL.has(i.extension) && !SPECIAL.has(i.format));
const FLOAT = PLAIN.filter((i) => ['f', 'd', 'zfhmin', 'zfh'].includes(i.extension));

function withFreeRd(instruction: Instruction, random: Random): Operands {
  const operands = randomOperands(instruction.format, random);
  return writesIntegerRegister(instruction.format) && KEPT.includes(operands.rd) ? { ...operands, rd: T5 } : operands;
}

const plain =
  (from: readonly Instruction[]) =>
  (random: Random): Code[] => {
    const instruction = random.pick(from);
    return [{ bits: encode(instruction, withFreeRd(instruction, random)), length: 4 }];
  };

const access =
  (from: readonly Instruction[], lowest: number) =>
  (random: Random): Code[] => {
    const instruction = random.pick(from);
    const operands = { ...withFreeRd(instruction, random), rs1: random.pick([TP, SP, S0]), imm: random.between(lowest, 2040) };
    // Half of them are misaligned.
    return [{ bits: encode(instruction, random.below(2) ? operands : { ...operands, imm: operands.imm & ~7 }), length: 4 }];
  };

/** Loads whole values of the pool; otherwise the registers soon hold little but zeros and NaNs. */
function refresh(random: Random): Code[] {
  const operands = { rs1: TP, imm: random.between(-POOL_BYTES / 8, -1) * 8 };
  return [random.below(2) ? wide('ld', { ...operands, rd: random.between(10, 30) }) : wide('fld', { ...operands, rd: random.below(32) })];
}

function atomic(random: Random): Code[] {
  const instruction = random.pick(ATOMICS);
  return [{ bits: encode(instruction, { ...withFreeRd(instruction, random), rs1: S1 }), length: 4 }];
}

/** LR, perhaps another instruction, and SC of the same width; or SC alone, which fails. */
function reservation(random: Random): Code[] {
  const width = random.pick(['w', 'd']);
  const [rd, other] = [random.between(10, 29), random.between(10, 29)];
  const conditional = wide(`sc.${width}`, { rd: other, rs1: S1, rs2: random.below(32) });
  const reserved = wide(`lr.${width}`, { rd, rs1: S1 });
  return random.pick([
    [conditional],
    [reserved, conditional],
    [reserved, ...atomic(random), conditional],
    [reserved, ...plain(PLAIN)(random), conditional],
  ]);
}

function moveAtomicBase(random: Random): Code[] {
  return [wide('addi', { rd: S1, rs1: TP, imm: random.below(255) * 8 })];
}

/** Flags may be anything; a reserved frm would make every dynamic rounding illegal. */
function floatStatus(random: Random): Code[] {
  const rd = random.between(10, 30);
  const operation = random.pick(['csrrw', 'csrrs', 'csrrc']);
  return [
    random.pick([
      wide(operation, { rd, rs1: random.below(32), imm: FFLAGS }),
      wide(`${operation}i`, { rd, rs1: random.below(32), imm: FFLAGS }),
      wide('csrrwi', { rd, rs1: random.below(5), imm: FRM }),
      wide('csrrwi', { rd, rs1: random.below(32), imm: FCSR }),
      wide('csrrs', { rd, imm: FCSR }),
    ]),
  ];
}

/** Skips one instruction; its length gives the distance. */
function skip(random: Random): Code[] {
  const over = simple(random)[0]!;
  const [rs1, rs2, rd] = [random.below(32), random.below(32), random.between(10, 30)];
  const branch = random.pick(BRANCHES).name;
  const near = random.between(8, 15);
  return [
    random.pick([
      () => wide(branch, { rs1, rs2, imm: 4 + over.length }),
      () => wide('jal', { rd, imm: 4 + over.length }),
      () => short('c.j', { imm: 2 + over.length }),
      () => short('c.beqz', { rs1: near, imm: 2 + over.length }),
      () => short('c.bnez', { rs1: near, imm: 2 + over.length }),
    ])(),
    over,
  ];
}

function indirect(random: Random): Code[] {
  const over = simple(random)[0]!;
  const here = wide('auipc', { rd: T5, imm: 0 });
  return random.pick([
    // With an odd address: JALR clears the lowest bit.
    [here, wide('jalr', { rd: random.pick([0, RA, T5]), rs1: T5, imm: 9 + over.length }), over],
    [here, short('c.addi', { rd: T5, rs1: T5, imm: 8 + over.length }), short('c.jr', { rs1: T5 }), over],
    [here, short('c.addi', { rd: T5, rs1: T5, imm: 8 + over.length }), short('c.jalr', { rd: RA, rs1: T5 }), over],
  ]);
}

function stackPointer(random: Random): Code[] {
  const imm = (random.between(-32, 30) || 1) * 16;
  return [
    short('c.addi16sp', { rd: SP, rs1: SP, imm }),
    short('c.addi4spn', { rd: 10, rs1: SP, imm: 8 }),
    wide('addi', { rd: SP, rs1: TP }),
  ];
}

/** A compressed instruction that does not jump, does not write a register that must be kept, and accesses memory only around `tp`. */
function compressed(random: Random): Code[] {
  for (;;) {
    const row = random.pick(COMPRESSED);
    const bits = (random.below(0x10000) & ~row.mask) | row.match;
    const operands = row.expand(bits);
    const base = BY_NAME.get(row.base)!;
    if (!operands || JUMPS.includes(row.base) || base.format === 'none') continue;
    if (writesIntegerRegister(base.format) && KEPT.includes(operands.rd)) continue;
    const isAccess = (FORMATS[base.format].syntax as readonly string[]).includes('imm(rs1)');
    if (isAccess && operands.rs1 !== SP && operands.rs1 !== S0) continue;
    return [{ bits, length: 2 }];
  }
}

/** By weight. */
const KINDS: readonly (readonly [weight: number, make: (random: Random) => Code[]])[] = [
  [30, plain(PLAIN)],
  [12, plain(FLOAT)],
  [24, refresh],
  [12, access(LOADS, -POOL_BYTES)],
  [8, access(STORES, 0)],
  [16, compressed],
  [6, atomic],
  [2, moveAtomicBase],
  [3, floatStatus],
  [1, stackPointer],
  [2, reservation],
  [3, skip],
  [1, indirect],
];
const TICKETS = KINDS.flatMap(([weight, make]) => new Array<typeof make>(weight).fill(make));
const SIMPLE = [plain(PLAIN), compressed, access(LOADS, -POOL_BYTES)];
const simple = (random: Random): Code[] => random.pick(SIMPLE)(random);

/** At least `count` instructions. */
export function randomCode(random: Random, count: number): Code[] {
  const code: Code[] = [];
  while (code.length < count) code.push(...random.pick(TICKETS)(random));
  return code;
}

const BOXED = 0xffffffffn << 32n;
const BOXED_HALF = 0xffff_ffff_ffffn << 16n;
const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 1n << 32n, 1n << 52n, 1n << 53n],
  ...[(1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n, (1n << 64n) - (1n << 31n), 0x5555_5555_5555_5555n],
  // Doubles: one, the least and greatest normal and subnormal, infinity, a quiet and a signalling NaN.
  ...[0x3ff0n << 48n, 0x0010n << 48n, (0x0010n << 48n) - 1n, (0x7ff0n << 48n) - 1n, 0x7ff0n << 48n, 0x7ff8n << 48n, (0x7ff0n << 48n) + 1n],
  // The same as singles, NaN-boxed.
  ...[0x3f80_0000n, 0x0080_0000n, 0x007f_ffffn, 0x7f7f_ffffn, 0x7f80_0000n, 0x7fc0_0000n, 0x7f80_0001n].map((bits) => BOXED | bits),
  // And as halves.
  ...[0x3c00n, 0x0400n, 0x03ffn, 0x7bffn, 0x7c00n, 0x7e00n, 0x7c01n].map((bits) => BOXED_HALF | bits),
];

/** An interesting value: an edge value, its negative, random bits, or a floating-point number of moderate size. */
export function randomValue(random: Random): bigint {
  const noise = random.bits64();
  const exponent = BigInt(random.between(-40, 40));
  return random.pick([
    () => random.pick(EDGES),
    () => random.pick(EDGES) ^ (1n << 63n),
    () => random.pick(EDGES) ^ (1n << 31n),
    () => noise,
    () => BigInt.asUintN(64, BigInt.asIntN(64, noise) >> (noise & 63n)),
    () => ((noise & 1n) << 63n) | ((0x3ffn + exponent) << 52n) | (noise >> 12n),
    () => BOXED_HALF | (noise & 0xffffn),
    () => BOXED | ((noise & 1n) << 31n) | ((0x7fn + exponent) << 23n) | (noise >> 41n),
  ])();
}
