/** C: every compressed instruction means the base instruction that the "C" extension gives for it. */
import { expect, it } from 'vitest';
import { assemble } from '../testkit/assembler.ts';
import { createDecoder } from './decoder.ts';
import { COMPRESSED } from './index.ts';
import { EXTENSIONS } from './instruction.ts';

const decode = createDecoder(new Set(EXTENSIONS));

const bitsOf = (line: string): number => assemble(line).bytes.reduceRight((bits, byte) => bits * 256 + byte, 0);

function meaning(bits: number): unknown {
  const { instruction, operands } = decode(bits)!;
  return [instruction.name, operands];
}

/** Immediates at both ends of each range; the bits are those of GNU as. */
const EXPANSIONS: readonly [compressed: string, bits: number, base: string][] = [
  ['c.addi4spn a0, 4', 0x0048, 'addi a0, sp, 4'],
  ['c.addi4spn s0, 1020', 0x1fe0, 'addi s0, sp, 1020'],
  ['c.fld fa5, 248(a5)', 0x3ffc, 'fld fa5, 248(a5)'],
  ['c.lw a0, 124(s1)', 0x5ce8, 'lw a0, 124(s1)'],
  ['c.lw a0, 64(s1)', 0x40a8, 'lw a0, 64(s1)'],
  ['c.ld a0, 8(s1)', 0x6488, 'ld a0, 8(s1)'],
  ['c.ld a0, 192(s1)', 0x60e8, 'ld a0, 192(s1)'],
  ['c.fsd fs0, 136(a0)', 0xa540, 'fsd fs0, 136(a0)'],
  ['c.sw a4, 4(a5)', 0xc3d8, 'sw a4, 4(a5)'],
  ['c.sd a4, 240(a5)', 0xfbf8, 'sd a4, 240(a5)'],
  ['c.addi zero, 0', 0x0001, 'addi zero, zero, 0'],
  ['c.addi t6, -32', 0x1f81, 'addi t6, t6, -32'],
  ['c.addi t6, 31', 0x0ffd, 'addi t6, t6, 31'],
  ['c.addiw ra, -1', 0x30fd, 'addiw ra, ra, -1'],
  ['c.li s11, -32', 0x5d81, 'addi s11, zero, -32'],
  ['c.addi16sp -512', 0x7101, 'addi sp, sp, -512'],
  ['c.addi16sp 496', 0x617d, 'addi sp, sp, 496'],
  ['c.addi16sp 32', 0x6105, 'addi sp, sp, 32'],
  ['c.lui a0, 31', 0x657d, 'lui a0, 31'],
  ['c.lui a0, -32', 0x7501, 'lui a0, 0xfffe0'],
  ['c.srli a0, 63', 0x917d, 'srli a0, a0, 63'],
  ['c.srai a0, 32', 0x9501, 'srai a0, a0, 32'],
  ['c.andi a0, -32', 0x9901, 'andi a0, a0, -32'],
  ['c.sub a0, a1', 0x8d0d, 'sub a0, a0, a1'],
  ['c.xor a0, a1', 0x8d2d, 'xor a0, a0, a1'],
  ['c.or a0, a1', 0x8d4d, 'or a0, a0, a1'],
  ['c.and a0, a1', 0x8d6d, 'and a0, a0, a1'],
  ['c.subw a0, a1', 0x9d0d, 'subw a0, a0, a1'],
  ['c.addw a0, a1', 0x9d2d, 'addw a0, a0, a1'],
  ['c.j . - 2048', 0xb001, 'jal zero, . - 2048'],
  ['c.j . + 2046', 0xaffd, 'jal zero, . + 2046'],
  ['c.beqz a5, . - 256', 0xd381, 'beq a5, zero, . - 256'],
  ['c.bnez a5, . + 254', 0xeffd, 'bne a5, zero, . + 254'],
  ['c.slli t6, 63', 0x1ffe, 'slli t6, t6, 63'],
  ['c.fldsp ft11, 504(sp)', 0x3ffe, 'fld ft11, 504(sp)'],
  ['c.lwsp t6, 252(sp)', 0x5ffe, 'lw t6, 252(sp)'],
  ['c.ldsp t6, 504(sp)', 0x7ffe, 'ld t6, 504(sp)'],
  ['c.jr t6', 0x8f82, 'jalr zero, 0(t6)'],
  ['c.mv t6, ra', 0x8f86, 'add t6, zero, ra'],
  ['c.ebreak', 0x9002, 'ebreak'],
  ['c.jalr t6', 0x9f82, 'jalr ra, 0(t6)'],
  ['c.add t6, ra', 0x9f86, 'add t6, t6, ra'],
  ['c.lbu a0, 3(a1)', 0x81e8, 'lbu a0, 3(a1)'],
  ['c.lbu a0, 1(s1)', 0x80c8, 'lbu a0, 1(s1)'],
  ['c.lhu a0, 2(a1)', 0x85a8, 'lhu a0, 2(a1)'],
  ['c.lh a5, 2(s0)', 0x847c, 'lh a5, 2(s0)'],
  ['c.sb a2, 2(a3)', 0x8ab0, 'sb a2, 2(a3)'],
  ['c.sh a2, 0(a3)', 0x8e90, 'sh a2, 0(a3)'],
  ['c.zext.b a0', 0x9d61, 'andi a0, a0, 255'],
  ['c.sext.b a0', 0x9d65, 'sext.b a0, a0'],
  ['c.zext.h a0', 0x9d69, 'zext.h a0, a0'],
  ['c.sext.h a0', 0x9d6d, 'sext.h a0, a0'],
  ['c.zext.w a0', 0x9d71, 'add.uw a0, a0, zero'],
  ['c.not a0', 0x9d75, 'xori a0, a0, -1'],
  ['c.mul a0, s1', 0x9d45, 'mul a0, a0, s1'],
  ['c.fsdsp ft11, 504(sp)', 0xbffe, 'fsd ft11, 504(sp)'],
  ['c.swsp t6, 252(sp)', 0xdffe, 'sw t6, 252(sp)'],
  ['c.sdsp t6, 504(sp)', 0xfffe, 'sd t6, 504(sp)'],
];

it.each(EXPANSIONS)('%s is encoded as %i and is %s', (compressed, bits, base) => {
  expect(bitsOf(compressed)).toBe(bits);
  expect(meaning(bits)).toEqual(meaning(bitsOf(base)));
});

it('covers every row', () => {
  const covered = new Set(EXPANSIONS.map(([line]) => line.split(' ')[0]));
  expect(COMPRESSED.filter(({ name }) => !covered.has(name))).toEqual([]);
});

it.each([
  ['a register outside the short ones', 'c.sub a0, t0'],
  ['an immediate beyond its range', 'c.addi a0, 32'],
  ['an offset that is not a multiple', 'c.ld a0, 4(a1)'],
  ['a base register that it does not have', 'c.ldsp a0, 8(a1)'],
  ['what is reserved', 'c.addi4spn a0, 0'],
  ['C.LUI with sp, which is C.ADDI16SP', 'c.lui sp, 1'],
])('cannot encode %s', (_, line) => {
  expect(() => assemble(line)).toThrow(/^line 1: /);
});
