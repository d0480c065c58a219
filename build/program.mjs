// Bundles the command. Node starts one file faster than it resolves hundreds (docs/speed.md), so each command is a chunk of its own, and
// `run`, which has to start as fast as QEMU does, a script with V8's code for it beside it.
import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { coreBytes, inTemporaryFolder, product, REQUIRE, shared } from './bundle.mjs';

/** @import { Metafile, Plugin } from 'esbuild' */

/**
 * Puts load-compiled-run.ts in the place of load-run.ts.
 *
 * @type {Plugin}
 */
const compiledRun = {
  name: 'compiled-run',
  setup: (b) => b.onResolve({ filter: /\/load-run\.ts$/ }, () => ({ path: resolve('harness/cli/load-compiled-run.ts') })),
};

const SAMPLE = 'submissions/class/passes/kernel.elf';
const UNTIL = '[INIT] Starting Shell...';

/**
 * Boots a sample and keeps the code that V8 has then. A process of its own: what it prints is of no interest.
 *
 * @param {string} script
 */
function keepCode(script) {
  return inTemporaryFolder(async (folder) => {
    const disk = join(folder, 'blk.img');
    await writeFile(disk, Buffer.alloc(1 << 20));
    const drive = ['-device', 'virtio-blk-device,drive=x0', '-drive', `file=${disk},if=none,id=x0,format=raw`];
    const argv = ['-machine', 'virt', '-nographic', ...drive, '-kernel', SAMPLE, '--until', UNTIL];
    const outfile = join(folder, 'keep-code.mjs');
    const contents = `
      import { writeFileSync } from 'node:fs';
      import { codeFileOf, loadScript } from './harness/cli/load-compiled-run.ts';
      const { script, exports } = loadScript(${JSON.stringify(script)});
      process.exitCode = await exports.run(${JSON.stringify(argv)});
      writeFileSync(codeFileOf(${JSON.stringify(script)}), script.createCachedData());`;
    await build({ ...shared, stdin: { contents, resolveDir: '.' }, outfile });
    const { status } = spawnSync(process.execPath, [outfile], { stdio: 'ignore' });
    if (status !== 0) throw new Error(`booting ${SAMPLE} ended with ${status}`);
  });
}

/**
 * Builds the command into `outdir`.
 *
 * @param {Uint8Array} core
 * @param {string} outdir
 * @returns {Promise<Metafile[]>} what went into it
 */
export async function buildProgram(core, outdir) {
  const machine = coreBytes(core, 'node');
  const run = await build({
    ...product,
    entryPoints: ['harness/cli/run.ts'],
    format: 'cjs',
    outfile: join(outdir, 'run.cjs'),
    plugins: [machine],
  });
  const command = await build({
    ...product,
    // A worker process starts from a file of its own.
    entryPoints: { bootgrade: 'harness/cli/main.ts', 'grade-worker': 'harness/cli/grade-worker.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    plugins: [machine, compiledRun],
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
  });
  // So does a thread; as CommonJS, which starts sooner.
  const watchdog = await build({
    ...product,
    entryPoints: ['harness/batch/watchdog-thread.ts'],
    format: 'cjs',
    outfile: join(outdir, 'watchdog-thread.cjs'),
  });
  await chmod(join(outdir, 'bootgrade.mjs'), 0o755);
  await keepCode(resolve(outdir, 'run.cjs'));
  return [run.metafile, command.metafile, watchdog.metafile];
}
