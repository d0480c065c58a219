// Bundles the command. Node starts one file faster than it resolves hundreds (docs/development/speed.md), so the program is a script with V8's
// code for it beside it, and `run`, which has to start as fast as QEMU does, a script of its own.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { coreBytes, englishOnly, exportsOf, inTemporaryFolder, lateSegmenter, product, shared } from './bundle.mjs';

/** @import { Metafile, Plugin } from 'esbuild' */

/**
 * Puts load-compiled-program.ts in the place of load-program.ts.
 *
 * @type {Plugin}
 */
const compiledProgram = {
  name: 'compiled-program',
  setup: (b) => b.onResolve({ filter: /\/load-program\.ts$/ }, () => ({ path: resolve('harness/cli/load-compiled-program.ts') })),
};

/**
 * Has kept-core.ts compile the machine's module. The file with its code is named after what the module holds.
 *
 * @param {import('./bundle.mjs').Core} core
 * @returns {Plugin}
 */
const keptCore = ({ ordinary }) => ({
  name: 'kept-core',
  setup: (b) =>
    b.onLoad({ filter: /exec[\\/]compile-core\.ts$/ }, () => ({
      resolveDir: resolve('machine/exec'),
      contents: `
        import { coreBytes, loggingCoreBytes } from './core-bytes.ts';
        import { compileCore as compile } from ${JSON.stringify(resolve('harness/cli/kept-core.ts'))};
        export const compileCore = (variant) =>
          variant === 'ordinary' ? compile(coreBytes(), '${coreName(ordinary)}') : new WebAssembly.Module(loggingCoreBytes());`,
    })),
});

/** @param {Uint8Array} bytes */
const coreName = (bytes) => `core-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;

/**
 * Leaves a file and all that only it needs out of a script in which nothing asks for it.
 *
 * @param {RegExp} filter
 * @returns {Plugin}
 */
const without = (filter) => ({
  name: 'without',
  setup: (b) => {
    b.onResolve({ filter }, ({ path }) => ({ path, namespace: 'left-out' }));
    b.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'export {};' }));
  },
});

/** Where the scripts lie, which are CommonJS, so that they find the program's other files. */
const URL_OF_SCRIPT = "const __url = require('node:url').pathToFileURL(__filename).href;";

const SAMPLE = 'submissions/class/passes/kernel.elf';
const LONG_SAMPLE = 'submissions/class/ostd-passes/kernel.elf';
const UNTIL = '[INIT] Starting Shell...';

/**
 * Uses a script in a process of its own, whose output is of no interest, and has it keep something.
 *
 * @param {string} script
 * @param {(folder: string) => Promise<readonly (readonly string[])[]>} commands for a temporary folder: what the script is to do
 * @param {string} keep what follows: `script` and its `exports` are there
 * @param {readonly string[]} options of Node
 * @returns {Promise<string | undefined>} why it failed
 */
function useAndKeep(script, commands, keep, options) {
  return inTemporaryFolder(async (folder) => {
    const outfile = join(folder, 'keep-code.mjs');
    const contents = `
      import { writeFileSync } from 'node:fs';
      import { setFlagsFromString } from 'node:v8';
      import { codeFileOf } from './harness/cli/kept-code.ts';
      import { loadScript, optimizeLater } from './harness/cli/load-compiled-program.ts';
      // V8 forgets the code of functions that were not called for some time. It refuses what was made under flags that are not its own.
      setFlagsFromString('--no-flush-bytecode');
      const { script, exports } = loadScript(${JSON.stringify(script)});
      for (const argv of ${JSON.stringify(await commands(folder))}) process.exitCode ||= await exports.bootgrade(argv, exports.processEnvironment());
      setFlagsFromString('--flush-bytecode');
      ${keep}`;
    await build({ ...shared, stdin: { contents, resolveDir: '.' }, outfile });
    const { status, stderr } = spawnSync(process.execPath, [...options, outfile], { stdio: ['ignore', 'ignore', 'pipe'] });
    return status === 0 ? undefined : `using ${script} ended with ${status}: ${stderr}`;
  });
}

/**
 * Keeps the code that V8 has of a script once it was used.
 *
 * @param {string} script
 * @param {(folder: string) => Promise<readonly (readonly string[])[]>} commands
 * @param {readonly string[]} options of Node
 */
async function keepCode(script, commands, options = []) {
  const keep = `writeFileSync(codeFileOf(${JSON.stringify(script)}), script.createCachedData());`;
  const failure = await useAndKeep(script, commands, keep, options);
  if (failure !== undefined) throw new Error(failure);
}

/**
 * Keeps the code that V8 has of the machine's module (kept-core.ts). It has to run for some time before V8's optimizing compiler takes it up.
 * Where this V8 cannot keep it, which ends the process, each process compiles the module anew.
 *
 * @param {string} script
 * @param {(folder: string) => Promise<readonly (readonly string[])[]>} commands
 * @param {string} file
 * @param {readonly string[]} options of Node
 */
async function keepCoreCode(script, commands, file, options = []) {
  const keep = `optimizeLater(); writeFileSync(codeFileOf(${JSON.stringify(file)}), exports.codeToKeep());`;
  const failure = await useAndKeep(script, commands, keep, options);
  if (failure !== undefined) console.warn(`The code of the machine's module is not kept, so commands start more slowly: ${failure}`);
}

