/** Zicsr: the six forms, on a register that is plain storage and on one that has rules of its own. For what each CSR holds see
 * hart/csr.test.ts. */
import { describe, expect, it } from 'vitest';
import { EXCEPTION } from '../spec/riscv.ts';
import { evaluate } from '../testkit/evaluate.ts';
import { Program } from '../testkit/program.ts';

/** mscratch is served by generated code, fcsr by the hart. Both hold 0b1010 before. */
describe.each([
  ['mscratch', 0b1010n],
  ['fcsr', 0b1010n],
])('on %s', (csr, before) => {
  it.each([
    ['csrrw', 0b0110n],
    ['csrrs', 0b1110n],
    ['csrrc', 0b1000n],
  ])('%s gives the old value and leaves the new one', (name, after) => {
    for (const [suffix, source] of [
      ['', 'a1'],
      ['i', '6'],
    ] as const) {
      const p = new Program(
        `csrwi ${csr}, ${before}\n li a1, 6\n ${name}${suffix} a0, ${csr}, ${source}\n csrr a2, ${csr}\nend: j end`,
      ).runTo('end');
      expect([p.x('a0'), p.x('a2')]).toEqual([before, after]);
    }
  });

  it('the source may be the destination', () => {
    const p = new Program(`csrwi ${csr}, ${before}\n li a1, 6\n csrrw a1, ${csr}, a1\n csrr a2, ${csr}\nend: j end`).runTo('end');
    expect([p.x('a1'), p.x('a2')]).toEqual([before, 6n]);
  });
});

describe('a read-only register', () => {
  const traps = (line: string): boolean => evaluate([{ line, x: [0n] }])[0]!.trap?.cause === EXCEPTION.illegalInstruction;

  it.each(['csrrs a0, mhartid, zero', 'csrrc a0, mhartid, zero', 'csrrsi a0, mhartid, 0', 'csrrci a0, mhartid, 0'])(
    'is read by %s',
    (line) => {
      expect(traps(line)).toBe(false);
    },
  );

  it.each(['csrrw a0, mhartid, zero', 'csrrs a0, mhartid, a1', 'csrrwi a0, mhartid, 0', 'csrrci a0, mhartid, 1'])(
    'is not written, by %s, even with 0',
    (line) => {
      expect(traps(line)).toBe(true);
    },
  );
});

it.each(['csrr a0, 0x800', 'csrwi 0x7c0, 1', 'csrr a0, 0x600', 'csrr a0, 0xc83'])(
  '%s of a register that does not exist is illegal, and says its bits',
  (line) => {
    const [outcome] = evaluate([{ line }]);
    expect(outcome!.trap?.cause).toBe(EXCEPTION.illegalInstruction);
    expect((outcome!.trap?.tval ?? 0n) & 0x7fn).toBe(0x73n);
  },
);
