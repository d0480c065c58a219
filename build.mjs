// Bundles the command: Node starts a few files faster than it resolves hundreds (docs/speed.md). Each command is a chunk of its own,
// so that `run` does not pay for what `grade` needs, and the machine's generated module is put in as bytes.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const shared = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };

async function generateCore() {
  const folder = await mkdtemp(join(tmpdir(), 'bootgrade-build-'));
  try {
    const outfile = join(folder, 'core.mjs');
    await build({ ...shared, entryPoints: ['machine/exec/core.ts'], outfile });
    return (await import(pathToFileURL(outfile))).generate();
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Stands in for machine/exec/prebuilt.ts. */
function prebuilt(bytes) {
  const contents = `export const PREBUILT = Uint8Array.from(atob('${Buffer.from(bytes).toString('base64')}'), (c) => c.charCodeAt(0));`;
  return { name: 'prebuilt', setup: (b) => b.onLoad({ filter: /exec[\\/]prebuilt\.ts$/ }, () => ({ contents })) };
}

await rm('dist', { recursive: true, force: true });
await build({
  ...shared,
  entryPoints: { bootgrade: 'harness/cli/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  splitting: true,
  sourcemap: 'linked',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [prebuilt(await generateCore())],
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
await chmod('dist/bootgrade.mjs', 0o755);
