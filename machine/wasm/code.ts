/**
 * WebAssembly code as typed expressions.
 *
 * The semantics of instructions, the page walk and the interpreter are written with these; a node knows its type and how to
 * write its bytes. Labels are objects, resolved to relative depths while writing, so that fragments nest freely.
 * Reference: WebAssembly Core Specification 1.0, chapter 5 (binary format), plus sign extension and saturating truncation.
 * Left out: multi-value, SIMD, more than one table; nothing here needs them.
 */
import type { ByteWriter } from './bytes.ts';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64';

export const TYPE_CODE: Record<ValueType, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const EMPTY = 0x40;

/** The state of writing: the bytes so far, and the labels that enclose this point, innermost last. */
export interface CodeWriter {
  readonly out: ByteWriter;
  readonly labels: Label[];
}

/** A branch target. It is made before its block, so that the code inside can refer to it. */
export interface Label {
  readonly name: string;
}

/** Code that leaves nothing on the stack. */
export interface Statement {
  emit(w: CodeWriter): void;
}

/** Code that leaves one value. */
export interface Expression<T extends ValueType> {
  readonly type: T;
  emit(w: CodeWriter): void;
}

export type I32 = Expression<'i32'>;
export type I64 = Expression<'i64'>;
export type F32 = Expression<'f32'>;
export type F64 = Expression<'f64'>;
export type AnyExpression = Expression<ValueType>;

/** A local variable or parameter of the function being built. */
export interface Local<T extends ValueType> extends Expression<T> {
  readonly index: number;
  set(value: Expression<T>): Statement;
  tee(value: Expression<T>): Expression<T>;
}

function expression<T extends ValueType>(type: T, emit: (w: CodeWriter) => void): Expression<T> {
  return { type, emit };
}

const unary =
  <A extends ValueType, R extends ValueType>(type: R, ...opcode: number[]) =>
  (a: Expression<A>): Expression<R> =>
    expression(type, (w) => {
      a.emit(w);
      w.out.bytes(opcode);
    });

const binary =
  <A extends ValueType, R extends ValueType>(type: R, opcode: number) =>
  (a: Expression<A>, b: Expression<A>): Expression<R> =>
    expression(type, (w) => {
      a.emit(w);
      b.emit(w);
      w.out.byte(opcode);
    });

const load =
  <T extends ValueType>(type: T, opcode: number) =>
  (address: I32, offset = 0): Expression<T> =>
    expression(type, (w) => {
      address.emit(w);
      w.out.byte(opcode).byte(0).unsigned(offset);
    });

const store =
  <T extends ValueType>(opcode: number) =>
  (address: I32, value: Expression<T>, offset = 0): Statement => ({
    emit: (w) => {
      address.emit(w);
      value.emit(w);
      w.out.byte(opcode).byte(0).unsigned(offset);
    },
  });

type OnI32 = 'i32';
type OnI64 = 'i64';

