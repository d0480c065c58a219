/** The privileged instructions: who may use them, and what they leave. Reference: Privileged Architecture, "Machine-Level ISA". */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { Program } from '../testkit/program.ts';

/** Runs one line at a privilege, with bits of mstatus set. */
function at(privilege: number, line: string, status = 0n): Program {
  const p = new Program(`${line}\nend: j end`);
  const { state, core } = p.hart;
  state.set('mstatus', state.get('mstatus') | status);
  state.setSmall('privilege', privilege);
  core.refresh();
  p.run(1);
  return p;
}

const { user, supervisor, machine } = PRIVILEGE;

describe('calls', () => {
  it.each([
    [user, EXCEPTION.ecallFromU],
    [supervisor, EXCEPTION.ecallFromS],
    [machine, EXCEPTION.ecallFromM],
  ])('from privilege %i have cause %i', (privilege, cause) => {
    const p = at(privilege, 'ecall');
    expect(p.trap).toEqual({ cause, interrupt: false, tval: 0n, pc: 0x8000_0000n });
    expect((p.csr('mstatus') & STATUS.MPP) >> 11n).toBe(BigInt(privilege));
    expect(p.hart.state.small('privilege')).toBe(machine);
  });

  it('EBREAK reports its own address', () => {
    expect(at(machine, 'ebreak').trap).toEqual({ cause: EXCEPTION.breakpoint, interrupt: false, tval: 0x8000_0000n, pc: 0x8000_0000n });
    expect(at(machine, 'c.ebreak').trap?.cause).toBe(EXCEPTION.breakpoint);
  });
});

describe('privilege', () => {
  it.each([
    ['mret', user, 0n],
    ['mret', supervisor, 0n],
    ['sret', user, 0n],
    ['sret', supervisor, STATUS.TSR],
    ['wfi', user, 0n],
    ['wfi', supervisor, STATUS.TW],
    ['sfence.vma', user, 0n],
    ['sfence.vma', supervisor, STATUS.TVM],
    ['csrr a0, satp', supervisor, STATUS.TVM],
    ['csrr a0, satp', user, 0n],
    ['csrr a0, sscratch', user, 0n],
    ['csrr a0, mscratch', supervisor, 0n],
    ['csrr a0, mstatus', supervisor, 0n],
    ['csrr a0, cycle', supervisor, 0n],
  ])('%s is illegal at %i with mstatus %i', (line, privilege, status) => {
    const { trap } = at(privilege, line, status);
    expect(trap?.cause).toBe(EXCEPTION.illegalInstruction);
  });

  it.each([
    ['mret', machine, 0n],
    ['sret', supervisor, 0n],
    ['sret', machine, STATUS.TSR],
    ['wfi', supervisor, 0n],
    ['wfi', machine, STATUS.TW],
    ['sfence.vma', supervisor, 0n],
    ['sfence.vma a0, a1', machine, STATUS.TVM],
    ['csrr a0, satp', supervisor, 0n],
    ['csrr a0, satp', machine, STATUS.TVM],
    ['csrr a0, mscratch', machine, 0n],
  ])('%s is legal at %i with mstatus %i', (line, privilege, status) => {
    expect(at(privilege, line, status).trap).toBeUndefined();
  });
});

describe('return', () => {
  const back = (line: string, status: bigint) => {
    const p = new Program(`la t0, target\n csrw mepc, t0\n csrw sepc, t0\nat: ${line}\n nop\ntarget: j target`).runTo('at');
    p.hart.state.set('mstatus', (p.csr('mstatus') & ~(STATUS.MPP | STATUS.SPP)) | status);
    p.hart.core.refresh();
    p.run(1);
    expect(p.pc).toBe(p.address('target'));
    return { privilege: p.hart.state.small('privilege'), status: p.csr('mstatus') };
  };
  const mpp = (privilege: number) => BigInt(privilege) << 11n;

  it.each([user, supervisor, machine])('MRET goes to %i, and leaves U in MPP', (privilege) => {
    const after = back('mret', mpp(privilege) | STATUS.MPIE);
    expect(after.privilege).toBe(privilege);
    expect(after.status & (STATUS.MPP | STATUS.MIE | STATUS.MPIE)).toBe(STATUS.MIE | STATUS.MPIE);
  });

  it('MRET takes MIE from MPIE, and sets MPIE', () => {
    expect(back('mret', mpp(machine) | STATUS.MIE).status & (STATUS.MIE | STATUS.MPIE)).toBe(STATUS.MPIE);
  });

  it('MRET clears MPRV unless it goes to M mode', () => {
    expect(back('mret', mpp(supervisor) | STATUS.MPRV).status & STATUS.MPRV).toBe(0n);
    expect(back('mret', mpp(machine) | STATUS.MPRV).status & STATUS.MPRV).toBe(STATUS.MPRV);
  });

  it('SRET goes to SPP, takes SIE from SPIE, sets SPIE and clears MPRV', () => {
    const toUser = back('sret', STATUS.SPIE | STATUS.MPRV | mpp(machine));
    expect(toUser.privilege).toBe(user);
    expect(toUser.status & (STATUS.SIE | STATUS.SPIE | STATUS.SPP | STATUS.MPRV)).toBe(STATUS.SIE | STATUS.SPIE);
    const toSupervisor = back('sret', STATUS.SPP | STATUS.SIE);
    expect(toSupervisor.privilege).toBe(supervisor);
    expect(toSupervisor.status & (STATUS.SIE | STATUS.SPIE | STATUS.SPP)).toBe(STATUS.SPIE);
  });
});

describe('an illegal instruction', () => {
  it.each([
    ['.word 0xffffffff', 0xffff_ffffn],
    ['.half 0', 0n],
    ['.half 0x8002', 0x8002n],
    ['csrr a0, 0x800', 0x8000_2573n],
  ])('%s is reported with its bits', (line, tval) => {
    expect(at(machine, line).trap).toEqual({ cause: EXCEPTION.illegalInstruction, interrupt: false, tval, pc: 0x8000_0000n });
  });
});
