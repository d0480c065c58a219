// Builds the command as one file that Node runs by itself: `node build/single-file.mjs [FILE]`, bootgrade.mjs if it is left out
// (`npm run pack:single`). Nothing in it depends on when or where it was built, so the same sources give the same bytes.
import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { coreBytes, englishOnly, generateCore, lateSegmenter, product, REQUIRE } from './bundle.mjs';
import { licensesOf } from './third-parties.mjs';
import { webFiles } from './web.mjs';

/** @import { BuildOptions, Plugin } from 'esbuild' */

/**
 * Puts the parts into the file that are files of their own elsewhere (harness/batch/parts.ts).
 *
 * @param {string} watchdog the script of the watchdog's thread
 * @param {Record<string, string>} web the page's files by their names
 * @returns {Plugin}
 */
function partsOfOneFile(watchdog, web) {
  return {
    name: 'parts-of-one-file',
    setup(b) {
      b.onResolve({ filter: /\/parts\.ts$/ }, () => ({ path: resolve('harness/batch/parts-of-one-file.ts') }));
      b.onResolve({ filter: /\/web-files\.ts$/ }, () => ({ path: resolve('harness/cli/web-files-of-one-file.ts') }));
      b.onLoad({ filter: /web-files-of-one-file\.ts$/ }, () => ({ contents: `export const webFiles = () => (${JSON.stringify(web)});` }));
      b.onLoad({ filter: /watchdog-thread-text\.ts$/ }, () => ({
        contents: `export const watchdogThread = () => ${JSON.stringify(watchdog)};`,
      }));
    },
  };
}

/**
 * The whole program as one script.
 *
 * @param {BuildOptions} options its form
 */
export async function programAsOneScript(options) {
  const watchdog = await bundle({ entryPoints: ['harness/batch/watchdog-thread.ts'], format: 'cjs' });
  const core = await generateCore();
  const { files } = await webFiles(core);
  return bundle({
    entryPoints: ['harness/cli/single-file.ts'],
    plugins: [englishOnly, lateSegmenter, coreBytes(core, 'node'), partsOfOneFile(watchdog.text, files)],
    ...options,
  });
}

/** @param {BuildOptions} options */
async function bundle(options) {
  const { outputFiles, metafile } = await build({ ...product, ...options, write: false });
  const [file] = outputFiles;
  if (file === undefined || metafile === undefined) throw new Error('the bundler has made no file');
  return { text: file.text, metafile };
}

/** @param {string} outfile */
export async function buildSingleFile(outfile) {
  const { text, metafile } = await programAsOneScript({ banner: { js: `#!/usr/bin/env node\n// bootgrade, in one file\n${REQUIRE}` } });
  const licences = licensesOf([metafile]).replaceAll('*/', '* /');
  // Whoever runs the program meanwhile, or stops the build, never has half a file.
  const unfinished = `${outfile}.${process.pid}.tmp`;
  await writeFile(unfinished, `${text}/*\n${licences}*/\n`, { mode: 0o755 });
  await rename(unfinished, outfile);
}

if (resolve(process.argv[1] ?? '') === import.meta.filename) await buildSingleFile(process.argv[2] ?? 'bootgrade.mjs');
