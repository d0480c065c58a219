/**
 * Symbolic links inside what a student handed in, followed here step by step, so that nothing outside the student's folder is even looked at, be it
 * somebody else's work, a device, or a folder that this computer may not read.
 *
 * Hard links look like ordinary files.
 */
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { readlinkSync } from '../files/calls.ts';
import { lookAt } from '../files/read.ts';
import { HostError, onHost } from '../files/system-error.ts';
import type { HandInProblem } from './handed-in.ts';

/** Links that lead from one to the next, as Linux has it (path_resolution(7)). */
const MOST_LINKS = 40;

/** The path of what `file` (with `/`) stands for below the folder `root`, a path without links; a problem where that is nothing, or lies elsewhere. Throws HostError. */
export function pathInside(root: string, file: string): string | HandInProblem {
  const left = file.split('/');
  let at = root;
  let links = 0;
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at === root) return leadsOut(file);
      at = dirname(at);
      continue;
    }
    const next = join(at, part);
    const stat = lookAt(next);
    if (stat === undefined && links === 0) throw new HostError(`${file} was taken away while it was looked for`);
    if (stat === undefined || links > MOST_LINKS) return { problem: `${file} is a symbolic link that leads to nothing` };
    if (!stat.isSymbolicLink()) {
      at = next;
      continue;
    }
    links++;
    const target = belowRoot(
      root,
      onHost(`reading ${next}`, () => readlinkSync(next)),
    );
    if (target === undefined) return leadsOut(file);
    if (target.fromRoot) at = root;
    left.unshift(...target.parts);
  }
  return at;
}

function leadsOut(file: string): HandInProblem {
  return { problem: `${file} is a symbolic link that leads out of the submission` };
}

/** The names to follow for a link: from the link's own folder, or from the root for a path that begins there; undefined: it leads elsewhere. */
function belowRoot(root: string, target: string): { parts: string[]; fromRoot: boolean } | undefined {
  if (!isAbsolute(target)) return { parts: target.split(sep), fromRoot: false };
  const below = relative(root, target).split(sep);
  return below[0] === '..' || isAbsolute(below[0]!) ? undefined : { parts: below, fromRoot: true };
}
