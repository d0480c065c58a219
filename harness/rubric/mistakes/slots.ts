/** Drives that the machine has no place for: two in one virtio-mmio slot, or more drives than slots. As mistakes/scenarios.ts. */
import { quoted } from '../../evidence/printable.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { asMap, type Loose } from '../loose.ts';
import { SLOTS } from '../schema.ts';
import { writtenAt } from './written-at.ts';

/** `scenarios`: as extends.ts merges them. */
export function slotMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const [scenario, { drives }] of scenarios) {
    for (const { drive, key, ...mistake } of misplaced(asMap(drives))) {
      const path = writtenAt(rubric, scenario, ['drives', drive, ...key]);
      found.set(path.join('/'), { path, ...mistake });
    }
  }
  return [...found.values()];
}

type Misplaced = Pick<Mistake, 'code' | 'message' | 'remedy'> & { drive: string; key: string[] };

/** Places the drives as the machine does, in their order: in their own slot, or in the last free one. */
function misplaced(drives: Loose): Misplaced[] {
  const taken: (string | null)[] = new Array(SLOTS).fill(null);
  return Object.entries(drives).flatMap(([drive, written]): Misplaced[] => {
    const own = asMap(written)['slot'];
    const slot = typeof own === 'number' ? own : taken.lastIndexOf(null);
    if (slot === -1) return [{ drive, key: [], code: 'out-of-range', message: `the machine has ${SLOTS} slots for drives` }];
    const other = taken[slot];
    // No slot at all: the schema has said so.
    if (other === undefined) return [];
    taken[slot] = drive;
    if (other === null) return [];
    const message = `the drive ${quoted(other, 60)} is in slot ${slot} already`;
    return [{ drive, key: ['slot'], code: 'overlap', message, remedy: 'a drive without `slot` takes the last free one' }];
  });
}
