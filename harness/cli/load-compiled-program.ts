/**
 * In a build: loads the program as one script, and with it the code that V8 made of that script when it was built. Parsing and compiling
 * would take longer than a small kernel runs (docs/development/speed.md). That code fits only the Node that made it. A different Node finds no file of
 * its own, and compiles the script like any other; so does one whose V8 refuses the code. There are two scripts: one has only what the
 * command `run` needs, since V8 takes longer to read more code.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { readFileSync } from '../files/calls.ts';
import { systemReason } from '../files/system-error.ts';
import { keptCodeOf } from './kept-code.ts';
import type { ProgramPart } from './load-program.ts';

type Program = typeof import('./program.ts');

/** Throws an error whose message is the reason in our words (main.ts prints it). */
function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    throw new Error(systemReason(error), { cause: error });
  }
}

/** @param file the script, a CommonJS module in ASCII */
export function loadScript(file: string): { readonly script: Script; readonly exports: Program } {
  const source = sourceOf(file);
  const script = new Script(`(function (exports, require, module, __filename) {${source}\n})`, {
    filename: file,
    cachedData: keptCodeOf(file),
  });
  const module = { exports: {} as Program };
  script.runInThisContext()(module.exports, createRequire(file), module, file);
  return { script, exports: module.exports };
}

const SCRIPTS: Readonly<Record<ProgramPart, string>> = { run: 'run.cjs', other: 'program.cjs' };

/**
 * By version of Node, the flag that has a function run ten times as often as usual before V8's optimizing compiler takes it up. A command that
 * boots a kernel is over before most of its functions have paid for that compiler (docs/development/speed.md); one that runs for long gets there all
 * the same. From Node 24 on there is a quick compiler in between, and nothing is gained.
 */
const OPTIMIZE_LATER: Readonly<Record<string, string>> = {
  v20: '--interrupt-budget=1500000',
  v22: '--invocation-count-for-turbofan=30000',
};

export function optimizeLater(): void {
  const flag = OPTIMIZE_LATER[process.version.split('.')[0] ?? ''];
  if (flag !== undefined) setFlagsFromString(flag);
}

export async function loadProgram(part: ProgramPart): Promise<Program> {
  const { exports } = loadScript(fileURLToPath(new URL(SCRIPTS[part], import.meta.url)));
  // Only now: V8 takes no code that was made under different flags.
  optimizeLater();
  return exports;
}
