// Bundles the command. Node starts one file faster than it resolves hundreds (docs/speed.md), so each command is a chunk of its own, and
// `run`, which has to start as fast as QEMU does, a script with V8's code for it beside it. The machine's generated module is put in
// as bytes.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** `node build.mjs FOLDER` builds into another one. */
const outdir = process.argv[2] ?? 'dist';

const shared = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };
const product = { ...shared, sourcemap: 'linked', minifySyntax: true, minifyWhitespace: true };

async function inTemporaryFolder(act) {
  const folder = await mkdtemp(join(tmpdir(), 'bootgrade-build-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function generateCore() {
  return inTemporaryFolder(async (folder) => {
    const outfile = join(folder, 'core.mjs');
    await build({ ...shared, entryPoints: ['machine/exec/generate.ts'], outfile });
    return (await import(pathToFileURL(outfile))).generate();
  });
}

/** Stands in for machine/exec/core-bytes.ts. */
function coreBytes(bytes) {
  const contents = `export const coreBytes = () => Buffer.from('${Buffer.from(bytes).toString('base64')}', 'base64');`;
  return { name: 'core-bytes', setup: (b) => b.onLoad({ filter: /exec[\\/]core-bytes\.ts$/ }, () => ({ contents })) };
}

/** Puts load-compiled-run.ts in the place of load-run.ts. */
const compiledRun = {
  name: 'compiled-run',
  setup: (b) => b.onResolve({ filter: /\/load-run\.ts$/ }, () => ({ path: resolve('harness/cli/load-compiled-run.ts') })),
};

const SAMPLE = 'submissions/class/passes/kernel.elf';
const UNTIL = '[INIT] Starting Shell...';

/** Boots a sample and keeps the code that V8 has then. A process of its own: what it prints is of no interest. */
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

await rm(outdir, { recursive: true, force: true });
const machine = coreBytes(await generateCore());
await build({ ...product, entryPoints: ['harness/cli/run.ts'], format: 'cjs', outfile: join(outdir, 'run.cjs'), plugins: [machine] });
await build({
  ...product,
  // A worker process starts from a file of its own.
  entryPoints: { bootgrade: 'harness/cli/main.ts', 'grade-worker': 'harness/cli/grade-worker.ts' },
  outdir,
  outExtension: { '.js': '.mjs' },
  splitting: true,
  plugins: [machine, compiledRun],
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
// So does a thread; as CommonJS, which starts sooner.
await build({
  ...product,
  entryPoints: ['harness/batch/watchdog-thread.ts'],
  format: 'cjs',
  outfile: join(outdir, 'watchdog-thread.cjs'),
});
await chmod(join(outdir, 'bootgrade.mjs'), 0o755);
// Not in the published package, which has no sources to build from either.
if (existsSync(SAMPLE)) await keepCode(resolve(outdir, 'run.cjs'));
