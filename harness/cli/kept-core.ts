/**
 * In a build: the machine's generated module, together with the code that V8's optimizing compiler made of it when the program was built. Without
 * it each process compiles the interpreter anew, and runs it slowly until that is done (docs/development/speed.md, "Starting").
 *
 * Node has no call for this. V8 has one, with which it tests itself, and which a script may name while the flag `--allow-natives-syntax` is
 * set. V8 refuses code that was made by a different version, for a different processor or under different flags; but it does not look
 * whether the code belongs to the module, nor whether all of it is there. So the file is named after the module's content, and begins with its length.
 */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { keptCodeOf } from './kept-code.ts';

const LENGTH_BYTES = 4;

/** The module of this process, once it is compiled. */
let core: WebAssembly.Module | undefined;

/** @param name of the file beside this script, without what codeFileOf() adds */
export function compileCore(bytes: Uint8Array<ArrayBuffer>, name: string): WebAssembly.Module {
  core = withKeptCode(bytes, keptCodeOf(fileURLToPath(new URL(name, import.meta.url)))) ?? new WebAssembly.Module(bytes);
  return core;
}

/** For the build, after the core has run: what its file is to hold. */
export function codeToKeep(): Uint8Array {
  if (core === undefined) throw new Error('no kernel was booted');
  return codeOf(core);
}

/** Undefined where V8 does not take the code. `kept`: what the file holds. */
export function withKeptCode(bytes: Uint8Array<ArrayBuffer>, kept: Uint8Array | undefined): WebAssembly.Module | undefined {
  if (kept === undefined || kept.length < LENGTH_BYTES) return undefined;
  const code = Uint8Array.from(kept.subarray(LENGTH_BYTES));
  if (new DataView(kept.buffer, kept.byteOffset).getUint32(0, true) !== code.length) return undefined;
  try {
    return callOfV8('DeserializeWasmModule', code.buffer, bytes) as WebAssembly.Module | undefined;
  } catch {
    // Node was told to make no code from text, or its V8 has no such call.
    return undefined;
  }
}

/** What a file is to hold, for withKeptCode(). */
export function codeOf(module: WebAssembly.Module): Uint8Array {
  const code = new Uint8Array(callOfV8('SerializeWasmModule', module) as ArrayBuffer);
  const kept = new Uint8Array(LENGTH_BYTES + code.length);
  new DataView(kept.buffer).setUint32(0, code.length, true);
  kept.set(code, LENGTH_BYTES);
  return kept;
}

function callOfV8(name: string, ...values: readonly unknown[]): unknown {
  setFlagsFromString('--allow-natives-syntax');
  try {
    const parameters = values.map((_, index) => `value${index}`);
    return new Function(...parameters, `return %${name}(${parameters.join()})`)(...values);
  } finally {
    setFlagsFromString('--no-allow-natives-syntax');
  }
}
