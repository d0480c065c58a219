// Bundles the library (harness/index.ts, machine/index.ts) and its types. Its users have neither the sources nor the dependencies.
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { coreBytes, englishOnly, inTemporaryFolder, lateSegmenter, product, REQUIRE } from './bundle.mjs';
import { declarationsOf } from './types-of-schema.mjs';

/** @import { Metafile } from 'esbuild' */

/** As package.json exports them. */
const ENTRIES = { bootgrade: 'harness/index.ts', machine: 'machine/index.ts' };

/** Declarations that are made from JSON Schemas in place of tsc's: the names that the library exports, and what they are called there. */
const OF_SCHEMAS = {
  'harness/evidence/evidence.d.ts': { schema: 'docs/evidence.schema.json', names: {} },
  'harness/result/result.d.ts': {
    schema: 'docs/result.schema.json',
    names: {
      SubmissionResult: 'Result',
      CheckResult: 'Check',
      ScenarioResult: 'Scenario',
      FindingResult: 'FindingWithCalls',
      Outcome: "Check['outcome']",
      Audience: "Result['audience']",
    },
  },
};

/**
 * Builds the library into `outdir`.
 *
 * @param {import('./bundle.mjs').Core} core
 * @param {string} outdir
 * @returns {Promise<Metafile[]>} what went into it
 */
export async function buildLibrary(core, outdir) {
  const grading = await build({
    ...product,
    entryPoints: [ENTRIES.bootgrade],
    outfile: join(outdir, 'bootgrade.mjs'),
    plugins: [englishOnly, lateSegmenter, coreBytes(core, 'node')],
    banner: { js: REQUIRE },
  });
  // The machine by itself is to run in a browser as well. The bundler refuses what only Node has.
  const machine = await build({
    ...product,
    platform: 'neutral',
    entryPoints: [ENTRIES.machine],
    outfile: join(outdir, 'machine.mjs'),
    plugins: [englishOnly, lateSegmenter, coreBytes(core, 'anywhere')],
  });
  await writeTypes(outdir);
  return [grading.metafile, machine.metafile];
}

/**
 * tsc writes a declaration for each source, and the bundler keeps of them what the entries' own need: one file for each entry, which
 * imports no package.
 *
 * @param {string} outdir
 */
function writeTypes(outdir) {
  return inTemporaryFolder(async (folder) => {
    const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));
    const emitted = spawnSync(process.execPath, [tsc, '-p', 'build/tsconfig.types.json', '--outDir', folder], { encoding: 'utf8' });
    if (emitted.status !== 0) throw new Error(`the types of the library cannot be made: ${emitted.stdout}${emitted.stderr}`);
    for (const [file, { schema, names }] of Object.entries(OF_SCHEMAS)) {
      const aliases = Object.entries(names).map(([name, type]) => `export type ${name} = ${type};\n`);
      await writeFile(join(folder, file), declarationsOf(JSON.parse(await readFile(schema, 'utf8'))) + aliases.join(''));
    }
    const input = Object.fromEntries(
      Object.entries(ENTRIES).map(([name, source]) => [name, join(folder, source.replace(/\.ts$/, '.d.ts'))]),
    );
    const bundle = await rolldown({ input, plugins: [dts({ dtsInput: true, sourcemap: false, tsconfig: false })] });
    await bundle.write({ dir: outdir, format: 'es' });
    await bundle.close();
  });
}
