/**
 * RV64I, the base integer instructions.
 * Reference: RISC-V Unprivileged ISA, chapters "RV32I" and "RV64I". FENCE and FENCE.I do nothing: harts execute in order,
 * and decoded instructions always agree with memory (mmu/access.ts), as in QEMU.
 */
import { i32, i64 } from '../wasm/code.ts';
import { define, immediate, OPCODE, register, word } from './define.ts';
import type { AccessWidth, Extending, Instruction } from './instruction.ts';

const op = register('i', OPCODE.OP);
const opW = register('i', OPCODE.OP_32);
const opImm = immediate('i', OPCODE.OP_IMM);
const shiftImm = immediate('i', OPCODE.OP_IMM, 'shift6');
const shiftImmW = immediate('i', OPCODE.OP_IMM_32, 'shift5');

const load = (name: string, funct3: number, width: AccessWidth, extension: Extending): Instruction =>
  define('i', name, 'load', { opcode: OPCODE.LOAD, funct3 }, (s) => [s.rd(s.load(width, extension, i64.add(s.rs1, s.imm)))], {
    effects: true,
  });

const store = (name: string, funct3: number, width: AccessWidth): Instruction =>
  define('i', name, 'S', { opcode: OPCODE.STORE, funct3 }, (s) => [s.store(width, i64.add(s.rs1, s.imm), s.rs2)], { effects: true });

const branch = (name: string, funct3: number, condition: typeof i64.eq): Instruction =>
  define('i', name, 'B', { opcode: OPCODE.BRANCH, funct3 }, (s) => [s.branch(condition(s.rs1, s.rs2))], { effects: true });

const shiftW = (shift: typeof i32.shl) => (a: Parameters<typeof word>[0], b: Parameters<typeof word>[0]) =>
  i64.extendS(shift(i32.wrap(a), i32.wrap(b)));

export const RV64I: readonly Instruction[] = [
  define('i', 'lui', 'U', { opcode: OPCODE.LUI }, (s) => [s.rd(s.imm)]),
  define('i', 'auipc', 'U', { opcode: OPCODE.AUIPC }, (s) => [s.rd(i64.add(s.pc, s.imm))]),
  define('i', 'jal', 'J', { opcode: OPCODE.JAL }, (s) => [s.jump(s.rd(s.nextPc))], { effects: true }),
  define(
    'i',
    'jalr',
    'load',
    { opcode: OPCODE.JALR, funct3: 0 },
    (s) => {
      // rd may be rs1: the target is computed before rd is written.
      const target = s.temp('i64');
      return [target.set(i64.and(i64.add(s.rs1, s.imm), i64.const(-2))), s.jumpTo(target, s.rd(s.nextPc))];
    },
    { effects: true },
  ),
  branch('beq', 0, i64.eq),
  branch('bne', 1, i64.ne),
  branch('blt', 4, i64.ltS),
  branch('bge', 5, i64.geS),
  branch('bltu', 6, i64.ltU),
  branch('bgeu', 7, i64.geU),
  load('lb', 0, 1, 'signed'),
  load('lh', 1, 2, 'signed'),
  load('lw', 2, 4, 'signed'),
  load('ld', 3, 8, 'signed'),
  load('lbu', 4, 1, 'unsigned'),
  load('lhu', 5, 2, 'unsigned'),
  load('lwu', 6, 4, 'unsigned'),
  store('sb', 0, 1),
  store('sh', 1, 2),
  store('sw', 2, 4),
  store('sd', 3, 8),
  opImm('addi', 0, i64.add),
  opImm('slti', 2, (a, imm) => i64.extendU(i64.ltS(a, imm))),
  opImm('sltiu', 3, (a, imm) => i64.extendU(i64.ltU(a, imm))),
  opImm('xori', 4, i64.xor),
  opImm('ori', 6, i64.or),
  opImm('andi', 7, i64.and),
  shiftImm('slli', 1, i64.shl),
  shiftImm('srli', 5, i64.shrU),
  shiftImm('srai', 5, i64.shrS, 0x20),
  immediate('i', OPCODE.OP_IMM_32)('addiw', 0, (a, imm) => word(i64.add(a, imm))),
  shiftImmW('slliw', 1, shiftW(i32.shl)),
  shiftImmW('srliw', 5, shiftW(i32.shrU)),
  shiftImmW('sraiw', 5, shiftW(i32.shrS), 0x20),
  op('add', 0, 0, i64.add),
  op('sub', 0x20, 0, i64.sub),
  op('sll', 0, 1, i64.shl),
  op('slt', 0, 2, (a, b) => i64.extendU(i64.ltS(a, b))),
  op('sltu', 0, 3, (a, b) => i64.extendU(i64.ltU(a, b))),
  op('xor', 0, 4, i64.xor),
  op('srl', 0, 5, i64.shrU),
  op('sra', 0x20, 5, i64.shrS),
  op('or', 0, 6, i64.or),
  op('and', 0, 7, i64.and),
  opW('addw', 0, 0, (a, b) => word(i64.add(a, b))),
  opW('subw', 0x20, 0, (a, b) => word(i64.sub(a, b))),
  opW('sllw', 0, 1, shiftW(i32.shl)),
  opW('srlw', 0, 5, shiftW(i32.shrU)),
  opW('sraw', 0x20, 5, shiftW(i32.shrS)),
  define('i', 'fence', 'fence', { opcode: OPCODE.MISC_MEM, funct3: 0 }, (s) => [s.fence()]),
  define('zifencei', 'fence.i', 'ignored', { opcode: OPCODE.MISC_MEM, funct3: 1 }, () => []),
];
