/** Symbols that look like mangled names: each becomes a name of bounded length, in a time that does not grow beyond all bounds. */
import { demangle } from '../../../harness/run/demangle.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { type Kind, must } from '../kind.ts';
import { anyWord, bytesOf, changedOften, changedText, textOf } from '../mutate.ts';

const LONGEST = 4096;
const REAL = [
  ...['_ZN4core3fmt9Formatter3pad17h0123456789abcdefE', '_ZN4main11write_block17h0123456789abcdefE.llvm.123', '_ZNK3foo3barEv'],
  ...['_RNvC6kernel4main', '_RNvMNtC6kernel3blkINtB2_5QueueKj40_E5write', '_RINvNtC4core3mem8size_ofNtB4_5thingE', '_RNCNvC1a1b0B3_'],
  ...['_RNvXs_C1aNtB4_1SNtB4_1T1f', '_RYNtC1a1SNtB4_1T', '_RINvC1a1fFUKCxyEzE', '_RINvC1a1fDNtB2_1TEL_E', '_RINvC1a1fKb1_Kc61_E'],
];
/** Letters of both grammars. */
const LETTERS = [...'_ZNESRCMXYIBKFDTAOQPLusph0123456789abcxyz$.'];

function symbol(random: Random): string {
  return random.pick([
    () => random.pick(REAL),
    () => `_R${Array.from({ length: random.below(300) }, () => random.pick(LETTERS)).join('')}`,
    () => `_ZN${'3foo'.repeat(random.below(400))}${random.pick(['E', 'Ev', '17h0123456789abcdefE', ''])}`,
    () => `_ZN${String(random.below(10)).repeat(random.below(4000))}`,
    () => `_R${random.pick(['RN', 'INvC1a1f', 'T', 'B_', 'NvB', 'YB_', 'S', 'AB_'])}`.repeat(random.below(800)),
    () => `_ZN${random.pick(['5a$LT$', '3$u7e', '2..', '8_$LT$x..'])}`.repeat(random.below(500)),
    () => anyWord(random).repeat(random.below(50)),
  ])();
}

export const demangled: Kind = {
  describe: 'symbols that look like mangled names',
  bound: { seconds: 2 },
  make: (random) => bytesOf(changedOften(symbol(random), random, changedText)),
  check(input) {
    // As long as a symbol's name is that is kept (harness/run/elf.ts).
    const name = textOf(input.subarray(0, LONGEST));
    const shown = demangle(name);
    must(shown.length <= Math.max(name.length, LONGEST), `${name.length} characters become ${shown.length}`);
  },
};
