/**
 * A WebAssembly module under construction: one imported memory, an imported table if the code calls through it, functions that are imported
 * or built here, exports, and constant data.
 * Reference: WebAssembly Core Specification 1.0, 5.5 (modules).
 */
import { ByteWriter } from './bytes.ts';
import { type Callable, type Expression, type Local, type Signature, type Statement, TYPE_CODE, type ValueType } from './code.ts';

/** Builds the body of one function. Parameters come first among its locals. */
export class FunctionBuilder<R extends ValueType | undefined> implements Callable<R> {
  readonly index: number;
  readonly parameters: readonly ValueType[];
  readonly result: R;
  readonly #locals: ValueType[] = [];
  #code: readonly Statement[] = [];

  constructor(index: number, parameters: readonly ValueType[], result: R) {
    this.index = index;
    this.parameters = parameters;
    this.result = result;
  }

  parameter<T extends ValueType>(position: number, type: T): Local<T> {
    if (this.parameters[position] !== type) throw new Error(`parameter ${position} is no ${type}`);
    return localAt(position, type);
  }

  local<T extends ValueType>(type: T): Local<T> {
    this.#locals.push(type);
    return localAt(this.parameters.length + this.#locals.length - 1, type);
  }

  body(...statements: readonly Statement[]): this {
    this.#code = statements;
    return this;
  }

  write(out: ByteWriter): void {
    const content = new ByteWriter().unsigned(this.#locals.length);
    for (const type of this.#locals) content.unsigned(1).byte(TYPE_CODE[type]);
    const writer = { out: content, labels: [] };
    for (const statement of this.#code) statement.emit(writer);
    // A function with a result ends with an explicit `return`; the code after it cannot be reached.
    if (this.result !== undefined) content.byte(0x00);
    content.byte(0x0b);
    out.sized(content);
  }
}

/** local.get, local.set, local.tee. */
function localAt<T extends ValueType>(index: number, type: T): Local<T> {
  const write = (opcode: number, value: Expression<T>): Statement => ({
    emit: (w) => {
      value.emit(w);
      w.out.byte(opcode).unsigned(index);
    },
  });
  return {
    type,
    index,
    emit: (w) => void w.out.byte(0x20).unsigned(index),
    set: (value) => write(0x21, value),
    tee: (value) => ({ type, ...write(0x22, value) }),
  };
}

interface Import {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

export class ModuleBuilder {
  readonly #imports: Import[] = [];
  readonly #functions: FunctionBuilder<ValueType | undefined>[] = [];
  readonly #exported: { name: string; kind: number; index: number }[] = [];
  readonly #types = new Map<string, number>();
  readonly #data: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #hasTable = false;

  /** Declares `env.<name>`; every import must come before the first own function. */
  import<R extends ValueType | undefined>(name: string, parameters: readonly ValueType[], result: R): Callable<R> {
    if (this.#functions.length > 0) throw new Error('imports come before functions');
    this.#imports.push({ name, parameters, result });
    return { index: this.#imports.length - 1, parameters, result };
  }

  function<R extends ValueType | undefined>(parameters: readonly ValueType[], result: R): FunctionBuilder<R> {
    const built = new FunctionBuilder<R>(this.#imports.length + this.#functions.length, parameters, result);
    this.#functions.push(built);
    return built;
  }

  #typeOf(parameters: readonly ValueType[], result: ValueType | undefined): number {
    const key = `${parameters.join()}>${result ?? ''}`;
    if (!this.#types.has(key)) this.#types.set(key, this.#types.size);
    return this.#types.get(key)!;
  }

  /** The type of functions that are called through the table `env.table`, which this imports. */
  tableSignature(parameters: readonly ValueType[]): Signature {
    this.#hasTable = true;
    return { typeIndex: this.#typeOf(parameters, undefined) };
  }

  export(name: string, f: Callable<ValueType | undefined>): void {
    this.#exported.push({ name, kind: 0, index: f.index });
  }

  /** Bytes that each instance puts into its memory. */
  data(at: number, bytes: Uint8Array): void {
    this.#data.push({ at, bytes });
  }

  /** The module's bytes. Its memory is imported as `env.memory`, with at least `memoryPages` pages of 64 KiB. */
  finish(memoryPages: number): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter().bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const signatures = [...this.#imports, ...this.#functions].map((f) => this.#typeOf(f.parameters, f.result));

    const section = (id: number, count: number, fill: (content: ByteWriter) => void): void => {
      const content = new ByteWriter().unsigned(count);
      fill(content);
      out.byte(id).sized(content);
    };
    section(1, this.#types.size, (c) => {
      for (const key of this.#types.keys()) {
        const [parameters, result] = key.split('>') as [string, string];
        const list = (text: string) => (text === '' ? [] : (text.split(',') as ValueType[]).map((t) => TYPE_CODE[t]));
        c.byte(0x60);
        for (const part of [list(parameters), list(result)]) c.unsigned(part.length).bytes(part);
      }
    });
    section(2, this.#imports.length + (this.#hasTable ? 2 : 1), (c) => {
      this.#imports.forEach((i, at) => {
        c.name('env').name(i.name).byte(0x00).unsigned(signatures[at]!);
      });
      c.name('env').name('memory').byte(0x02).byte(0x00).unsigned(memoryPages);
      if (this.#hasTable) c.name('env').name('table').byte(0x01).byte(0x70).byte(0x00).unsigned(0);
    });
    section(3, this.#functions.length, (c) => {
      for (const signature of signatures.slice(this.#imports.length)) c.unsigned(signature);
    });
    section(7, this.#exported.length, (c) => {
      for (const e of this.#exported) c.name(e.name).byte(e.kind).unsigned(e.index);
    });
    section(10, this.#functions.length, (c) => {
      for (const f of this.#functions) f.write(c);
    });
    section(11, this.#data.length, (c) => {
      // Of memory 0, at `i32.const at`.
      for (const { at, bytes } of this.#data)
        c.byte(0)
          .byte(0x41)
          .signed(BigInt(at))
          .byte(0x0b)
          .unsigned(bytes.length)
          .bytes([...bytes]);
    });
    return out.finish();
  }
}
