/** Zawrs: the hart goes on at once, without its reservation. Reference: Unprivileged ISA, "Zawrs"; QEMU 10 for what becomes of the reservation. */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { Program } from '../testkit/program.ts';

const { user, supervisor, machine } = PRIVILEGE;

function causeOf(line: string, privilege: number, status = 0n): number | undefined {
  const p = new Program(`${line}\n end: j end`);
  p.hart.state.set('mstatus', p.csr('mstatus') | status);
  p.hart.state.setSmall('privilege', privilege);
  p.hart.core.refresh();
  p.run(1);
  return p.trap?.cause;
}

describe.each(['wrs.nto', 'wrs.sto'])('%s', (line) => {
  it('is for every mode', () => {
    expect([machine, supervisor, user].map((mode) => causeOf(line, mode))).toEqual([undefined, undefined, undefined]);
  });

  it('ends the wait and the reservation', () => {
    const p = new Program(`la a1, word\n li a2, 1\n lr.d a0, (a1)\n ${line}\n sc.d a0, a2, (a1)\nend: j end\n .align 3\nword: .dword 0`);
    p.runTo('end');
    expect([p.x('a0'), p.load(p.address('word'), 8)]).toEqual([1n, 0n]);
  });
});

it('TW makes the wait without a bound illegal below M mode', () => {
  const causes = (line: string) => [machine, supervisor, user].map((mode) => causeOf(line, mode, STATUS.TW));
  expect(causes('wrs.nto')).toEqual([undefined, EXCEPTION.illegalInstruction, EXCEPTION.illegalInstruction]);
  expect(causes('wrs.sto')).toEqual([undefined, undefined, undefined]);
});
