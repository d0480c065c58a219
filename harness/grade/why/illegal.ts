/** Why an instruction was illegal, and what to do about it. */
import type { ExceptionEvidence, ExplainedException } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';

/** Registers of M mode that kernels in S mode ask for, and what they have instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  mhartid: "the hart's number is in a0 when the kernel starts: keep it (in tp, say)",
  mstatus: 'use sstatus',
  mie: 'use sie',
  mip: 'use sip',
  mtvec: 'use stvec',
  mepc: 'use sepc',
  mcause: 'use scause',
  mtval: 'use stval',
  mscratch: 'use sscratch',
  medeleg: 'the firmware has delegated exceptions already',
  mideleg: 'the firmware has delegated interrupts already',
  mcounteren: 'the firmware has set it already',
  menvcfg: 'the firmware has set it already',
  misa: 'the extensions are in the device tree (riscv,isa)',
  satp: 'a user program cannot change the page table',
};

const MODES = { M: 'M mode (the firmware)', S: 'S mode (the kernel)', U: 'U mode' } as const;

export function illegal({ mode }: ExceptionEvidence, reason: NonNullable<ExplainedException['illegal']>): string | null {
  const inMode = `the hart was in ${mode} mode`;
  switch (reason.kind) {
    case 'zeroes':
      return (
        'there are zeroes, which are no instruction: the hart came to where no code is, or into the middle of an instruction (does a trap ' +
        'handler add 4 to sepc after a compressed instruction, which has 2 bytes?), or the code there was cleared'
      );
    case 'unimp':
      return 'that is unimp: compilers put it where they think that nothing comes to (after a function that does not return, behind unreachable(), for undefined behaviour)';
    case 'float-off':
      return (
        'floating point is off: FS (bits 13 and 14 of sstatus) is 0. A kernel that does not compute with it is compiled without ' +
        '(-march=rv64imac -mabi=lp64; for Rust the target riscv64imac-unknown-none-elf); else set FS before the first such instruction'
      );
    case 'csr':
      return csr(reason, inMode);
    case 'privileged':
      return reason.isTrapped
        ? `${printable(reason.instruction)} is trapped by a bit of mstatus (TVM, TW or TSR), which the software in M mode has set`
        : `${printable(reason.instruction)} belongs to ${reason.instruction === 'mret' ? MODES.M : MODES.S}, and ${inMode}${
            reason.instruction === 'mret' && mode === 'S' ? ': a kernel in S mode returns by sret' : ''
          }`;
    case 'unknown':
      return reason.extension === null
        ? null
        : `that is an instruction of the extension ${printable(reason.extension)}, which this cpu does not have or has off: compile without it (-march)`;
  }
}

function csr({ csr: name, reason, needs }: Extract<NonNullable<ExplainedException['illegal']>, { kind: 'csr' }>, inMode: string): string {
  const shown = printable(name);
  const instead = INSTEAD[name] ?? (/^pmp/.test(name) ? 'the firmware has set up physical memory protection already' : null);
  switch (reason) {
    case 'privilege':
      return `the register ${shown} belongs to ${MODES[needs]}, and ${inMode}${instead === null ? '' : `: ${instead}`}`;
    case 'unknown':
      return `this cpu has no register ${shown}`;
    case 'read-only':
      return `the register ${shown} cannot be written`;
    case 'disabled':
      return name === 'stimecmp'
        ? 'the register stimecmp is not enabled: use the SBI call set_timer'
        : `the register ${shown} is not enabled for this mode (mcounteren, scounteren or mstatus decide)`;
  }
}
