/**
 * Runs a function of the course's in a JavaScript engine of its own: QuickJS, compiled to WebAssembly. The engine is inside of the program, so
 * that a script behaves the same in every Node and in the page, and what it may take is counted and not measured: the same script ends at the same
 * place everywhere. Nothing from outside is in it: no file, no network, no clock, no random number, no other module.
 *
 * Reference: ECMAScript 2023; the exports are those of the package quickjs-wasi (its functions begin with `qjs_`). Left out: its own binding,
 * which can only be started asynchronously, while checks are evaluated at once.
 */
/// <reference path="./quickjs.d.ts" />
import base64 from 'quickjs-wasi/quickjs.wasm';
import { bytesOfBase64 } from '../../bytes/binary.ts';
import { utf8Bytes } from '../../bytes/text.ts';
import { printable } from '../../evidence/printable.ts';

/** QuickJS asks whether to go on once in about 10,000 calls and rounds of loops; so often it may: a second or two of a computer's time. */
const MOST_ASKED = 10_000;
const MOST_MEMORY = 128 * 2 ** 20;
const MOST_STACK = 256 * 1024;
/** Characters of what an error says. */
const LONGEST_MESSAGE = 500;

/** What the engine has besides the language itself, by the bits of `qjs_init2`. */
const DATE = 1 << 0;
const WEAK_REFERENCES = 1 << 9;
const PERFORMANCE = 1 << 10;
/** Without what would tell two runs apart. */
const INTRINSICS = ~(DATE | WEAK_REFERENCES | PERFORMANCE);

const AS_MODULE = 1;
const REJECTED = 2;
const PENDING = 0;

/** Runs before the script: takes away the last source of chance, and returns what calls it. It keeps what it needs of JSON, which a script may replace. `Object.freeze` makes a change an error. */
const PRELUDE = `
delete Math.random;
const { parse, stringify } = JSON;
const freeze = (value) => {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const key in value) freeze(value[key]);
  }
  return value;
};
(call, text) => {
  const answer = call(freeze(parse(text)));
  if (answer instanceof Promise) throw new TypeError('the function is asynchronous, and there is nothing to wait for');
  const json = stringify(answer);
  if (json === undefined) throw new TypeError('the function returned ' + typeof answer);
  return json;
}`;

/** The same, but the answer is which fields of the evidence were asked for, whether the script comes to an end or throws. */
const WATCHING_PRELUDE = `${PRELUDE.slice(0, PRELUDE.lastIndexOf('(call, text)'))}
(call, text) => {
  const fields = new Set();
  const { evidence, ...rest } = freeze(parse(text));
  const watched = new Proxy(evidence, {
    get: (of, key) => {
      if (Object.hasOwn(of, key)) fields.add(key);
      return of[key];
    },
    ownKeys: (of) => {
      for (const key in of) fields.add(key);
      return Reflect.ownKeys(of);
    },
  });
  try {
    call({ evidence: watched, ...rest });
  } catch {}
  return stringify([...fields]);
}`;

/** A value inside of the engine. */
type Handle = number;

/** `problem`: what is wrong with the script, with its place in it; one line. */
export type ScriptEnd = { readonly json: string } | { readonly problem: string };

/** What is wrong with a script before it is called: it is not JavaScript, imports something, or has no function to call; null: nothing. */
export function scriptProblem(file: string, source: string): string | null {
  const end = inEngine((engine) => {
    engine.load(file, source);
    return '';
  });
  return 'problem' in end ? end.problem : null;
}

/** Calls the function that the script exports by default with the value of a JSON text; answers with the JSON of what it returns. */
export function runScript(file: string, source: string, input: string): ScriptEnd {
  return inEngine((engine) => engine.call(file, engine.load(file, source), input));
}

