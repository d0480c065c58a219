/** Svinval. Reference: Privileged Architecture, "Svinval". */
import { expect, it } from 'vitest';
import { EXCEPTION, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const { user, supervisor, machine } = PRIVILEGE;

/** The cause of the trap, or undefined. */
function attempt(line: string, privilege: number, status = 0n): number | undefined {
  const p = new Program(`${line}\n end: j end`);
  p.hart.state.set('mstatus', p.csr('mstatus') | status);
  p.hart.state.setSmall('privilege', privilege);
  p.hart.core.refresh();
  p.run(1);
  return p.trap?.cause;
}

it.each(['sinval.vma zero, zero', 'sfence.w.inval', 'sfence.inval.ir'])('%s is S mode’s', (line) => {
  expect([attempt(line, machine), attempt(line, supervisor)]).toEqual([undefined, undefined]);
  expect(attempt(line, user)).toBe(EXCEPTION.illegalInstruction);
});

it('TVM traps SINVAL.VMA in S mode, and not the fences', () => {
  expect(attempt('sinval.vma zero, zero', supervisor, STATUS.TVM)).toBe(EXCEPTION.illegalInstruction);
  expect(attempt('sfence.w.inval', supervisor, STATUS.TVM)).toBeUndefined();
  expect(attempt('sfence.inval.ir', supervisor, STATUS.TVM)).toBeUndefined();
});

it('a changed entry is seen after the three', () => {
  const [first, second] = [0x8000_2000n, 0x8000_3000n];
  const p = new Program(`
    ld a0, 0(a1)
    sd a2, 0(a3)
    sfence.w.inval
    sinval.vma a1, zero
    sfence.inval.ir
    ld a4, 0(a1)
    end: j end
    .org ${first}
    .dword 11
    .org ${second}
    .dword 22`);
  const table = new PageTable(p, 3, 0x8004_0000n);
  table.map(0x4000_0000n, 0x8000_0000n);
  table.map(0x4000_5000n, first);
  table.map(0x4000_6000n, 0x8004_0000n);
  const entry = table.entry(0x4000_5000n);
  table.map(0x4000_6000n, entry & ~4095n);
  p.setX('a1', 0x4000_5000n);
  p.setX('a2', ((second >> 12n) << 10n) | 0xcfn);
  p.setX('a3', 0x4000_6000n + (entry & 4095n));
  table.enter(0x4000_0000n);
  p.run(6);
  expect([p.trap, p.x('a0'), p.x('a4')]).toEqual([undefined, 11n, 22n]);
});