/** i32 operations. Alignment hints are always 0: guest addresses are not known to be aligned. */
export const i32 = {
  const: (value: number): I32 => expression('i32', (w) => w.out.byte(0x41).signed(BigInt(value | 0))),
  load: load('i32', 0x28),
  load8u: load('i32', 0x2d),
  load8s: load('i32', 0x2c),
  load16u: load('i32', 0x2f),
  load16s: load('i32', 0x2e),
  store: store<OnI32>(0x36),
  store8: store<OnI32>(0x3a),
  store16: store<OnI32>(0x3b),
  eqz: unary<OnI32, 'i32'>('i32', 0x45),
  eq: binary<OnI32, 'i32'>('i32', 0x46),
  ne: binary<OnI32, 'i32'>('i32', 0x47),
  ltS: binary<OnI32, 'i32'>('i32', 0x48),
  ltU: binary<OnI32, 'i32'>('i32', 0x49),
  gtU: binary<OnI32, 'i32'>('i32', 0x4b),
  leU: binary<OnI32, 'i32'>('i32', 0x4d),
  geS: binary<OnI32, 'i32'>('i32', 0x4e),
  geU: binary<OnI32, 'i32'>('i32', 0x4f),
  clz: unary<OnI32, 'i32'>('i32', 0x67),
  ctz: unary<OnI32, 'i32'>('i32', 0x68),
  popcnt: unary<OnI32, 'i32'>('i32', 0x69),
  add: binary<OnI32, 'i32'>('i32', 0x6a),
  sub: binary<OnI32, 'i32'>('i32', 0x6b),
  mul: binary<OnI32, 'i32'>('i32', 0x6c),
  divS: binary<OnI32, 'i32'>('i32', 0x6d),
  divU: binary<OnI32, 'i32'>('i32', 0x6e),
  remS: binary<OnI32, 'i32'>('i32', 0x6f),
  remU: binary<OnI32, 'i32'>('i32', 0x70),
  and: binary<OnI32, 'i32'>('i32', 0x71),
  or: binary<OnI32, 'i32'>('i32', 0x72),
  xor: binary<OnI32, 'i32'>('i32', 0x73),
  shl: binary<OnI32, 'i32'>('i32', 0x74),
  shrS: binary<OnI32, 'i32'>('i32', 0x75),
  shrU: binary<OnI32, 'i32'>('i32', 0x76),
  rotl: binary<OnI32, 'i32'>('i32', 0x77),
  rotr: binary<OnI32, 'i32'>('i32', 0x78),
  wrap: unary<OnI64, 'i32'>('i32', 0xa7),
  reinterpret: unary<'f32', 'i32'>('i32', 0xbc),
};

/** i64 operations; comparisons give i32 as in WebAssembly. */
export const i64 = {
  const: (value: bigint | number): I64 => expression('i64', (w) => w.out.byte(0x42).signed(BigInt.asIntN(64, BigInt(value)))),
  load: load('i64', 0x29),
  load8s: load('i64', 0x30),
  load8u: load('i64', 0x31),
  load16s: load('i64', 0x32),
  load16u: load('i64', 0x33),
  load32s: load('i64', 0x34),
  load32u: load('i64', 0x35),
  store: store<OnI64>(0x37),
  store8: store<OnI64>(0x3c),
  store16: store<OnI64>(0x3d),
  store32: store<OnI64>(0x3e),
  eqz: unary<OnI64, 'i32'>('i32', 0x50),
  eq: binary<OnI64, 'i32'>('i32', 0x51),
  ne: binary<OnI64, 'i32'>('i32', 0x52),
  ltS: binary<OnI64, 'i32'>('i32', 0x53),
  ltU: binary<OnI64, 'i32'>('i32', 0x54),
  gtS: binary<OnI64, 'i32'>('i32', 0x55),
  gtU: binary<OnI64, 'i32'>('i32', 0x56),
  leU: binary<OnI64, 'i32'>('i32', 0x58),
  geS: binary<OnI64, 'i32'>('i32', 0x59),
  geU: binary<OnI64, 'i32'>('i32', 0x5a),
  clz: unary<OnI64, 'i64'>('i64', 0x79),
  ctz: unary<OnI64, 'i64'>('i64', 0x7a),
  popcnt: unary<OnI64, 'i64'>('i64', 0x7b),
  add: binary<OnI64, 'i64'>('i64', 0x7c),
  sub: binary<OnI64, 'i64'>('i64', 0x7d),
  mul: binary<OnI64, 'i64'>('i64', 0x7e),
  divS: binary<OnI64, 'i64'>('i64', 0x7f),
  divU: binary<OnI64, 'i64'>('i64', 0x80),
  remS: binary<OnI64, 'i64'>('i64', 0x81),
  remU: binary<OnI64, 'i64'>('i64', 0x82),
  and: binary<OnI64, 'i64'>('i64', 0x83),
  or: binary<OnI64, 'i64'>('i64', 0x84),
  xor: binary<OnI64, 'i64'>('i64', 0x85),
  shl: binary<OnI64, 'i64'>('i64', 0x86),
  shrS: binary<OnI64, 'i64'>('i64', 0x87),
  shrU: binary<OnI64, 'i64'>('i64', 0x88),
  rotl: binary<OnI64, 'i64'>('i64', 0x89),
  rotr: binary<OnI64, 'i64'>('i64', 0x8a),
  extendS: unary<OnI32, 'i64'>('i64', 0xac),
  extendU: unary<OnI32, 'i64'>('i64', 0xad),
  extend8S: unary<OnI64, 'i64'>('i64', 0xc2),
  extend16S: unary<OnI64, 'i64'>('i64', 0xc3),
  extend32S: unary<OnI64, 'i64'>('i64', 0xc4),
  truncF64S: unary<'f64', 'i64'>('i64', 0xfc, 6),
  truncF32S: unary<'f32', 'i64'>('i64', 0xfc, 4),
  reinterpret: unary<'f64', 'i64'>('i64', 0xbd),
};

