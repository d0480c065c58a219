/**
 * The patterns of a rubric's `submission.kernel`: `*` and `?` inside a name, `**` for any number of folders. Matching one
 * name takes at most pattern × name steps, walking is bounded in depth and in number of entries: both come from a student.
 * Left out: braces, character classes, negation.
 */
import { matchesName } from '../vocabulary/path-pattern.ts';
import { join, type Tree } from './tree.ts';

const DEEPEST = 32;
const MOST_FOLDERS = 20_000;

/** Files and other entries of the tree whose paths match, in bytewise order of each folder. Folders are descended into, symbolic links to folders are not. Throws HostError. */
export function glob(tree: Tree, pattern: string): string[] {
  const found = new Set<string>();
  let folders = 0;
  const walk = (below: string, segments: string[], depth: number): void => {
    const [segment, ...rest] = segments;
    if (segment === undefined || segment === '..' || depth > DEEPEST || ++folders > MOST_FOLDERS) return;
    if (segment === '.' || segment === '') {
      walk(below, rest, depth);
      return;
    }
    if (segment === '**') walk(below, rest, depth);
    for (const entry of tree.list(below) ?? []) {
      if (entry.unusable !== null) continue;
      const path = join(below, entry.name);
      if (segment === '**') {
        if (entry.kind === 'folder') walk(path, segments, depth + 1);
      } else if (matchesName(segment, entry.name)) {
        if (rest.length === 0) found.add(path);
        else if (entry.kind === 'folder') walk(path, rest, depth + 1);
      }
    }
  };
  walk('', pattern.split('/'), 0);
  return [...found];
}
