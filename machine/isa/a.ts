/**
 * A: atomic memory operations, load-reserved and store-conditional.
 * Reference: RISC-V Unprivileged ISA, "A" extension. As in QEMU, a store-conditional succeeds if the reservation is on its address and
 * memory still holds what LR read. With one hart no program can see a difference to a real reservation.
 */
import { type I32, type I64, i32, i64, select, when } from '../wasm/code.ts';
import { define, OPCODE } from './define.ts';
import type { Instruction } from './instruction.ts';

interface Size {
  readonly suffix: 'w' | 'd';
  readonly width: 4 | 8;
  readonly funct3: number;
  readonly load: (address: I32) => I64;
  readonly store: (address: I32, value: I64) => ReturnType<typeof i64.store>;
  /** Prepares a register's value for comparisons of this width. */
  readonly signed: (v: I64) => I64;
}

const SIZES: readonly Size[] = [
  { suffix: 'w', width: 4, funct3: 2, load: i64.load32s, store: i64.store32, signed: i64.extend32S },
  { suffix: 'd', width: 8, funct3: 3, load: i64.load, store: i64.store, signed: (v) => v },
];

/** An address that stands for "no reservation": it is misaligned, so LR never has it. */
const NO_RESERVATION = i64.const(-1);

const pick = (compare: typeof i64.ltS) => (a: I64, b: I64) => select(compare(a, b), a, b);

/** The memory operand comes first. Sign-extended words keep their unsigned order, so one comparison serves both widths. */
const OPERATIONS: readonly [name: string, funct5: number, f: (memory: I64, source: I64) => I64][] = [
  ['amoswap', 0x01, (_, b) => b],
  ['amoadd', 0x00, i64.add],
  ['amoxor', 0x04, i64.xor],
  ['amoand', 0x0c, i64.and],
  ['amoor', 0x08, i64.or],
  ['amomin', 0x10, pick(i64.ltS)],
  ['amomax', 0x14, pick(i64.gtS)],
  ['amominu', 0x18, pick(i64.ltU)],
  ['amomaxu', 0x1c, pick(i64.gtU)],
];

const amo = (size: Size, [name, funct5, f]: (typeof OPERATIONS)[number]): Instruction =>
  define(
    'a',
    `${name}.${size.suffix}`,
    'amo',
    { opcode: OPCODE.AMO, funct3: size.funct3, funct7: funct5 << 2 },
    (s) => {
      const at = s.temp('i32');
      const old = s.temp('i64');
      const source = s.temp('i64');
      return [
        at.set(s.atomic(size.width, s.rs1)),
        old.set(size.load(at)),
        source.set(size.signed(s.rs2)),
        size.store(at, f(old, source)),
        s.rd(old),
      ];
    },
    { effects: true },
  );

const loadReserved = (size: Size): Instruction =>
  define(
    'a',
    `lr.${size.suffix}`,
    'lr',
    { opcode: OPCODE.AMO, funct3: size.funct3, funct7: 0x02 << 2 },
    (s) => {
      const at = s.temp('i32');
      const value = s.temp('i64');
      return [
        at.set(s.reserve(size.width, s.rs1)),
        value.set(size.load(at)),
        s.reservation.set(s.rs1),
        s.reservation.setValue(value),
        s.rd(value),
      ];
    },
    { effects: true },
  );

const storeConditional = (size: Size): Instruction =>
  define(
    'a',
    `sc.${size.suffix}`,
    'amo',
    { opcode: OPCODE.AMO, funct3: size.funct3, funct7: 0x03 << 2 },
    (s) => {
      const at = s.temp('i32');
      const fails = s.temp('i32');
      const reserved = i64.eq(s.reservation.get(), s.rs1);
      const misaligned = i32.and(i32.wrap(s.rs1), i32.const(size.width - 1));
      return [
        fails.set(i32.const(1)),
        // Without a reservation memory is not accessed, so the access cannot fault. A misaligned address always faults.
        when(i32.or(reserved, misaligned), [
          at.set(s.atomic(size.width, s.rs1)),
          when(i64.eq(s.reservation.value(), size.load(at)), [size.store(at, s.rs2), fails.set(i32.const(0))]),
        ]),
        s.reservation.set(NO_RESERVATION),
        s.rd(i64.extendU(fails)),
      ];
    },
    { effects: true },
  );

export const A: readonly Instruction[] = SIZES.flatMap((size) => [
  loadReserved(size),
  storeConditional(size),
  ...OPERATIONS.map((operation) => amo(size, operation)),
]);