const floating = <T extends 'f32' | 'f64'>(type: T, at: { compare: number; arithmetic: number }) => ({
  eq: binary<T, 'i32'>('i32', at.compare),
  lt: binary<T, 'i32'>('i32', at.compare + 2),
  le: binary<T, 'i32'>('i32', at.compare + 4),
  ge: binary<T, 'i32'>('i32', at.compare + 5),
  abs: unary<T, T>(type, at.arithmetic),
  neg: unary<T, T>(type, at.arithmetic + 1),
  sqrt: unary<T, T>(type, at.arithmetic + 6),
  add: binary<T, T>(type, at.arithmetic + 7),
  sub: binary<T, T>(type, at.arithmetic + 8),
  mul: binary<T, T>(type, at.arithmetic + 9),
  div: binary<T, T>(type, at.arithmetic + 10),
  min: binary<T, T>(type, at.arithmetic + 11),
  max: binary<T, T>(type, at.arithmetic + 12),
});
export type FloatOperations<T extends 'f32' | 'f64'> = ReturnType<typeof floating<T>>;

export const f32 = {
  ...floating('f32', { compare: 0x5b, arithmetic: 0x8b }),
  reinterpret: unary<'i32', 'f32'>('f32', 0xbe),
  convertI64S: unary<'i64', 'f32'>('f32', 0xb4),
  convertI64U: unary<'i64', 'f32'>('f32', 0xb5),
  demote: unary<'f64', 'f32'>('f32', 0xb6),
};

export const f64 = {
  ...floating('f64', { compare: 0x61, arithmetic: 0x99 }),
  const: (value: number): F64 =>
    expression('f64', (w) => {
      w.out.byte(0x44).bytes([...new Uint8Array(new Float64Array([value]).buffer)]);
    }),
  reinterpret: unary<'i64', 'f64'>('f64', 0xbf),
  convertI64S: unary<'i64', 'f64'>('f64', 0xb9),
  convertI64U: unary<'i64', 'f64'>('f64', 0xba),
  promote: unary<'f32', 'f64'>('f64', 0xbb),
};

/** Both values are computed. */
export function select<T extends ValueType>(condition: I32, ifTrue: Expression<T>, ifFalse: Expression<T>): Expression<T> {
  return expression(ifTrue.type, (w) => {
    ifTrue.emit(w);
    ifFalse.emit(w);
    condition.emit(w);
    w.out.byte(0x1b);
  });
}

function emitAll(nodes: readonly Statement[], w: CodeWriter): void {
  for (const node of nodes) node.emit(w);
}

export function sequence(...statements: readonly Statement[]): Statement {
  return { emit: (w) => emitAll(statements, w) };
}

/** Statements, then a value. */
export function after<T extends ValueType>(statements: readonly Statement[], value: Expression<T>): Expression<T> {
  return expression(value.type, (w) => {
    for (const s of statements) s.emit(w);
    value.emit(w);
  });
}

export function drop(value: AnyExpression): Statement {
  return {
    emit: (w) => {
      value.emit(w);
      w.out.byte(0x1a);
    },
  };
}

/** memory.fill (bulk memory operations). */
export function fill(address: I32, value: I32, length: I32): Statement {
  return {
    emit: (w) => {
      for (const e of [address, value, length]) e.emit(w);
      w.out.bytes([0xfc, 0x0b, 0x00]);
    },
  };
}

export function label(name: string): Label {
  return { name };
}

function depthOf(target: Label, w: CodeWriter): number {
  const at = w.labels.lastIndexOf(target);
  if (at < 0) throw new Error(`no enclosing block is labelled ${target.name}`);
  return w.labels.length - 1 - at;
}

