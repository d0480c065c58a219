/**
 * In a build: loads the command `run` with its machine as one script, and with it the code that V8 made of that script when it was
 * built. Parsing and compiling would take as long as a small kernel runs (docs/speed.md). V8 itself refuses code that another version
 * made, and then compiles the script as any other.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { readFileSync } from '../files/calls.ts';

type Run = typeof import('./run.ts');

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** @param file the script, a CommonJS module in ASCII; beside it, with `.cache` at its end, V8's code for it */
export function loadScript(file: string): { readonly script: Script; readonly exports: Run } {
  const source = readFileSync(file, 'latin1');
  const script = new Script(`(function (exports, require, module) {${source}\n})`, {
    filename: file,
    cachedData: bytesOf(`${file}.cache`),
  });
  const module = { exports: {} as Run };
  script.runInThisContext()(module.exports, createRequire(file), module);
  return { script, exports: module.exports };
}

export const loadRun = async (): Promise<Run> => loadScript(fileURLToPath(new URL('./run.cjs', import.meta.url))).exports;
