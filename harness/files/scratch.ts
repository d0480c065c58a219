/**
 * Temporary folders: what is unpacked or built there is gone afterwards. A process that was killed cannot take its folders away, so their
 * names say whose they are, and the next process that makes one removes those of processes that are gone.
 *
 * They may hold whatever a student's archive or build has put there: folders that nobody may list, or that lie deeper than a path is long.
 * So they are removed by the system's `rm`, which goes from folder to folder and never by a whole path.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { dir } from 'tmp-promise';
import { renameSync } from './calls.ts';
import { identityText, isAlive, parseIdentity, thisProcess } from './process-identity.ts';
import { listFolder, lookAt } from './read.ts';
import { HostError, onHost, systemReason } from './system-error.ts';

export interface Scratch {
  readonly path: string;
  /** Takes the folder away with all that is in it. Throws HostError. */
  remove(): Promise<void>;
}

const PREFIX = 'bootgrade-scratch-';
const NAME = /^bootgrade-scratch-([0-9a-f-]+)-[A-Za-z0-9_]+$/;

let tidied: Promise<void> | undefined;

/** Makes a folder that others may pass through, but not list. Throws HostError. */
export async function scratchFolder(): Promise<Scratch> {
  tidied ??= removeLeftScratch(tmpdir());
  await tidied;
  const template = `${PREFIX}${identityText(thisProcess())}-XXXXXX`;
  try {
    const { path } = await dir({ template, mode: 0o711, keep: true });
    return { path, remove: () => removeFolder(outOfReach(path)) };
  } catch (error) {
    throw new HostError(`making a folder in ${tmpdir()} failed: ${systemReason(error)}`);
  }
}

/** Under a different name: whoever still unpacks into the folder when the work is stopped finds no path any more, and does not race with the removal. */
function outOfReach(path: string): string {
  try {
    renameSync(path, `${path}_`);
    return `${path}_`;
  } catch {
    return path;
  }
}

/** Removes the folders of processes of this computer that were killed. What cannot be removed stays. */
export async function removeLeftScratch(folder: string): Promise<void> {
  const me = thisProcess();
  for (const { name, kind } of onHost(`listing ${folder}`, () => listFolder(folder))) {
    const [, text = ''] = NAME.exec(name ?? '') ?? [];
    const owner = parseIdentity(text);
    if (name === null || kind !== 'folder' || owner === undefined || owner.computer !== me.computer || isAlive(owner)) continue;
    const path = join(folder, name);
    if (lookAt(path)?.uid === process.getuid?.()) await removeFolder(path).catch(() => {});
  }
}

/** Takes a folder away with all that is in it. Throws HostError. */
export async function removeFolder(path: string): Promise<void> {
  const remove = async () => (await execa('rm', ['-rf', '--', path], { reject: false, stdin: 'ignore' })).exitCode;
  if ((await remove()) === 0) return;
  // There are folders in it that may not be written to or listed, or something was still being written.
  await execa('chmod', ['-R', 'u+rwx', '--', path], { reject: false, stdin: 'ignore' });
  if ((await remove()) !== 0) throw new HostError(`removing ${path} failed`);
}
