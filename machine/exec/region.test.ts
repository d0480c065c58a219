/** Which code is translated together, and which of its loops get code of their own. */
import { describe, expect, it } from 'vitest';
import { createDecoder } from '../isa/decoder.ts';
import { EXTENSIONS } from '../isa/instruction.ts';
import { assemble } from '../testkit/assembler.ts';
import { innermostLoops } from './innermost-loops.ts';
import { type CodePage, regionAround } from './region.ts';

const decode = createDecoder(new Set(EXTENSIONS));

/** The whole code of a program of 4-byte instructions. CSR instructions are left to the interpreter. */
function pageOf(source: string): CodePage & { offset(label: string): number } {
  const { bytes, symbols } = assemble(source);
  const view = new DataView(Uint8Array.from(bytes).buffer);
  const decoded = (offset: number) => {
    const found = offset >= 0 && offset + 4 <= view.byteLength ? decode(view.getUint32(offset, true)) : undefined;
    return found && { ...found, offset };
  };
  const at: CodePage['at'] = (offset) => {
    const i = decoded(offset);
    return i?.instruction.extension === 'zicsr' ? undefined : i;
  };
  return {
    at,
    before: (offset) => at(offset - 4),
    behind: (offset) => (decoded(offset) ? offset + 4 : undefined),
    offset: (label) => Number(symbols.get(label)! - 0x8000_0000n),
  };
}

const blocksAround = (source: string, label: string) => {
  const page = pageOf(source);
  const region = regionAround(page, page.offset(label));
  return region?.blocks.map(({ instructions }) => instructions.map(({ offset }) => offset));
};

describe('a region', () => {
  it('is cut at branches and where they lead', () => {
    expect(blocksAround('start: nop\nloop: nop\nbeqz a0, end\nnop\nj loop\nend: j end', 'loop')).toEqual([[0], [4, 8], [12, 16], [20]]);
  });

  it('begins with the straight code before the sample, and goes on behind a call', () => {
    expect(blocksAround('ret\nf: nop\nnop\nhere: nop\njalr ra, 0(a0)\nnop\nret\nother: ret', 'here')).toEqual([
      [4, 8],
      [12, 16],
      [20, 24],
    ]);
  });

  it('leaves out what the interpreter does, and goes on behind it', () => {
    expect(blocksAround('here: nop\ncsrr a0, mscratch\nnop\nj here', 'here')).toEqual([[0], [8, 12]]);
  });

  it('is nothing where nothing can be translated', () => {
    expect(blocksAround('ret\nhere: csrr a0, mscratch\ncsrr a0, mscratch', 'here')).toBeUndefined();
  });

  it('stays within 400 instructions or a little more', () => {
    const blocks = blocksAround(
      `here: ${'nop\n'.repeat(300)}beqz a0, here\n${'nop\n'.repeat(300)}beqz a0, here\n${'nop\n'.repeat(300)}j here`,
      'here',
    );
    expect(blocks!.flat().length).toBeGreaterThan(300);
    expect(blocks!.flat().length).toBeLessThan(700);
  });
});

describe('innermost loops', () => {
  const loopsOf = (source: string) => {
    const page = pageOf(source);
    const { blocks } = regionAround(page, 0)!;
    const start = (n: number) => blocks[n]!.instructions[0]!.offset;
    return [...innermostLoops(blocks)].map(([head, body]) => [start(head), body.map(start)]);
  };

  it('are found by what leads back to their head', () => {
    expect(loopsOf('nop\nloop: beqz a0, even\nnop\neven: addi a0, a0, -1\nbnez a0, loop\nret')).toEqual([[4, [4, 8, 12]]]);
  });

  it('are those without another within', () => {
    expect(loopsOf('outer: nop\ninner: addi a0, a0, -1\nbnez a0, inner\nbnez a1, outer\nret')).toEqual([[4, [4]]]);
  });

  it('are not those that are too long to be written twice', () => {
    expect(loopsOf(`loop: ${'nop\n'.repeat(200)}bnez a0, loop\nret`)).toEqual([]);
  });
});
