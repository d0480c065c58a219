/** What is said of a hand-in without a kernel, with the files that look as if they were meant to be one. */
import type { HandInProblem } from './handed-in.ts';
import { levels } from './kernel-search.ts';
import { join, type Tree } from './tree.ts';

const MOST_NAMED = 3;

/** `patterns`: those of the rubric's `submission.kernel`. Throws HostError. */
export function noKernel(tree: Tree, patterns: readonly string[]): HandInProblem {
  const near = nearMisses(tree, patterns);
  const found = near.length === 0 ? '' : `; what comes closest is ${near.join(', ')}`;
  return { problem: `no kernel was found: nothing in it matches ${patterns.join(' or ')}${found}` };
}

/** Files that have an ending of the patterns somewhere in their names, however that is spelt: KERNEL.ELF, `kernel (1).elf`, kernel.elf.gz. */
function nearMisses(tree: Tree, patterns: readonly string[]): string[] {
  const endings = patterns.map(endingOf).filter((ending) => ending !== null);
  const near: string[] = [];
  for (const level of levels(tree)) {
    for (const folder of level) {
      for (const { name, kind } of tree.list(folder) ?? []) {
        if (kind !== 'file' || name.startsWith('.') || !endings.some((ending) => name.toLowerCase().includes(ending))) continue;
        near.push(join(folder, name));
        if (near.length === MOST_NAMED) return near;
      }
    }
  }
  return near;
}

/** `.elf` of `build/*.elf`; null where the pattern has none. */
function endingOf(pattern: string): string | null {
  const dot = pattern.lastIndexOf('.');
  const ending = dot < 0 ? '' : pattern.slice(dot).toLowerCase();
  return ending.length > 1 && !/[*?/]/.test(ending) ? ending : null;
}
