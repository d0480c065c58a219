/** Counters: what they count, who may read them, and what stops them. Reference: Privileged Architecture, "Hardware Performance Monitor". */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, PRIVILEGE } from '../spec/riscv.ts';
import { Program } from '../testkit/program.ts';

const { user, supervisor, machine } = PRIVILEGE;

function run(lines: string): Program {
  const p = new Program(`${lines}\n end: j end`);
  return p.runTo('end');
}

describe('instret and cycle', () => {
  it('count an instruction after it', () => {
    const p = run('nop\n nop\n csrr a0, instret\n csrr a1, cycle\n nop\n csrr a2, cycle');
    expect([p.x('a0'), p.x('a2') - p.x('a1')]).toEqual([2n, 2n]);
  });

  it('go on from what was written, not counting the write', () => {
    const p = run('li t0, 100\n csrw minstret, t0\n csrr a0, minstret\n nop\n csrr a1, minstret');
    expect([p.x('a0'), p.x('a1')]).toEqual([100n, 102n]);
  });

  it('wrap around', () => {
    const p = run('li t0, -1\n csrw minstret, t0\n nop\n csrr a0, minstret');
    expect(p.x('a0')).toBe(0n);
  });
});

describe('time', () => {
  it.each([
    [98, 0n],
    [99, 1n],
    [198, 1n],
    [199, 2n],
  ])('ticks with every hundredth instruction: behind %i others it is %i', (others, ticks) => {
    const p = new Program(`${'nop\n'.repeat(others)}csrr a0, time`);
    p.run(others + 1);
    expect(p.x('a0')).toBe(ticks);
  });

  it('is ahead by what was written to mtime, and so is the timer', () => {
    const p = new Program('csrr a0, time\n csrr a1, mip');
    p.hart.state.set('menvcfg', 1n << 63n);
    p.hart.state.set('stimecmp', 5_000n);
    p.hart.timerChanged();
    p.hart.setTimeOffset(0x10_0000_2000n);
    p.run(2);
    expect([p.x('a0'), p.x('a1') & 0x20n]).toEqual([0x10_0000_2000n, 0x20n]);
  });
});

describe('mcountinhibit', () => {
  it('stops what its bits say, and keeps the value', () => {
    const p = run(`
      csrwi mcountinhibit, 4
      csrr a0, minstret
      csrr a1, mcycle
      nop
      csrr a2, minstret
      csrr a3, mcycle
      csrwi mcountinhibit, 1
      csrr a4, minstret
      csrr a5, mcycle
      nop
      csrr a6, minstret
      csrr a7, mcycle`);
    expect(p.x('a2')).toBe(p.x('a0'));
    expect(p.x('a3') - p.x('a1')).toBe(3n);
    expect([p.x('a4') - p.x('a0'), p.x('a6') - p.x('a4')]).toEqual([0n, 3n]);
    expect(p.x('a7')).toBe(p.x('a5'));
  });

  it('lets a stopped counter be written', () => {
    const p = run('csrwi mcountinhibit, 5\n csrwi minstret, 9\n nop\n csrr a0, minstret\n csrwi mcountinhibit, 0\n csrr a1, minstret');
    expect([p.x('a0'), p.x('a1')]).toEqual([9n, 9n]);
  });

  it('has no bit for time', () => {
    expect(run('li t0, -1\n csrw mcountinhibit, t0\n csrr a0, mcountinhibit').x('a0')).toBe(0x7fffdn);
  });
});

describe('who may read', () => {
  const readable = (csr: string, privilege: number, m: bigint, s: bigint): boolean => {
    const p = new Program(`csrr a0, ${csr}`);
    p.hart.state.set('mcounteren', m);
    p.hart.state.set('scounteren', s);
    p.hart.state.setSmall('privilege', privilege);
    p.hart.core.refresh();
    p.run(1);
    if (p.trap) expect(p.trap.cause).toBe(EXCEPTION.illegalInstruction);
    return p.trap === undefined;
  };

  it.each([
    ['cycle', 0n],
    ['time', 1n],
    ['instret', 2n],
    ['hpmcounter3', 3n],
    ['hpmcounter18', 18n],
  ])('%s: S mode by mcounteren, U mode by both', (csr, bit) => {
    const [on, others] = [1n << bit, 0x7ffffn & ~(1n << bit)];
    expect(readable(csr, machine, 0n, 0n)).toBe(true);
    expect([readable(csr, supervisor, on, 0n), readable(csr, supervisor, others, on)]).toEqual([true, false]);
    expect([readable(csr, user, on, on), readable(csr, user, others, on), readable(csr, user, on, others)]).toEqual([true, false, false]);
  });

  it('Zihpm has sixteen counters, which stay 0', () => {
    expect(run('csrwi mhpmcounter3, 5\n csrr a0, mhpmcounter3').x('a0')).toBe(0n);
    expect([readable('hpmcounter18', machine, 0n, 0n), readable('0xc13', machine, 0n, 0n)]).toEqual([true, false]);
  });
});
