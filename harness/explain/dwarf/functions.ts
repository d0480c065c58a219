/**
 * The functions of a unit and what was inlined into them, as a tree by address. Reference: DWARF 5, 3.3 (subroutine and inlined
 * subroutine entries).
 */

import { type Budget, KEPT } from './budget.ts';
import { TAG } from './constants.ts';
import { type AddressRange, covers, rangesOf } from './ranges.ts';
import type { DwarfSections } from './sections.ts';
import type { Entry, Unit } from './units.ts';

export interface FunctionScope {
  readonly entry: Entry;
  readonly ranges: readonly AddressRange[];
  /** Functions that were inlined into this one. */
  readonly inlined: FunctionScope[];
}

/** How deep entries may be nested: compilers stay below a few dozen. */
const DEEPEST = 1000;

/** The unit's functions that have code. */
export function readFunctions(sections: DwarfSections, unit: Unit): FunctionScope[] {
  const functions: FunctionScope[] = [];
  /** The innermost scope around each level of nesting. */
  const around: (FunctionScope | undefined)[] = [];
  for (const cursor = unit.entries(); !cursor.done; ) {
    const entry = unit.read(cursor);
    if (entry === undefined) {
      around.pop();
      if (around.length === 0) break;
      continue;
    }
    const parent = around.at(-1);
    const scope = scopeOf(sections, unit, entry);
    if (scope !== undefined) (entry.tag === TAG.inlinedSubroutine && parent !== undefined ? parent.inlined : functions).push(scope);
    if (entry.hasChildren) {
      if (around.length === DEEPEST) cursor.fail('malformed');
      around.push(scope ?? parent);
    } else if (around.length === 0) break;
  }
  return functions;
}

function scopeOf(sections: DwarfSections, unit: Unit, entry: Entry): FunctionScope | undefined {
  if (entry.tag !== TAG.subprogram && entry.tag !== TAG.inlinedSubroutine) return undefined;
  const ranges = rangesOf(sections, unit, entry);
  if (ranges.length === 0) return undefined;
  sections.budget.keep(KEPT.entry + KEPT.attribute * entry.attributes.size);
  return { entry, ranges, inlined: [] };
}

/** The scopes around an address, the function itself first, the innermost inlined one last. */
export function scopesAt(functions: readonly FunctionScope[], address: bigint, budget: Budget): FunctionScope[] {
  const path: FunctionScope[] = [];
  for (let level = functions; ; ) {
    const inner = level.find(({ ranges }) => covers(ranges, address, budget));
    if (inner === undefined) return path;
    path.push(inner);
    level = inner.inlined;
  }
}
