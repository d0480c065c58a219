// Bundles the command. Node starts one file faster than it resolves hundreds (docs/development/speed.md), so the program is a script with V8's
// code for it beside it, and `run`, which has to start as fast as QEMU does, a script of its own.
import { spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { coreBytes, englishOnly, exportsOf, inTemporaryFolder, product, shared } from './bundle.mjs';

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
const UNTIL = '[INIT] Starting Shell...';

/**
 * Uses a script and keeps the code that V8 has then. A process of its own: what it prints is of no interest.
 *
 * @param {string} script
 * @param {(folder: string) => Promise<readonly (readonly string[])[]>} commands for a temporary folder: what the script is to do
 * @param {readonly string[]} options of Node
 */
function keepCode(script, commands, options = []) {
  return inTemporaryFolder(async (folder) => {
    const outfile = join(folder, 'keep-code.mjs');
    const contents = `
      import { writeFileSync } from 'node:fs';
      import { setFlagsFromString } from 'node:v8';
      import { codeFileOf, loadScript } from './harness/cli/load-compiled-program.ts';
      // V8 forgets the code of functions that were not called for some time. It refuses what was made under flags that are not its own.
      setFlagsFromString('--no-flush-bytecode');
      const { script, exports } = loadScript(${JSON.stringify(script)});
      for (const argv of ${JSON.stringify(await commands(folder))}) process.exitCode ||= await exports.bootgrade(argv, exports.processEnvironment());
      setFlagsFromString('--flush-bytecode');
      writeFileSync(codeFileOf(${JSON.stringify(script)}), script.createCachedData());`;
    await build({ ...shared, stdin: { contents, resolveDir: '.' }, outfile });
    const { status, stderr } = spawnSync(process.execPath, [...options, outfile], { stdio: ['ignore', 'ignore', 'pipe'] });
    if (status !== 0) throw new Error(`using ${script} ended with ${status}: ${stderr}`);
  });
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

/** @param {string} folder */
async function boot(folder) {
  const disk = join(folder, 'blk.img');
  await writeFile(disk, Buffer.alloc(1 << 20));
  const drive = ['-device', 'virtio-blk-device,drive=x0', '-drive', `file=${disk},if=none,id=x0,format=raw`];
  return [['run', '-machine', 'virt', '-nographic', ...drive, '-kernel', SAMPLE, '--until', UNTIL]];
}

/** @param {string} folder */
async function grade(folder) {
  const rubric = 'rubrics/lab13.yaml';
  const of = (/** @type {string} */ name) => join('submissions/class', name);
  return [
    ['grade', rubric, of('writable-data'), '--out', join(folder, 'alone')],
    ['grade', rubric, of('passes'), of('no-write'), '--out', join(folder, 'class'), '--report', 'csv'],
  ];
}

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
      plugins: [englishOnly, machine, without(leftOut)],
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
  await keepCode(resolve(outdir, 'run.cjs'), boot);
  await keepCode(resolve(outdir, 'program.cjs'), grade);
  const { HEAP_OPTION } = await exportsOf('harness/batch/worker-command.ts');
  await keepCode(resolve(outdir, 'program.cjs'), grade, [HEAP_OPTION]);
  return [run.metafile, program.metafile, starters.metafile, watchdog.metafile];
}
