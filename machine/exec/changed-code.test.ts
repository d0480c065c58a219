/** Code that was translated and changes afterwards: by itself, by a device, by the page walk. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Ram } from '../guest-memory.ts';
import { PTE } from '../spec/riscv.ts';
import { assemble } from '../testkit/assembler.ts';
import { compare, compareTo, DATA, every, translateSoon, visible } from '../testkit/both-engines.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

beforeAll(translateSoon);

describe('code that was translated and changes', () => {
  const addi = (n: number) => BigInt(assemble(`addi a0, a0, ${n}`).bytes.reduceRight((bits, byte) => bits * 256 + byte, 0));

  it('is seen by the very next instruction, when it changes itself', () => {
    const { translated } = compare(
      `
      la a1, patch
      li a2, ${addi(100)}
      li a3, 3000
again: addi a3, a3, -1
      bnez a3, patch
      sw a2, 0(a1)
patch: addi a0, a0, 1
      bge a3, zero, again
end:  j end`,
      [20_000],
    );
    expect(translated.x('a0')).toBe(2999n + 200n);
  });

  it('is seen when a device writes over it', () => {
    const source = 'again: addi a0, a0, 1\n addi a1, a1, 1\n j again';
    const { translated, interpreted } = compare(source, [5_000]);
    for (const p of [translated, interpreted]) {
      new Ram(p.hart.state, p.hart.core).write(0x8000_0000n, Uint8Array.from(assemble('addi a0, a0, 7').bytes));
      p.run(3_000);
    }
    expect(visible(translated)).toEqual(visible(interpreted));
  });

  it('is seen when the page walk sets a bit of it', () => {
    // The instruction before the zero is also the page table entry of 0x10100000, and the D bit the lowest of its rd.
    const source = `
      .org 0x80001000
again: add a5, a5, ra
      addi a0, a0, 1
      bltu a0, a3, instruction
      sd a0, 0(a4)
      j instruction
      .org 0x80001800
instruction: jalr zero, 512(t1)
      .word 0`;
    const prepare = (p: Program) => {
      const table = new PageTable(p, 3, 0x8004_0000n);
      table.map(0x8000_1000n, 0x8000_1000n);
      p.store(table.entry(0x1010_0000n, 1), 8, (0x8000_1000n >> 2n) | PTE.V);
      p.setX('t1', p.address('again') - 512n);
      p.setX('a3', 1000n);
      p.setX('a4', 0x1010_0000n);
      table.enter(p.address('again'));
    };
    const { translated } = compare(source, every(997, 9_000), { prepare });
    expect(translated.load(0x800c_0000n, 8)).toBeGreaterThan(1000n);
    expect(translated.x('ra')).toBe(translated.address('instruction') + 4n);
  });

  it('is not translated again and again', () => {
    const source = `
      la a1, patch
      li a2, ${addi(1)}
again: li a3, 150
inner: addi a3, a3, -1
patch: addi a0, a0, 1
      bnez a3, inner
      sw a2, 0(a1)
      j again`;
    expect(compare(source, [100_000]).translated.hart.engine.translator.functions).toBeLessThan(30);
  });

  it('stays translated when only data of its page are stored to', () => {
    const source = `again: addi a0, a0, 1\n la a1, data\n sd a0, 0(a1)\n j again${DATA}`;
    expect(compare(source, every(1_000, 50_000)).translated.hart.engine.translator.functions).toBeLessThan(4);
  });
});

it('a loop that hangs is proved in translated code as well', () => {
  const p = new Program('li a1, 30000\nwork: addi a1, a1, -1\n bnez a1, work\nloop: addi a0, zero, 1\n j loop');
  expect(p.run(100_000_000)).toBe('hang');
  expect(p.hart.engine.translator.functions).toBeGreaterThan(0);
});

it('random loops come out the same', () => {
  const register = fc.constantFrom('a0', 'a1', 'a2', 'a3', 'a4', 'zero');
  const [r3, r2] = [fc.tuple(register, register, register), fc.tuple(register, register)];
  const float = fc.constantFrom('fa0', 'fa1', 'fa2');
  const [f3, f2] = [fc.tuple(float, float, float), fc.tuple(float, float)];
  const instruction = fc.oneof(
    fc.tuple(fc.constantFrom('add', 'sub', 'mul', 'divu', 'rem', 'sll', 'sraw', 'sltu', 'andn', 'max'), r3).map(([op, r]) => `${op} ${r}`),
    fc.tuple(fc.constantFrom('addi', 'xori', 'sltiu'), r2, fc.integer({ min: -2048, max: 2047 })).map(([op, r, n]) => `${op} ${r}, ${n}`),
    fc
      .tuple(fc.constantFrom('ld', 'lw', 'lbu', 'lh', 'sd', 'sw', 'sb'), register, fc.integer({ min: 0, max: 63 }))
      .map(([op, r, n]) => `${op} ${r}, ${n}(gp)`),
    fc.tuple(fc.constantFrom('beq', 'bne', 'blt', 'bgeu'), r2, fc.integer({ min: 0, max: 9 })).map(([op, r, n]) => `${op} ${r}, L${n}`),
    fc
      .tuple(fc.constantFrom('fadd', 'fsub', 'fmul', 'fdiv', 'fmin'), fc.constantFrom('s', 'd'), f3)
      .map(([op, kind, r]) => `${op}.${kind} ${r}`),
    fc.tuple(fc.constantFrom('fmadd.d', 'fnmsub.d', 'fmsub.s'), f3, fc.constantFrom('fa0', 'fa1')).map(([op, r, c]) => `${op} ${r}, ${c}`),
    fc.tuple(fc.constantFrom('flt.d', 'feq.d', 'fle.s'), register, f2).map(([op, rd, r]) => `${op} ${rd}, ${r}`),
    fc
      .tuple(fc.constantFrom('fcvt.d.l', 'fcvt.s.w', 'fmv.d.x'), fc.constantFrom('fa0', 'fa1', 'fa2'), register)
      .map(([op, rd, r]) => `${op} ${rd}, ${r}`),
    fc.constantFrom(
      'fcvt.w.d a3, fa0, rtz',
      'fcvt.d.s fa1, fa1',
      'fcvt.s.d fa2, fa0',
      'csrc fflags, a0',
      'csrs mstatus, a1',
      'fsd fa0, 24(gp)',
    ),
    fc.constantFrom('call function', 'csrr a4, instret', 'c.addi a0, 1', 'amoxor.d a1, a2, (gp)', 'csrrw a3, mscratch, a0'),
  );
  let functions = 0;
  fc.assert(
    fc.property(fc.array(instruction, { minLength: 12, maxLength: 30 }), fc.integer({ min: 1, max: 97 }), (body, step) => {
      const lines = body.map((line, n) => (n < 10 ? `L${n}: ${line}` : line));
      const source = `la gp, data\nli a0, 12345\nstart: addi a4, a4, 1\n${lines.join('\n')}\n j start\nfunction: addi a2, a2, 5\n ret${DATA}`;
      functions += compareTo(source, [2_000, 2_000 + step, 9_000]).translated.hart.engine.translator.functions;
    }),
    { numRuns: 100 },
  );
  // It may happen that every slice ends at a CSR instruction, so that nothing is translated.
  expect(functions).toBeGreaterThan(100);
});
