/** Zbb: basic bit manipulation. Reference: RISC-V Unprivileged ISA, "B" extension. */
import { after, type I64, i32, i64, select } from '../wasm/code.ts';
import { immediate, OPCODE, one, register } from './define.ts';
import type { Instruction, Semantics } from './instruction.ts';

const op = register('zbb', OPCODE.OP);
const opW = register('zbb', OPCODE.OP_32);
const unary = one('zbb', OPCODE.OP_IMM);
const unaryW = one('zbb', OPCODE.OP_IMM_32);

const not = (v: I64): I64 => i64.xor(v, i64.const(-1));
const onWord = (f: typeof i32.clz) => (a: I64) => i64.extendU(f(i32.wrap(a)));
const rotateWord = (f: typeof i32.rotl) => (a: I64, b: I64) => i64.extendS(f(i32.wrap(a), i32.wrap(b)));

const pick = (compare: typeof i64.ltS) => (a: I64, b: I64) => select(compare(a, b), a, b);

/** Swaps neighbouring groups of `bits` bits; `mask` selects the lower group of each pair. */
const swap = (v: I64, bits: number, mask: bigint): I64 =>
  i64.or(i64.shl(i64.and(v, i64.const(mask)), i64.const(bits)), i64.and(i64.shrU(v, i64.const(bits)), i64.const(mask)));

function reverseBytes(a: I64, s: Semantics): I64 {
  const v = s.temp('i64');
  return after([v.set(swapOf(a, v, 8, 0x00ff00ff00ff00ffn)), v.set(swap(v, 16, 0x0000ffff0000ffffn))], i64.rotl(v, i64.const(32)));
}

/** The first step stores the operand in `v`, so that it is computed only once. */
function swapOf(a: I64, v: { set(value: I64): ReturnType<typeof i64.store> } & I64, bits: number, mask: bigint): I64 {
  return after([v.set(a)], swap(v, bits, mask));
}

/** Each byte becomes all ones if any of its bits is set: shifts bring any set bit to the lowest bit of its byte, which is then spread. */
function orCombine(a: I64, s: Semantics): I64 {
  const v = s.temp('i64');
  const smear = (bits: number, mask: bigint) => v.set(i64.or(v, i64.and(i64.shrU(v, i64.const(bits)), i64.const(mask))));
  return after(
    [v.set(a), smear(4, 0x0f0f0f0f0f0f0f0fn), smear(2, 0x3f3f3f3f3f3f3f3fn), smear(1, 0x7f7f7f7f7f7f7f7fn)],
    i64.mul(i64.and(v, i64.const(0x0101010101010101n)), i64.const(255)),
  );
}

export const ZBB: readonly Instruction[] = [
  op('andn', 0x20, 7, (a, b) => i64.and(a, not(b))),
  op('orn', 0x20, 6, (a, b) => i64.or(a, not(b))),
  op('xnor', 0x20, 4, (a, b) => not(i64.xor(a, b))),
  unary('clz', 0x30, 0, 1, i64.clz),
  unary('ctz', 0x30, 1, 1, i64.ctz),
  unary('cpop', 0x30, 2, 1, i64.popcnt),
  unary('sext.b', 0x30, 4, 1, i64.extend8S),
  unary('sext.h', 0x30, 5, 1, i64.extend16S),
  one('zbb', OPCODE.OP_32)('zext.h', 0x04, 0, 4, (a) => i64.and(a, i64.const(0xffff))),
  unaryW('clzw', 0x30, 0, 1, onWord(i32.clz)),
  unaryW('ctzw', 0x30, 1, 1, onWord(i32.ctz)),
  unaryW('cpopw', 0x30, 2, 1, onWord(i32.popcnt)),
  op('min', 0x05, 4, pick(i64.ltS)),
  op('minu', 0x05, 5, pick(i64.ltU)),
  op('max', 0x05, 6, pick(i64.gtS)),
  op('maxu', 0x05, 7, pick(i64.gtU)),
  op('rol', 0x30, 1, i64.rotl),
  op('ror', 0x30, 5, i64.rotr),
  opW('rolw', 0x30, 1, rotateWord(i32.rotl)),
  opW('rorw', 0x30, 5, rotateWord(i32.rotr)),
  immediate('zbb', OPCODE.OP_IMM, 'shift6')('rori', 5, i64.rotr, 0x30),
  immediate('zbb', OPCODE.OP_IMM_32, 'shift5')('roriw', 5, rotateWord(i32.rotr), 0x30),
  one('zbb', OPCODE.OP_IMM)('orc.b', 0x14, 7, 5, orCombine),
  one('zbb', OPCODE.OP_IMM)('rev8', 0x35, 0x18, 5, reverseBytes),
];