/** The names of the fields of `evidence`, in the value of a JSON text, that the function looks at; none where it never ends. */
export function fieldsRead(file: string, source: string, input: string): readonly string[] {
  const end = inEngine((engine) => engine.call(file, engine.load(file, source), input), WATCHING_PRELUDE);
  return 'problem' in end ? [] : (JSON.parse(end.json) as string[]);
}

function inEngine(work: (engine: Engine) => string, prelude = PRELUDE): ScriptEnd {
  try {
    return { json: work(new Engine(prelude)) };
  } catch (error) {
    if (error instanceof ScriptError) return { problem: error.message };
    // The engine's own end: the memory or the stack of WebAssembly is used up.
    if (error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError')) {
      return { problem: `the script takes too much memory (${error.message})` };
    }
    throw error;
  }
}

class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  wasm_malloc(bytes: number): number;
  qjs_init2(intrinsics: number): number;
  qjs_set_memory_limit(bytes: number): void;
  qjs_set_max_stack_size(bytes: number): void;
  qjs_set_interrupt_handler(on: number): void;
  qjs_eval(source: number, length: number, name: number, flags: number): Handle;
  qjs_call(called: Handle, self: Handle, count: number, values: number): Handle;
  qjs_new_string(text: number, length: number): Handle;
  qjs_get_string(value: Handle): number;
  qjs_get_prop_string(value: Handle, name: number): Handle;
  qjs_get_exception(): Handle;
  qjs_get_undefined(): Handle;
  qjs_is_exception(value: Handle): number;
  qjs_is_function(value: Handle): number;
  qjs_is_error(value: Handle): number;
  qjs_promise_state(value: Handle): number;
  qjs_promise_result(value: Handle): Handle;
}

let compiled: WebAssembly.Module | undefined;

/** The engine's WebAssembly module, where it is a part of the program. */
export function engineBytes(): Uint8Array {
  return bytesOfBase64(base64);
}

/** Takes the engine from outside, where it is no part of the program: in the page, which most rubrics do not need it for. */
export function useEngine(bytes: Uint8Array): void {
  compiled ??= new WebAssembly.Module(Uint8Array.from(bytes));
}

/** One engine, for one script and one call: what it has allocated goes with it. */
class Engine {
  readonly #exports: Exports;
  readonly #prelude: Handle;
  #asked = 0;

