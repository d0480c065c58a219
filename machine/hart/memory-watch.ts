/** What a device sees of the hart's accesses to memory that it asks about. */
import type { HartAccess, MemoryWatch } from '../ports.ts';
import { WORK } from '../work-meter.ts';
import type { Hart } from './hart.ts';

/** Watches memory for one device. */
export function watchOf(hart: Hart): MemoryWatch {
  let listener: ((access: HartAccess) => void) | undefined;
  const watch = hart.engine.watchpoints.open(
    ({ by, kind, ranges, address, length, value }) => {
      if (by === 'hart') listener?.({ kind, ranges, address, length, value, pc: hart.state.get('pc') });
    },
    () => hart.work.add(WORK['watched-accesses']),
  );
  return {
    listen(tell) {
      listener = tell;
    },
    add(ranges) {
      hart.work.add(WORK['watch-changes'], ranges.length);
      hart.work.add(WORK['watch-steps'], watch.add(ranges));
    },
    remove(ranges) {
      hart.work.add(WORK['watch-changes'], ranges.length);
      hart.work.add(WORK['watch-steps'], watch.remove(ranges));
    },
  };
}
