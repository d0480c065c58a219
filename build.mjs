// Builds dist/, or the folder that is named: `node build.mjs FOLDER`. With `--program` only the command, which is what most tests need.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCore } from './build/bundle.mjs';
import { buildLibrary } from './build/library.mjs';
import { buildProgram } from './build/program.mjs';
import { listThirdParties } from './build/third-parties.mjs';
import { buildWeb } from './build/web.mjs';

const only = process.argv.includes('--program');
const outdir = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 'dist';

await rm(outdir, { recursive: true, force: true });
const core = await generateCore();
const bundles = await buildProgram(core, outdir);
if (!only) {
  bundles.push(...(await buildLibrary(core, join(outdir, 'library'))), ...(await buildWeb(core, join(outdir, 'web'))));
  await listThirdParties(bundles, outdir);
}