  constructor(prelude: string) {
    compiled ??= new WebAssembly.Module(Uint8Array.from(engineBytes()));
    this.#exports = new WebAssembly.Instance(compiled, this.#imports()).exports as unknown as Exports;
    this.#exports._initialize();
    if (this.#exports.qjs_init2(INTRINSICS) !== 0) throw new Error('the engine for scripts does not start');
    this.#exports.qjs_set_memory_limit(MOST_MEMORY);
    this.#exports.qjs_set_max_stack_size(MOST_STACK);
    this.#exports.qjs_set_interrupt_handler(1);
    this.#prelude = this.#evaluated(prelude, 'prelude', 0);
  }

  /** What WASI and the package's C code ask of their host. There is nothing to read or write, and time stands still. */
  #imports() {
    const none = () => 0;
    const badFile = () => 8;
    return {
      env: {
        host_interrupt: () => (++this.#asked > MOST_ASKED ? 1 : 0),
        host_get_timezone_offset: none,
        host_promise_rejection: none,
        host_module_normalize: none,
        host_module_load: none,
        host_call: none,
      },
      wasi_snapshot_preview1: {
        clock_time_get: (_clock: number, _precision: bigint, to: number) => this.#zero(to, 8),
        random_get: (to: number, length: number) => this.#zero(to, length),
        fd_close: badFile,
        fd_fdstat_get: badFile,
        fd_seek: badFile,
        fd_write: badFile,
      },
    };
  }

  /** The function that the script exports by default. Throws ScriptError. */
  load(file: string, source: string): Handle {
    const { qjs_promise_state, qjs_promise_result, qjs_is_function } = this.#exports;
    const promise = this.#evaluated(source, file, AS_MODULE);
    const state = qjs_promise_state(promise);
    const result = qjs_promise_result(promise);
    if (state === REJECTED) throw this.#error(result, file);
    if (state === PENDING) throw new ScriptError(`${file}: it waits for something at its top (await), and nothing will come`);
    const made = this.#property(result, 'default');
    if (qjs_is_function(made) === 0) {
      throw new ScriptError(`${file}: it exports no function by default; write: export default function ({ evidence }) { … }`);
    }
    return made;
  }

  /** Throws ScriptError. */
  call(file: string, called: Handle, input: string): string {
    const { qjs_call, qjs_new_string, qjs_get_undefined } = this.#exports;
    const [text, length] = this.#put(input);
    const string = qjs_new_string(text, length);
    const values = this.#allocated(8);
    // The memory may have grown until now, which makes views of it useless.
    new DataView(this.#exports.memory.buffer).setUint32(values, called, true);
    new DataView(this.#exports.memory.buffer).setUint32(values + 4, string, true);
    return this.#text(this.#good(qjs_call(this.#prelude, qjs_get_undefined(), 2, values), file));
  }

  #evaluated(source: string, name: string, flags: number): Handle {
    const [text, length] = this.#put(source);
    const [called] = this.#put(name);
    return this.#good(this.#exports.qjs_eval(text, length, called, flags), name);
  }

  #good(value: Handle, file: string): Handle {
    if (this.#exports.qjs_is_exception(value) === 0) return value;
    throw this.#error(this.#exports.qjs_get_exception(), file);
  }

  /** `file`: where it is, where the error does not say. */
  #error(value: Handle, file: string): ScriptError {
    const said = this.#text(value);
    const stack = this.#exports.qjs_is_error(value) === 0 ? '' : this.#text(this.#property(value, 'stack'));
    const place = placeIn(stack) ?? file;
    return new ScriptError(`${printable(place)}: ${printable(inWords(said), LONGEST_MESSAGE)}`);
  }

  #property(value: Handle, name: string): Handle {
    return this.#exports.qjs_get_prop_string(value, this.#put(name)[0]);
  }

  #allocated(bytes: number): number {
    const at = this.#exports.wasm_malloc(bytes);
    if (at === 0) throw new ScriptError('there is no memory left for the script');
    return at;
  }

  /** Puts a text into the engine's memory, with a zero at its end; its address and its length in bytes. */
  #put(text: string): [number, number] {
    const bytes = utf8Bytes(text);
    const at = this.#allocated(bytes.length + 1);
    const memory = new Uint8Array(this.#exports.memory.buffer);
    memory.set(bytes, at);
    memory[at + bytes.length] = 0;
    return [at, bytes.length];
  }

  /** Throws ScriptError where the value cannot be made a text. */
  #text(value: Handle): string {
    const at = this.#exports.qjs_get_string(value);
    if (at === 0) return 'an error that cannot be shown';
    const memory = new Uint8Array(this.#exports.memory.buffer);
    return new TextDecoder().decode(memory.subarray(at, memory.indexOf(0, at)));
  }

  #zero(at: number, length: number): number {
    new Uint8Array(this.#exports.memory.buffer, at, length).fill(0);
    return 0;
  }
}

/** What QuickJS says, in other words where its own do not help. */
function inWords(said: string): string {
  if (said === 'InternalError: interrupted') return 'it does not come to an end, or computes too long';
  if (said.includes('could not load module')) return `${said}: a script imports nothing, so put all that it needs into its file`;
  return said;
}

/** The innermost place in a stack that is one of the script: `lab.mjs:3:5`; null: none is known. */
function placeIn(stack: string): string | null {
  for (const line of stack.split('\n')) {
    const at = line
      .trim()
      .replace(/^at (?:.* \()?/, '')
      .replace(/\)$/, '');
    if (/:\d+:\d+$/.test(at) && !at.startsWith('prelude:')) return at;
  }
  return null;
}
