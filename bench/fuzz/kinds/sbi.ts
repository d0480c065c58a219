/** SBI calls with any extension, function and arguments. */
import type { Random } from '../../../machine/testkit/random.ts';
import { mustBeGraded } from '../grading.ts';
import { anyAddress, anyNumber } from '../guest/numbers.ts';
import { anyEnd, Script } from '../guest/player.ts';
import type { Kind } from '../kind.ts';

/** A name of four letters as a number, the first letter the highest byte (SBI 2.0, chapter 3). */
const named = (name: string): bigint => [...name].reduce((id, letter) => (id << 8n) | BigInt(letter.charCodeAt(0)), 0n);
const NAMED = ['TIME', 'sPI', 'RFNC', 'HSM', 'SRST', 'PMU', 'DBCN', 'SUSP', 'CPPC', 'NACL', 'STA', 'FWFT'].map(named);
/** BASE, and the legacy ones. */
const EXTENSIONS = [...NAMED, 0x10n, 0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
const SHUTDOWN: readonly bigint[] = [named('SRST'), 8n];

function extension(random: Random): bigint {
  const picked = random.below(40) ? random.pick(EXTENSIONS) : random.bits64();
  // Otherwise hardly a kernel would get beyond its tenth call.
  return SHUTDOWN.includes(picked) && random.below(30) ? 0x10n : picked;
}

export const sbi: Kind = {
  describe: 'SBI calls with any extension, function and arguments',
  make(random) {
    const script = new Script();
    const count = random.between(1, 80);
    for (let n = 0; n < count; n++) {
      if (random.below(6) === 0) script.do('write sie', random.pick([0x22n, 0x222n, -1n])).do('set sstatus', 2n);
      const argument = (): bigint => (random.below(2) ? anyNumber(random) : anyAddress(random));
      const a6 = random.below(20) ? BigInt(random.below(12)) : random.bits64();
      script.call([...Array.from({ length: 6 }, argument), a6, extension(random)]);
    }
    return script.kernel(anyEnd(random));
  },
  check: (input, scratch) => mustBeGraded(input, scratch),
};
