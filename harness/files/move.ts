/** Puts a folder that is complete where others look for it. */
import { dirname } from 'node:path';
import { renameSync } from './calls.ts';
import { lookAt } from './read.ts';
import { onHost, pathCode } from './system-error.ts';
import { syncFolder } from './write.ts';

/** Renames a folder to a name that nothing has. Where another process was faster, its folder stays, and so does ours. Throws HostError. */
export function moveIntoPlace(from: string, to: string): void {
  onHost(`writing ${to}`, () => {
    try {
      renameSync(from, to);
    } catch (error) {
      const code = pathCode(error);
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || lookAt(to) === undefined) throw error;
    }
  });
  syncFolder(dirname(to));
}
