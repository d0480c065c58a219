/** Debug information, symbols and their names that are changed anywhere: what they explain ends, is bounded, and throws nothing. */
import { KernelCode } from '../../../harness/explain/code.ts';
import { kernelFile } from '../../../harness/explain/kernel-file.ts';
import { readElf } from '../../../harness/run/elf.ts';
import { mustBeGraded } from '../grading.ts';
import { type Kind, must } from '../kind.ts';
import { Lots } from '../lots.ts';
import { changeBytes } from '../mutate.ts';
import { type SampleName, SMALL_SAMPLES, sample } from '../samples.ts';

/** Characters of one call stack. */
const LONGEST_STACK = 200_000;
const STACK_BYTES = 16_384;
const ENOUGH_TIME = '20ms';

interface Part {
  readonly from: number;
  readonly length: number;
}

const parts = new Map<SampleName, readonly Part[]>();

/** Where debug information, symbols and names lie in the file. */
function debugParts(name: SampleName): readonly Part[] {
  const known = parts.get(name);
  if (known !== undefined) return known;
  const kernel = sample(name);
  const sections = [...readElf(kernel).sections.values()].filter(({ bytes }) => bytes.length > 0);
  const debug = sections.filter((section) => /^\.(debug_|symtab|strtab|eh_frame)/.test(section.name));
  const found = debug.map(({ bytes }) => ({ from: bytes.byteOffset - kernel.byteOffset, length: bytes.length }));
  parts.set(name, found);
  return found;
}

/** A call stack from some places of the code, with return addresses into it. */
function mustBeExplained(kernel: Uint8Array): void {
  const code = new KernelCode(kernelFile(kernel));
  const { code: ranges } = readElf(kernel);
  const low = ranges[0]?.low ?? 0n;
  for (const pc of [low, low + 0x100n, low + 0x7fan]) {
    const stack = new Uint8Array(STACK_BYTES);
    const view = new DataView(stack.buffer);
    for (let at = 0; at < STACK_BYTES; at += 8) view.setBigUint64(at, at % 16 === 0 ? 0x8080_8080n : pc + BigInt(at), true);
    const registers = Array.from({ length: 32 }, (_, n) => pc + BigInt(8 * n));
    const text = JSON.stringify(code.stack({ pc, registers, stack }));
    must(text.length <= LONGEST_STACK, `a call stack has ${text.length} characters`);
    must(JSON.stringify(code.variableAt(pc)).length <= LONGEST_STACK, 'the name of a variable is too long');
  }
}

export const dwarf: Kind = {
  describe: 'debug information and symbols of sample kernels, changed anywhere',
  make(random) {
    const name: SampleName = random.below(16) ? random.pick(SMALL_SAMPLES) : 'ostd-writable-data';
    const kernel = Uint8Array.from(sample(name));
    const changes = random.between(1, 40);
    // Most in one section: changes all over seldom get far.
    const favourite: Part = random.pick(debugParts(name));
    for (let change = 0; change < changes; change++) {
      const { from, length } = random.below(4) ? favourite : random.pick(debugParts(name));
      changeBytes(kernel, random, from, length);
    }
    return kernel;
  },
  async check(input, scratch) {
    mustBeExplained(input);
    // What runs is as it was; the small ones come to their end soon.
    if (input.length < 100_000 && new Lots(input).oneIn(8)) await mustBeGraded(input, scratch, ENOUGH_TIME);
  },
};
