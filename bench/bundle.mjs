// Bundles TypeScript for what runs outside the product: Node 20 runs none by itself.
import { build } from 'esbuild';

/**
 * Writes `<name>.mjs` into `outdir` for each entry of `entryPoints`, names to files.
 *
 * @param {Readonly<Record<string, string>>} entryPoints
 * @param {string} outdir
 */
export async function bundle(entryPoints, outdir) {
  await build({
    entryPoints,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'error',
    loader: { '.wasm': 'base64' },
    // Some dependencies are CommonJS and call require() for Node's own modules.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
}
