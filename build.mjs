// Builds dist/, or the folder that is named: `node build.mjs FOLDER`.
import { rm } from 'node:fs/promises';
import { generateCore } from './build/bundle.mjs';
import { buildProgram } from './build/program.mjs';
import { listThirdParties } from './build/third-parties.mjs';

const outdir = process.argv[2] ?? 'dist';
await rm(outdir, { recursive: true, force: true });
const bundles = await buildProgram(await generateCore(), outdir);
await listThirdParties(bundles, outdir);
