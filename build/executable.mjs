// Builds the command as one executable with Node in it, by Node's own facility (https://nodejs.org/api/single-executable-applications.html):
// `node build/executable.mjs [FILE]`, bootgrade if it is left out (`npm run pack:executable`). It has the Node that builds it, so it is
// for the same system and processor. Tested on Linux; macOS and Windows want it to be signed, which is left out.
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inject } from 'postject';
import { inTemporaryFolder } from './bundle.mjs';
import { programAsOneScript } from './single-file.mjs';

/** Node looks for this in itself: the name of the section, and the text of which one character says that something was put in. */
const SECTION = 'NODE_SEA_BLOB';
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** @param {string} outfile */
export async function buildExecutable(outfile) {
  await inTemporaryFolder(async (folder) => {
    const [main, output, config] = [join(folder, 'program.cjs'), join(folder, 'program.blob'), join(folder, 'config.json')];
    // An executable starts from a CommonJS script, which has no URL.
    const { text } = await programAsOneScript({ format: 'cjs', define: { 'import.meta.url': 'undefined' } });
    await writeFile(main, text);
    await writeFile(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true }));
    const made = spawnSync(process.execPath, ['--experimental-sea-config', config], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`Node cannot make the executable's data: ${made.stdout}${made.stderr}`);
    const unfinished = `${outfile}.${process.pid}.tmp`;
    await copyFile(process.execPath, unfinished);
    await inject(unfinished, SECTION, await readFile(output), { sentinelFuse: FUSE });
    await chmod(unfinished, 0o755);
    await rename(unfinished, outfile);
  });
}

if (resolve(process.argv[1] ?? '') === import.meta.filename) await buildExecutable(process.argv[2] ?? 'bootgrade');