function scoped(w: CodeWriter, opcode: number, type: number, target: Label, body: () => void): void {
  w.out.byte(opcode).byte(type);
  w.labels.push(target);
  body();
  w.labels.pop();
  w.out.byte(0x0b);
}

/** A block that a branch to `target` leaves. */
export function block(target: Label, ...body: readonly Statement[]): Statement {
  return { emit: (w) => scoped(w, 0x02, EMPTY, target, () => emitAll(body, w)) };
}

/** A loop that a branch to `target` starts again; falling off its end leaves it. */
export function loop(target: Label, ...body: readonly Statement[]): Statement {
  return { emit: (w) => scoped(w, 0x03, EMPTY, target, () => emitAll(body, w)) };
}

export function branch(target: Label): Statement {
  return { emit: (w) => void w.out.byte(0x0c).unsigned(depthOf(target, w)) };
}

export function branchIf(condition: I32, target: Label): Statement {
  return {
    emit: (w) => {
      condition.emit(w);
      w.out.byte(0x0d).unsigned(depthOf(target, w));
    },
  };
}

/** Jumps to `targets[index]`, or to `otherwise` beyond them. */
export function branchTable(index: I32, targets: readonly Label[], otherwise: Label): Statement {
  return {
    emit: (w) => {
      index.emit(w);
      w.out.byte(0x0e).unsigned(targets.length);
      for (const t of targets) w.out.unsigned(depthOf(t, w));
      w.out.unsigned(depthOf(otherwise, w));
    },
  };
}

const UNNAMED: Label = { name: 'if' };

export function when(condition: I32, body: readonly Statement[], otherwise: readonly Statement[] = []): Statement {
  return {
    emit: (w) => {
      condition.emit(w);
      scoped(w, 0x04, EMPTY, UNNAMED, () => {
        for (const s of body) s.emit(w);
        if (otherwise.length === 0) return;
        w.out.byte(0x05);
        for (const s of otherwise) s.emit(w);
      });
    },
  };
}

/** `condition ? a : b`; only the chosen one is computed. */
export function choose<T extends ValueType>(condition: I32, a: Expression<T>, b: Expression<T>): Expression<T> {
  return expression(a.type, (w) => {
    condition.emit(w);
    scoped(w, 0x04, TYPE_CODE[a.type], UNNAMED, () => {
      a.emit(w);
      w.out.byte(0x05);
      b.emit(w);
    });
  });
}

export function returns(value?: AnyExpression): Statement {
  return {
    emit: (w) => {
      value?.emit(w);
      w.out.byte(0x0f);
    },
  };
}

/** A function of the module under construction, or an import, by its index. */
export interface Callable<R extends ValueType | undefined> {
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly result: R;
}

function emitCall(f: Callable<ValueType | undefined>, args: readonly AnyExpression[], w: CodeWriter): void {
  if (args.length !== f.parameters.length || args.some((a, i) => a.type !== f.parameters[i])) {
    throw new Error(`call of function ${f.index}: (${args.map((a) => a.type)}) for (${f.parameters})`);
  }
  for (const a of args) a.emit(w);
  w.out.byte(0x10).unsigned(f.index);
}

export function call<R extends ValueType>(f: Callable<R>, ...args: readonly AnyExpression[]): Expression<R> {
  return expression(f.result, (w) => emitCall(f, args, w));
}

export function callVoid(f: Callable<undefined>, ...args: readonly AnyExpression[]): Statement {
  return { emit: (w) => emitCall(f, args, w) };
}

/** A type of functions, by its index in the module. */
export interface Signature {
  readonly typeIndex: number;
}

/** Calls entry `at` of the module's table, which must be a function of this type and have no result. */
export function callIndirect(signature: Signature, at: I32, ...args: readonly AnyExpression[]): Statement {
  return {
    emit: (w) => {
      for (const a of [...args, at]) a.emit(w);
      w.out.byte(0x11).unsigned(signature.typeIndex).byte(0x00);
    },
  };
}

export function unreachable(): Statement {
  return { emit: (w) => void w.out.byte(0x00) };
}
