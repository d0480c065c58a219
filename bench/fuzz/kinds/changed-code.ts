/** Sample kernels with a byte or an instruction of their code changed: roughly what students' mistakes look like. */
import { readElf } from '../../../harness/run/elf.ts';
import { INSTRUCTIONS } from '../../../machine/isa/index.ts';
import { encode } from '../../../machine/testkit/assembler.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { randomOperands } from '../../../machine/testkit/random-operands.ts';
import { mustBeGraded } from '../grading.ts';
import type { Kind } from '../kind.ts';
import { changeBytes, putNumber } from '../mutate.ts';
import { SMALL_SAMPLES, sample } from '../samples.ts';

const ENOUGH_TIME = '3ms';

function change(kernel: Uint8Array, from: number, length: number, random: Random): void {
  const at = from + 2 * random.below(length / 2);
  switch (random.below(4)) {
    case 0:
      kernel[at]! ^= 1 << random.below(8);
      return;
    case 1: {
      const instruction = random.pick(INSTRUCTIONS);
      return putNumber(kernel, at, BigInt(encode(instruction, randomOperands(instruction.format, random))), 4);
    }
    case 2: {
      // Another instruction of the same code.
      const other = from + 2 * random.below(length / 2);
      kernel.copyWithin(at, other, other + random.pick([2, 4]));
      return;
    }
    default:
      return changeBytes(kernel, random, from, length);
  }
}

export const changedCode: Kind = {
  describe: 'sample kernels with a byte or an instruction of their code changed',
  make(random) {
    const original = sample(random.pick(SMALL_SAMPLES));
    const kernel = Uint8Array.from(original);
    const text = readElf(original).sections.get('.text')!;
    const from = text.bytes.byteOffset - original.byteOffset;
    for (let count = random.pick([1, 1, 1, 2, 3, 8]); count > 0; count--) change(kernel, from, text.bytes.length, random);
    return kernel;
  },
  check: (input, scratch) => mustBeGraded(input, scratch, ENOUGH_TIME),
};
