/** The table itself: encodings, their inverse, and which extension they need. The test of each extension has the semantics. */
import { describe, expect, it } from 'vitest';
import { disassemble } from '../debug/disassemble.ts';
import { assemble, encode } from '../testkit/assembler.ts';
import { Random } from '../testkit/random.ts';
import { randomOperands } from '../testkit/random-operands.ts';
import { createDecoder } from './decoder.ts';
import { FORMATS } from './formats.ts';
import { COMPRESSED, INSTRUCTIONS } from './index.ts';
import { EXTENSIONS } from './instruction.ts';

const PC = 0x8000_0000n;
const everything = createDecoder(new Set(EXTENSIONS));
const HALFWORDS = Array.from({ length: 0x10000 }, (_, bits) => bits);
const COMPRESSED_HALFWORDS = HALFWORDS.filter((bits) => (bits & 3) !== 3);

/** The bits that a line of assembly has at PC. */
function bitsOf(line: string): number {
  return assemble(line, PC).bytes.reduceRight((bits, byte) => bits * 256 + byte, 0);
}

describe('encodings', () => {
  it('of 32-bit instructions do not overlap', () => {
    const overlaps = INSTRUCTIONS.flatMap((a, i) =>
      INSTRUCTIONS.slice(i + 1)
        .filter((b) => ((a.match ^ b.match) & a.mask & b.mask) === 0)
        .map((b) => `${a.name} and ${b.name}`),
    );
    expect(overlaps).toEqual([]);
  });

  it('of compressed instructions mean one thing each', () => {
    const meanings = (bits: number) => COMPRESSED.filter((row) => ((bits ^ row.match) & row.mask) === 0 && row.expand(bits));
    const ambiguous = HALFWORDS.filter((bits) => meanings(bits).length > 1);
    // C.JALR and C.EBREAK are encoded as C.ADD with rs2 = x0, and so on: `except` keeps the rows apart.
    expect(ambiguous).toEqual([]);
  });

  it('have their length in the lowest two bits', () => {
    expect(INSTRUCTIONS.filter((i) => (i.match & 3) !== 3)).toEqual([]);
    expect(COMPRESSED.filter((c) => (c.match & 3) === 3)).toEqual([]);
  });

  it('have names of their own', () => {
    const names = [...INSTRUCTIONS, ...COMPRESSED].map((i) => i.name);
    expect(names.length).toBe(new Set(names).size);
  });

  it.each([
    // 52 together with ECALL and EBREAK, which belong to `system`; FENCE.TSO is a FENCE.
    ['i', 50],
    ['m', 13],
    ['a', 22],
    ['f', 30],
    ['d', 32],
    ['zicsr', 6],
    ['zifencei', 1],
    ['zba', 8],
    ['zbb', 24],
    ['zbc', 3],
    ['zbs', 8],
    ['zicond', 2],
    ['zawrs', 2],
    ['zfhmin', 8],
    ['zfh', 26],
    // ECALL, EBREAK, SRET, MRET, WFI, SFENCE.VMA.
    ['system', 6],
  ] as const)('are as many as the specification lists: %s has %i', (extension, count) => {
    expect(INSTRUCTIONS.filter((i) => i.extension === extension)).toHaveLength(count);
  });

  it('are as many as the specification lists: RV64C has 36, Zcb 12', () => {
    const zcb = COMPRESSED.filter(({ extension }) => extension === 'zcb');
    expect([COMPRESSED.length - zcb.length, zcb.length]).toEqual([36, 12]);
  });
});

describe('assembly', () => {
  const random = new Random(1);

  it.each(INSTRUCTIONS.map((i) => i.name))('of %s comes back from its bits', (name) => {
    const instruction = INSTRUCTIONS.find((i) => i.name === name)!;
    for (let n = 0; n < 50; n++) {
      const bits = encode(instruction, randomOperands(instruction.format, random));
      const { text, length } = disassemble(bits, PC);
      expect(length).toBe(4);
      expect(text.split(' ')[0]!.replace(/\.(aq|rl|aqrl)$/, '')).toBe(name);
      expect([text, bitsOf(text)]).toEqual([text, bits]);
    }
  });

  it('of every halfword comes back from its bits', () => {
    const lost = COMPRESSED_HALFWORDS.filter((bits) => bitsOf(disassemble(bits, PC).text) !== bits);
    expect(lost).toEqual([]);
  });

  it.each([
    [0xff010113, 'addi sp, sp, -16'],
    [0x00113423, 'sd ra, 8(sp)'],
    [0x00c5f463, 'bgeu a1, a2, 0x80000008'],
    [0x12345537, 'lui a0, 0x12345'],
    [0x0ff0000f, 'fence iorw, iorw'],
    [0x30529073, 'csrrw zero, mtvec, t0'],
    [0x7c002573, 'csrrs a0, 0x7c0, zero'],
    [0x06b5252f, 'amoadd.w.aqrl a0, a1, (a0)'],
    [0x02b57553, 'fadd.d fa0, fa0, fa1'],
    [0xc2051553, 'fcvt.w.d a0, fa0, rtz'],
    [0x1141, 'c.addi sp, -16'],
    [0xe406, 'c.sdsp ra, 8(sp)'],
    [0x8082, 'c.jr ra'],
    [0x0000, '.half 0x0'],
    [0xffffffff, '.word 0xffffffff'],
  ])('shows %i as the manual writes it', (bits, text) => {
    expect(disassemble(bits, PC).text).toBe(text);
  });
});

