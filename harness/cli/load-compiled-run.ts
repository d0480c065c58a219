/**
 * In a build: loads the command `run` with its machine as one script, and with it the code that V8 made of that script when it was
 * built. Parsing and compiling would take as long as a small kernel runs (docs/speed.md). That code fits only the Node that made it. A
 * different Node finds no file of its own, and compiles the script like any other; so does one whose V8 refuses the code.
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

/** The file with the code that V8 of this Node made of a script. The package has none: nobody knows which Node will run it. */
export function codeFileOf(script: string): string {
  return `${script}.${process.version}-${process.platform}-${process.arch}.cache`;
}

/** @param file the script, a CommonJS module in ASCII */
export function loadScript(file: string): { readonly script: Script; readonly exports: Run } {
  const source = readFileSync(file, 'latin1');
  const script = new Script(`(function (exports, require, module) {${source}\n})`, {
    filename: file,
    cachedData: bytesOf(codeFileOf(file)),
  });
  const module = { exports: {} as Run };
  script.runInThisContext()(module.exports, createRequire(file), module);
  return { script, exports: module.exports };
}

export const loadRun = async (): Promise<Run> => loadScript(fileURLToPath(new URL('./run.cjs', import.meta.url))).exports;
