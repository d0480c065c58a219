// Builds the page that students check their kernels with (harness/web/): a document, a style sheet and three scripts. `bootgrade web` puts a
// course's rubric beside them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { coreBytes, englishOnly, exportsOf, lateSegmenter, product } from './bundle.mjs';
import { licensesOf } from './third-parties.mjs';

/** @import { BuildOptions, Metafile, Plugin } from 'esbuild' */

/** @param {BuildOptions} options */
async function script(options) {
  const { outputFiles, metafile } = await build({
    ...product,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    ...options,
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined || metafile === undefined) throw new Error('the bundler has made no file');
  return { text: file.text, metafile };
}

/**
 * @param {string} text
 * @returns {Plugin}
 */
const workerText = (text) => ({
  name: 'worker-text',
  setup: (b) => b.onLoad({ filter: /worker-text\.ts$/ }, () => ({ contents: `export const workerText = () => ${JSON.stringify(text)};` })),
});

/**
 * Leaves the engine for scripts out: `bootgrade web` puts it beside a rubric that has some. Its licence is among the page's all the same.
 *
 * @type {Plugin}
 */
const withoutEngine = {
  name: 'without-engine',
  setup: (b) => b.onLoad({ filter: /\.wasm$/ }, () => ({ contents: "export default '';" })),
};

/**
 * The page's files by their names.
 *
 * @param {import('./bundle.mjs').Core} core
 * @returns {Promise<{ files: Record<string, string>, bundles: Metafile[] }>}
 */
export async function webFiles(core) {
  const { INDEX_PAGE, PAGE_MARK, PAGE_STYLE } = await exportsOf('harness/web/static-files.ts');
  const terminal = await readFile(fileURLToPath(import.meta.resolve('@xterm/xterm/css/xterm.css')), 'utf8');
  const worker = await script({
    entryPoints: ['harness/web/worker.ts'],
    plugins: [englishOnly, lateSegmenter, withoutEngine, coreBytes(core, 'anywhere')],
  });
  const ofPage = [englishOnly, lateSegmenter, withoutEngine, workerText(worker.text)];
  const app = await script({ entryPoints: ['harness/web/app.ts'], plugins: ofPage });
  const service = await script({ entryPoints: ['harness/web/service-worker.ts'] });
  const bundles = [worker.metafile, app.metafile, service.metafile];
  const made = (/** @type {string} */ text) => `/* ${PAGE_MARK} */\n${text}`;
  const files = {
    'index.html': INDEX_PAGE,
    'style.css': made(`${PAGE_STYLE}${terminal}`),
    'app.js': made(app.text),
    'service-worker.js': made(service.text),
    'licences.txt': `${PAGE_MARK}\n\n${licensesOf(bundles)}`,
  };
  return { files, bundles };
}

/**
 * Builds the page into `outdir`.
 *
 * @param {import('./bundle.mjs').Core} core
 * @param {string} outdir
 * @returns {Promise<Metafile[]>} what went into it
 */
export async function buildWeb(core, outdir) {
  const { files, bundles } = await webFiles(core);
  await mkdir(outdir, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(outdir, name), text);
  return bundles;
}