describe('what the specification reserves or leaves to other extensions is illegal', () => {
  /** "C" extension, RV64 listing: RES, and the opcodes of Zcmp and Zcmop; "Zcb". */
  function reserved(bits: number): boolean {
    const [rd, op, funct3] = [(bits >> 7) & 31, bits & 3, bits >> 13];
    const immediate = (bits >> 2) & 0x41f; // bit 12 and bits 6:2
    if (op === 0 && funct3 === 4) return (bits & 0x1000) !== 0 || (bits & 0x0c40) === 0x0c40;
    if (op === 0) return funct3 === 0 && (bits & 0x1fe0) === 0;
    if (op === 1) return (funct3 === 1 && rd === 0) || (funct3 === 3 && immediate === 0) || (bits & 0xfc78) === 0x9c78;
    return ((funct3 === 2 || funct3 === 3) && rd === 0) || bits === 0x8002;
  }

  it('in every compressed encoding', () => {
    expect(COMPRESSED_HALFWORDS.filter((bits) => (everything(bits) === undefined) !== reserved(bits))).toEqual([]);
  });

  it.each([
    ['a load of 8 bytes, unsigned', 0x00007003],
    ['a store of 16 bytes', 0x00004023],
    ['a load of 16 bytes (Q)', 0x00004007],
    ['a shift by 64 or more', 0x04001013],
    ['a word shift by 32 or more', 0x0200101b],
    ['OP-IMM-32 with SLTI', 0x0000201b],
    ['OP with an unknown funct7', 0x0a000033],
    ['OP-32 with MULH (there is no MULHW)', 0x0200103b],
    ['an AMO on a byte (Zabha)', 0x0000002f],
    ['LR with an rs2', 0x1010202f],
    ['a fused operation on quads', 0x06000043],
    ['a branch with funct3 2', 0x00002063],
    ['JALR with funct3 1', 0x00001067],
    ['URET', 0x00200073],
    ['SFENCE.VM', 0x10400073],
    ['ECALL with an rd', 0x000000f3],
    ['SYSTEM with funct3 4 (hypervisor loads)', 0x00004073],
    ['FADD.Q', 0x06000053],
    ['FCVT with rs2 4', 0xc0400053],
    ['FCVT.S.S', 0x40000053],
    ['FCLASS with funct3 2', 0xe0002053],
    ['FSQRT with an rs2', 0x58100053],
    ['the reserved opcode 0x6b', 0x0000006b],
    ['OP-V', 0x00000057],
    ['a cache-block operation that does not exist', 0x0050200f],
  ])('as %s', (_, word) => {
    expect(everything(word)).toBeUndefined();
  });

  it.each(EXTENSIONS)('when %s is off', (extension) => {
    const decode = createDecoder(new Set(EXTENSIONS.filter((e) => e !== extension)));
    const random = new Random(2);
    for (const instruction of INSTRUCTIONS) {
      const bits = encode(instruction, randomOperands(instruction.format, random));
      expect([instruction.name, decode(bits)?.instruction.name]).toEqual([
        instruction.name,
        [instruction.extension, instruction.with].includes(extension) ? undefined : instruction.name,
      ]);
    }
    const short = COMPRESSED_HALFWORDS.filter((bits) => everything(bits));
    const ofZcb = new Set(COMPRESSED.filter((row) => row.extension === 'zcb').map(({ name }) => name));
    const needs = (bits: number) => {
      const { compressed, instruction } = everything(bits)!;
      return ['c', instruction.extension, ...(ofZcb.has(compressed!) ? ['zcb'] : [])];
    };
    expect(short.filter((bits) => (decode(bits) === undefined) !== needs(bits).includes(extension))).toEqual([]);
  });
});

describe('formats', () => {
  it('cover the operands that they decode', () => {
    for (const [name, format] of Object.entries(FORMATS)) {
      const none = format.decode(0);
      const all = format.decode(format.fields >>> 0);
      const constant = Object.keys(none).filter((key) => none[key as keyof typeof none] === all[key as keyof typeof all]);
      expect([name, constant]).toEqual([name, []]);
    }
  });
});
