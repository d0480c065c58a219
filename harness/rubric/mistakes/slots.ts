import { type Placement, placeInSlots, VIRTIO_SLOTS } from '../../../machine/spec/virt-board.ts';
import { quoted } from '../../evidence/printable.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { RNG_NAME } from '../../vocabulary/scenario.ts';
import { asMap, type Loose } from '../loose.ts';
import { writableUnits } from './checks.ts';
import { writtenAt } from './written-at.ts';

/** `scenarios`: as extends.ts merges them. */
export function slotMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const [scenario, machine] of scenarios) {
    for (const { key, ...mistake } of [...misplaced(devicesOf(machine)), ...flashNamesakes(machine)]) {
      const path = writtenAt(rubric, scenario, key);
      found.set(path.join('/'), { path, ...mistake });
    }
  }
  return [...found.values()];
}

type Misplaced = Pick<Mistake, 'code' | 'message' | 'remedy'> & { key: string[] };

/** A device that is to go into a slot: its key in the rubric, what people call it, and the slot that it asks for. */
interface Plugged {
  readonly key: string[];
  readonly called: string;
  readonly slot: number | undefined;
}

/** In the order in which the machine places them. */
function devicesOf({ drives, rng, network }: Loose): Plugged[] {
  const ofDrives = Object.entries(asMap(drives)).map(([name, drive]) => ({
    key: ['drives', name],
    called: `the drive ${quoted(name, 60)}`,
    slot: ownSlot(drive),
  }));
  return [
    ...ofDrives,
    ...(rng === undefined ? [] : [{ key: ['rng'], called: 'the entropy device', slot: ownSlot(rng) }]),
    ...(network === undefined ? [] : [{ key: ['network'], called: 'the network device', slot: ownSlot(network) }]),
  ];
}

function misplaced(devices: readonly Plugged[]): Misplaced[] {
  const placements = placeInSlots(devices.map(({ slot }) => slot));
  const problems = placements.flatMap((placement, index) => ('problem' in placement ? problemOf(placement, devices[index]!, devices) : []));
  const hasRng = devices.some(({ key }) => key[0] === 'rng');
  const namesake = devices.find(({ key }) => key[0] === 'drives' && key[1] === RNG_NAME);
  if (!hasRng || namesake === undefined) return problems;
  const message = `"${RNG_NAME}" is what evidence calls the entropy device`;
  return [...problems, { key: namesake.key, code: 'overlap', message, remedy: 'give the drive another name' }];
}

function flashNamesakes(machine: Loose): Misplaced[] {
  return writableUnits(machine)
    .filter((name) => Object.hasOwn(asMap(machine['drives']), name))
    .map((name) => {
      const message = `"${name}" is what evidence calls the unit of flash memory`;
      return { key: ['drives', name], code: 'overlap', message, remedy: 'give the drive another name' };
    });
}

function problemOf(placement: Extract<Placement, { problem: string }>, { key }: Plugged, devices: readonly Plugged[]): Misplaced[] {
  switch (placement.problem) {
    case 'full':
      return [{ key, code: 'out-of-range', message: `the machine has ${VIRTIO_SLOTS} slots for drives` }];
    case 'taken': {
      const message = `${devices[placement.by]!.called} is in slot ${placement.slot} already`;
      return [{ key: [...key, 'slot'], code: 'overlap', message, remedy: 'a drive without `slot` takes the last free one' }];
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