/**
 * Makes a script one of ASCII, as load-compiled-program.ts reads it. The bundler writes escapes in strings, but leaves templates with a tag
 * and regular expressions as they are. In all of them an escape stands for the same character.
 *
 * @param {string} file
 */
async function toAscii(file) {
  const text = await readFile(file, 'utf8');
  const escaped = text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  await writeFile(file, escaped);
}

/**
 * @param {string} folder
 * @param {readonly string[]} kernel and the machine that it needs
 */
async function booting(folder, kernel) {
  const disk = join(folder, 'blk.img');
  await writeFile(disk, Buffer.alloc(1 << 20));
  const drive = ['-device', 'virtio-blk-device,drive=x0', '-drive', `file=${disk},if=none,id=x0,format=raw`];
  return ['run', '-machine', 'virt', '-nographic', ...drive, '-kernel', ...kernel, '--until', UNTIL];
}

const RUBRIC = 'rubrics/lab13.yaml';
/** @param {string} name */
const submission = (name) => join('submissions/class', name);

/** @param {string} folder */
const boot = async (folder) => [await booting(folder, [SAMPLE])];

/** @param {string} folder */
const bootForLong = async (folder) => Array(2).fill(await booting(folder, [LONG_SAMPLE, '-m', '1G', '-cpu', 'rv64,zba=true,zbb=true']));

/** @param {string} folder */
const grade = async (folder) => [
  ['grade', RUBRIC, submission('writable-data'), '--out', join(folder, 'alone')],
  ['grade', RUBRIC, submission('passes'), submission('no-write'), '--out', join(folder, 'class'), '--report', 'csv'],
];

/** @param {string} folder */
const gradeForLong = async (folder) => [
  ...(await grade(folder)),
  ...['first', 'second'].map((out) => ['grade', RUBRIC, submission('ostd-passes'), '--out', join(folder, out)]),
];

/** Libraries that take longer to load than a small kernel runs. One import more is enough to bring one in. */
const HEAVY = /node_modules\/(zod|re2js|yaml)\//;

/** @param {Metafile} run */
function expectLight({ inputs }) {
  const library = Object.keys(inputs).find((file) => HEAVY.test(file));
  if (library !== undefined) throw new Error(`the script of run would load ${library} (docs/development/speed.md, "Starting")`);
}

/**
 * Builds the command into `outdir`.
 *
 * @param {import('./bundle.mjs').Core} core
 * @param {string} outdir
 * @returns {Promise<Metafile[]>} what went into it
 */
export async function buildProgram(core, outdir) {
  const machine = coreBytes(core, 'node');
  const script = (/** @type {string} */ name, /** @type {RegExp} */ leftOut) =>
    build({
      ...product,
      entryPoints: ['harness/cli/program.ts'],
      format: 'cjs',
      outfile: join(outdir, name),
      plugins: [englishOnly, lateSegmenter, machine, keptCore(core), without(leftOut)],
      define: { 'import.meta.url': '__url' },
      banner: { js: URL_OF_SCRIPT },
    });
  const run = await script('run.cjs', /\/(commands|grade-worker|process-crew)\.ts$/);
  expectLight(run.metafile);
  const program = await script('program.cjs', /^\.\/run\.ts$/);
  await toAscii(join(outdir, 'run.cjs'));
  await toAscii(join(outdir, 'program.cjs'));
  const starters = await build({
    ...product,
    // A worker process starts from a file of its own.
    entryPoints: { bootgrade: 'harness/cli/main.ts', 'grade-worker': 'harness/cli/worker-main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    plugins: [compiledProgram],
    banner: { js: '#!/usr/bin/env node' },
  });
  // So does a thread; as CommonJS, which starts sooner.
  const watchdog = await build({
    ...product,
    entryPoints: ['harness/batch/watchdog-thread.ts'],
    format: 'cjs',
    outfile: join(outdir, 'watchdog-thread.cjs'),
  });
  await chmod(join(outdir, 'bootgrade.mjs'), 0o755);
  const { HEAP_OPTION } = await exportsOf('harness/batch/worker-command.ts');
  const [runScript, programScript] = [resolve(outdir, 'run.cjs'), resolve(outdir, 'program.cjs')];
  const coreFile = resolve(outdir, coreName(core.ordinary));
  await keepCode(runScript, boot);
  await keepCoreCode(runScript, bootForLong, coreFile);
  await keepCode(programScript, grade);
  await keepCode(programScript, grade, [HEAP_OPTION]);
  await keepCoreCode(programScript, gradeForLong, coreFile, [HEAP_OPTION]);
  return [run.metafile, program.metafile, starters.metafile, watchdog.metafile];
}
