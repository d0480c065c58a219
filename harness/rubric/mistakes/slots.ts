import { type Placement, placeInSlots, VIRTIO_SLOTS } from '../../../machine/spec/virt-board.ts';
import { quoted } from '../../evidence/printable.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { asMap, type Loose } from '../loose.ts';
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

function misplaced(drives: Loose): Misplaced[] {
  const names = Object.keys(drives);
  const placements = placeInSlots(names.map((name) => ownSlot(drives[name])));
  return placements.flatMap((placement, index) => ('problem' in placement ? problemOf(placement, names[index]!, names) : []));
}

function problemOf(placement: Extract<Placement, { problem: string }>, drive: string, names: readonly string[]): Misplaced[] {
  switch (placement.problem) {
    case 'full':
      return [{ drive, key: [], code: 'out-of-range', message: `the machine has ${VIRTIO_SLOTS} slots for drives` }];
    case 'taken': {
      const message = `the drive ${quoted(names[placement.by]!, 60)} is in slot ${placement.slot} already`;
      return [{ drive, key: ['slot'], code: 'overlap', message, remedy: 'a drive without `slot` takes the last free one' }];
    }
    case 'no-such-slot':
      // The schema has said so.
      return [];
  }
}

function ownSlot(drive: unknown): number | undefined {
  const { slot } = asMap(drive);
  return typeof slot === 'number' ? slot : undefined;
}
