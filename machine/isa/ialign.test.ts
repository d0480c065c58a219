/**
 * Without compressed instructions IALIGN is 32: a jump to an address that is not a multiple of 4 traps, and has no effect.
 * Reference: Unprivileged ISA, "Control Transfer Instructions"; Privileged Architecture, "Machine Exception Program Counter".
 */
import { describe, expect, it } from 'vitest';
import { EXCEPTION } from '../spec/riscv.ts';
import { Program } from '../testkit/program.ts';
import { EXTENSIONS } from './instruction.ts';

const WITHOUT_C = new Set(EXTENSIONS.filter((extension) => extension !== 'c'));
const START = 0x8000_0000n;

/** After the first instruction. */
function attempt(line: string, extensions: ReadonlySet<(typeof EXTENSIONS)[number]> = WITHOUT_C): Program {
  const p = new Program(line, { extensions });
  p.setX('ra', 7n);
  p.setX('a0', START + 0x100n);
  p.run(1);
  return p;
}

describe('a misaligned target', () => {
  const JUMPS: readonly [line: string, target: bigint][] = [
    ['jal ra, . + 6', START + 6n],
    ['jal zero, . + 6', START + 6n],
    ['jal ra, . - 0x1002', START - 0x1002n],
    ['jalr ra, 2(a0)', START + 0x102n],
    ['jalr ra, 3(a0)', START + 0x102n],
    ['jalr zero, 2(a0)', START + 0x102n],
    ['beq zero, zero, . + 6', START + 6n],
    ['bne a0, zero, . + 2050', START + 2050n],
    ['bltu zero, a0, . - 6', START - 6n],
  ];

  it.each(JUMPS)('of %s traps at the jump, and nothing is linked', (line, target) => {
    const p = attempt(line);
    expect(p.trap).toEqual({ cause: EXCEPTION.instructionMisaligned, interrupt: false, tval: target, pc: START });
    expect(p.x('ra')).toBe(7n);
  });

  it.each(JUMPS)('of %s is fine with compressed instructions', (line, target) => {
    const p = attempt(line, new Set(EXTENSIONS));
    expect(p.pc).toBe(target);
  });

  it('of a branch that is not taken does nothing', () => {
    expect(attempt('bne zero, zero, . + 6').pc).toBe(START + 4n);
  });
});

it.each([
  ['jal ra, . + 8', START + 8n],
  ['jalr ra, 1(a0)', START + 0x100n],
  ['beq zero, zero, . - 4', START - 4n],
])('%s goes on as ever', (line, target) => {
  expect(attempt(line).pc).toBe(target);
});

it('compressed instructions are illegal', () => {
  // C.FLD needs D as well.
  for (const line of ['c.addi a0, 1', 'c.fld fa0, 0(a0)', 'c.mv a1, a0'])
    expect(attempt(line).trap?.cause, line).toBe(EXCEPTION.illegalInstruction);
});

it.each(['mepc', 'sepc'])('the low bits of %s are zero: two without C, one with it', (name) => {
  const line = `li a1, -1\ncsrw ${name}, a1\ncsrr a2, ${name}\nend: j end`;
  expect(new Program(line, { extensions: WITHOUT_C }).runTo('end').x('a2')).toBe(2n ** 64n - 4n);
  expect(new Program(line).runTo('end').x('a2')).toBe(2n ** 64n - 2n);
});
