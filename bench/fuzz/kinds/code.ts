/** Random code in S mode: any instructions, any operands, with trap handlers from none to one that faults itself. */
import { NO_OPERANDS, type Operands } from '../../../machine/isa/formats.ts';
import { INSTRUCTIONS } from '../../../machine/isa/index.ts';
import { assemble, encode } from '../../../machine/testkit/assembler.ts';
import { writeElf } from '../../../machine/testkit/elf-writer.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { randomCode } from '../../../machine/testkit/random-code.ts';
import { randomOperands } from '../../../machine/testkit/random-operands.ts';
import { mustBeGraded } from '../grading.ts';
import { anyAddress, FREE } from '../guest/numbers.ts';
import { KERNEL } from '../guest/player.ts';
import type { Kind } from '../kind.ts';
import { joined } from '../mutate.ts';

const SAVED = Array.from({ length: 31 }, (_, n) => n + 1);

/** How traps are handled. `sp` is what the code has made of it by then. */
const HANDLERS = {
  none: '',
  skipsTwo: 'csrr t5, sepc\n addi t5, t5, 2\n csrw sepc, t5\n sret',
  skipsFour: 'csrr t5, sepc\n addi t5, t5, 4\n csrw sepc, t5\n sret',
  returns: 'sret',
  /** As kernels do it: if there is no stack, saving the registers traps, and again, further down. */
  saves: `addi sp, sp, -256\n ${SAVED.map((n) => `sd x${n}, ${8 * n}(sp)`).join('\n')}
    csrr t5, sepc\n addi t5, t5, 4\n csrw sepc, t5\n ${SAVED.filter((n) => n !== 2)
      .map((n) => `ld x${n}, ${8 * n}(sp)`)
      .join('\n')}\n addi sp, sp, 256\n sret`,
  /** Keeps interrupts on, and so nests. */
  nests:
    'addi sp, sp, -16\n csrsi sstatus, 2\n sd ra, 0(sp)\n csrr t5, sepc\n addi t5, t5, 4\n csrw sepc, t5\n ld ra, 0(sp)\n addi sp, sp, 16\n sret',
  shutsDown: 'li a7, 8\n ecall',
} as const;

type Handler = keyof typeof HANDLERS;

function start(handler: Handler, random: Random): Uint8Array {
  const stack = random.below(4) ? FREE + 0x1_0000n : anyAddress(random);
  const vector = handler === 'none' ? '' : 'la t0, handler\n csrw stvec, t0';
  const interrupts = random.below(3)
    ? ''
    : 'li t0, -1\n csrw sie, t0\n csrsi sstatus, 2\n csrr t0, time\n addi t0, t0, 50\n csrw stimecmp, t0';
  const registers = Array.from({ length: 6 }, (_, n) => `li a${n}, ${BigInt.asIntN(64, anyAddress(random))}`).join('\n');
  return assemble(
    `li tp, ${FREE}\n mv s0, tp\n mv s1, tp\n ${vector}\n ${interrupts}\n ${registers}\n li sp, ${BigInt.asIntN(64, stack)}\n j code
     .align 2\nhandler:\n ${HANDLERS[handler]}\n .align 2\ncode:`,
    KERNEL,
  ).bytes;
}

/** An instruction with operands that it can hold; reserved encodings come from `word`. */
function anyInstruction(random: Random): number {
  const instruction = random.pick(INSTRUCTIONS);
  const operands: Operands = { ...NO_OPERANDS, ...randomOperands(instruction.format, random) };
  // Jumps and branches mostly stay near.
  const near = instruction.format === 'B' || instruction.format === 'J' ? { imm: 2 * random.between(-40, 40) } : {};
  return encode(instruction, { ...operands, ...near });
}

const word = (value: number): Uint8Array => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);

function piece(random: Random): readonly Uint8Array[] {
  switch (random.below(8)) {
    case 0:
      return [word(Number(random.bits64() & 0xffff_ffffn))];
    case 1:
      return [word(random.below(0x10000)).subarray(0, 2)];
    case 2:
    case 3:
      return randomCode(random, random.between(1, 30)).map(({ bits, length }) => word(bits).subarray(0, length));
    default:
      return [word(anyInstruction(random))];
  }
}

export const code: Kind = {
  describe: 'random instructions, with trap handlers from none to one that faults itself',
  make(random) {
    const handler = random.pick(Object.keys(HANDLERS) as Handler[]);
    const parts = [start(handler, random), ...Array.from({ length: random.between(1, 60) }, () => piece(random)).flat()];
    // Round again, to the limit; or into zeroes.
    const bytes = random.below(3) ? joined(...parts) : joined(...parts, word(0x6f));
    return writeElf({ segments: [{ address: KERNEL, bytes, flags: 7, virtualAddress: KERNEL }] });
  },
  check: (input, scratch) => mustBeGraded(input, scratch),
};
