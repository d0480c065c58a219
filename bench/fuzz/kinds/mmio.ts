/** Loads and stores of every width in and around every device. */
import { mustBeGraded } from '../grading.ts';
import { anyAddress, anyNumber } from '../guest/numbers.ts';
import { anyEnd, type Operation, Script } from '../guest/player.ts';
import type { Kind } from '../kind.ts';

const ACCESSES: readonly Operation[] = [
  ...([
    'loadByte',
    'loadHalf',
    'loadWord',
    'loadWord',
    'loadDouble',
    'storeByte',
    'storeHalf',
    'storeWord',
    'storeWord',
    'storeDouble',
  ] as const),
  ...(['addWord', 'swapDouble', 'reserve', 'conditional', 'loadFloat', 'storeFloat', 'zeroBlock'] as const),
];
const OTHERS: readonly Operation[] = ['write sie', 'set sstatus', 'clear sip', 'set sip', 'wait', 'write stimecmp', 'fence'];

export const mmio: Kind = {
  describe: 'loads and stores of every width in and around every device',
  make(random) {
    const script = new Script();
    const count = random.between(1, 150);
    for (let n = 0; n < count; n++) {
      if (random.below(12) === 0) script.do(random.pick(OTHERS), anyNumber(random));
      else if (random.below(24) === 0) script.do('repeatWord', anyAddress(random) & ~3n, anyNumber(random), BigInt(random.below(300) + 1));
      else script.do(random.pick(ACCESSES), anyAddress(random), anyNumber(random));
    }
    return script.kernel(anyEnd(random));
  },
  check: (input, scratch) => mustBeGraded(input, scratch),
};
