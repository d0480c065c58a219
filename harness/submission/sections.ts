/**
 * Sections of a class: a folder of folders may be a section with its students, or a student with folders, and only a roster says which. A folder is a
 * section where the column `submission` does not name it, but what is in it, by its path (`a/s1001`).
 */
import type { ClassEntry } from './class.ts';
import { join, type Tree, type TreeEntry } from './tree.ts';

/** A section in a section is as deep as courses go. */
const DEEPEST = 3;

/** The entry itself, or the students of the section that it is, called by their paths. `named`: by the roster. Throws HostError. */
export function withoutSections(entry: ClassEntry, named: ReadonlySet<string>, depth = 0): ClassEntry[] {
  const isSection = !named.has(entry.name) && [...named].some((name) => name.startsWith(`${entry.name}/`));
  if (!isSection || entry.kind !== 'folder' || entry.problem !== null || depth === DEEPEST) return [entry];
  const tree = entry.tree();
  const students = (tree.list('') ?? []).map((one) => studentIn(tree, entry.name, one));
  return students.flatMap((one) => withoutSections(one, named, depth + 1));
}

function studentIn(section: Tree, path: string, { name, kind, unusable }: TreeEntry): ClassEntry {
  return {
    name: join(path, name.normalize('NFC')),
    kind,
    problem: unusable,
    tree: () => section.at(name),
    file: () => section.open(name),
  };
}
