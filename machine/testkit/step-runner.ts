/**
 * The guest that plays random steps (random-steps.ts): M-mode code that makes each step's state, enters its code, logs every
 * trap, goes on after the instruction that trapped, and logs the whole state at the end of the step.
 *
 * Traps that are delegated go to a handler in S mode, which logs what it sees and calls M mode. Both handlers are vectored. A
 * step's code never changes mtvec, stvec, medeleg, t0…t6, s7…s11, and sets satp only to the tables that were made for it.
 *
 * Where the code goes on after a trap: after the instruction if that is part of the code (in U mode with translation at its alias); else at
 * s8, which the code sets before it jumps away.
 */
import { ACLINT, RAM_BASE, TEST_FINISHER } from '../spec/virt-board.ts';
import { ARGUMENTS } from './random-privileged-code.ts';

export const PAGE = 4096;

/** Physical memory. Memory protection covers parts of data and targets (pages to jump to), and nothing after them. */
export const STEP_AREAS = {
  data: 0x8001_0000,
  dataPages: 16,
  targets: 0x8002_0000,
  targetPages: 4,
  tables: 0x8010_0000,
  runner: 0x8020_0000,
  /** The runner's result at the end: how many instructions of steps retired. */
  result: 0x8030_0000,
  megapage: 0x8040_0000,
  code: 0x8060_0000,
  records: 0x80c0_0000,
  log: 0x8180_0000,
} as const;
/** RAM of the machine, in bytes. */
export const STEP_RAM = 64 << 20;

/** The instruction that ends a step. It is illegal: its opcode is reserved for custom use. */
export const END = 0x0b;
/** A step ends at the end of its code, or with this trap. */
const MOST_TRAPS = 32;

/** The CSRs that are set at the beginning of a step, in the order of its record. */
export const SET = [
  ...['satp', 'medeleg', 'mideleg', 'menvcfg', 'senvcfg', 'mcounteren', 'scounteren', 'pmpcfg0'],
  ...['pmpaddr0', 'pmpaddr1', 'pmpaddr2', 'pmpaddr3', 'mip', 'mie'],
] as const;
export const RECORD = ['address', 'mstatus', 'msip', 'mtimecmp', ...SET, ...ARGUMENTS] as const;

/** The record of a trap. `step` counts down to 0. If S mode's handler was not entered, its fields are zero. mstatus is as the trap left it. */
const S_FIELDS = ['scause', 'sepc', 'stval', 'sstatus'];
const M_FIELDS = ['mcause', 'mepc', 'mtval'];
const VALUES = ['a2', 'a3', 'a4'];
export const TRAP_FIELDS: readonly string[] = ['step', 'stvec entry', ...S_FIELDS, 'mtvec entry', 'mstatus', ...M_FIELDS, ...VALUES];

/** The record of a step's end. `step` is inverted, so it is negative. */
const STATE_CSRS = [...SET, 'mstatus', 'mscratch', 'sscratch', 'scause', 'fcsr'];
const FLOATS = ['fa0', 'fa1', 'fa2', 'fa3'];
export const STATE_FIELDS: readonly string[] = ['step', ...ARGUMENTS, ...STATE_CSRS, ...FLOATS];

/** The device tree lies in RAM's last megabytes. */
export const LOG_BYTES = STEP_RAM - (4 << 20) - (STEP_AREAS.log - RAM_BASE);
/** The most steps whose log fits into memory, however often they trap. */
export const MOST_STEPS = Math.floor((LOG_BYTES / 8 - 1) / (MOST_TRAPS * TRAP_FIELDS.length + STATE_FIELDS.length));

const at = (fields: readonly string[], name: string): string => `${8 * fields.indexOf(name)}(s11)`;
const of = (name: string): string => `${8 * (RECORD as readonly string[]).indexOf(name)}(s10)`;
const saveTrapCsrs = (names: readonly string[]): string =>
  names.map((name) => `csrr t5, ${name}\nsd t5, ${at(TRAP_FIELDS, name)}`).join('\n');
/** One jump for each cause; the link register tells which. */
const vectors = (link: string, to: string): string => new Array(16).fill(`jal ${link}, ${to}`).join('\n');
/** How many instructions S mode's handler retires, since they do not count as the step's. */
const S_HANDLER = 2 + 2 * S_FIELDS.length;

export const runnerSource = (steps: number, codeBytes: number, uAlias: bigint): string => `
  li t1, -1
  csrw 0x14d, t1                   # stimecmp
  csrw pmpaddr8, t1
  li t0, 0x1f
  csrw pmpcfg2, t0
  la t0, machineTrap+1
  csrw mtvec, t0
  la t0, supervisorTrap+1
  csrw stvec, t0
  li s10, ${STEP_AREAS.records}
  li s11, ${STEP_AREAS.log}
  li s9, ${steps}
  li s6, 0                         # instructions of steps
next:
  beqz s9, finish
  addi s9, s9, -1
  li s7, ${MOST_TRAPS}
  li s8, 0
  li t0, ${ACLINT.base}
  ld t1, ${of('msip')}
  sw t1, 0(t0)
  ld t1, ${of('mtimecmp')}
  li t0, ${ACLINT.base + 0x4000}
  sd t1, 0(t0)
  li t0, 0x6000                    # so that fcsr can be written
  csrw mstatus, t0
  ${['fcsr', 'mscratch', 'sscratch', 'scause', 'sepc', 'stval', 'mtval', 'mcause'].map((name) => `csrw ${name}, zero`).join('\n')}
  ${FLOATS.map((name, i) => `ld t0, ${of(ARGUMENTS[2 + i]!)}\nfmv.d.x ${name}, t0`).join('\n')}
  ${SET.map((name) => `ld t0, ${of(name)}\ncsrw ${name}, t0`).join('\n')}
  ld t0, ${of('address')}
  csrw mepc, t0
  sfence.vma
  ${ARGUMENTS.map((name) => `ld ${name}, ${of(name)}`).join('\n')}
  ld t0, ${of('mstatus')}
  addi s10, s10, ${8 * RECORD.length}
enter:
  csrr s5, minstret
  csrw mstatus, t0                 # after the last load: it may set MPRV
  mret

  .align 6
machineTrap:
  ${vectors('t6', 'machineEntry')}
machineEntry:
  csrr t4, minstret
  csrr t0, mstatus
  li t5, 0x26000                   # MPRV off, or the log would be translated; F on
  csrc mstatus, t5
  li t5, 0x6000
  csrs mstatus, t5
  sub t4, t4, s5
  addi t4, t4, -4                  # csrr, csrw, mret, jal
  add s6, s6, t4
  sd s9, ${at(TRAP_FIELDS, 'step')}
  sd t6, ${at(TRAP_FIELDS, 'mtvec entry')}
  sd t0, ${at(TRAP_FIELDS, 'mstatus')}
  ${saveTrapCsrs(M_FIELDS)}
  ${VALUES.map((name) => `sd ${name}, ${at(TRAP_FIELDS, name)}`).join('\n')}
  addi s11, s11, ${8 * TRAP_FIELDS.length}
  csrw mtval, zero                 # or code would read where QEMU's is known to differ
  csrw stval, zero
  csrr t1, mcause                  # t1 cause, t2 pc, t3 mode, of the trap that ended the code
  csrr t2, mepc
  srli t3, t0, 11
  andi t3, t3, 3
  la t4, calling
  bne t2, t4, direct
  addi s6, s6, -${S_HANDLER}
  csrr t1, scause
  csrr t2, sepc
  srli t3, t0, 8
  andi t3, t3, 1
direct:
  addi s7, s7, -1
  beqz s7, done
  blt t1, zero, interrupted
  li t6, ${uAlias}
  li t4, ${STEP_AREAS.code}
  li t5, ${codeBytes}
  sub t4, t2, t4
  bltu t4, t5, inCode
  sub t2, t2, t6
  sub t4, t4, t6
  bltu t4, t5, inCode
  beqz s8, done
  mv t2, s8                        # away: code goes on where it said
  li t4, ${STEP_AREAS.code}
  sub t4, t2, t4
  bltu t4, t5, placed
  sub t2, t2, t6
  j placed
inCode:
  li t4, 1                         # fetch faults: there, at the right alias
  beq t1, t4, placed
  li t4, 12
  beq t1, t4, placed
  lw t4, 0(t2)
  li t5, ${END}
  beq t4, t5, done
  andi t4, t4, 3
  addi t2, t2, 2
  li t5, 3
  bne t4, t5, placed
  addi t2, t2, 2
placed:
  bnez t3, resume
  csrr t4, satp
  beqz t4, resume
  add t2, t2, t6
  j resume
interrupted:
  csrw mie, zero
resume:
  csrw mepc, t2
  li t4, 0x1800
  or t0, t0, t4
  xor t0, t0, t4
  slli t3, t3, 11
  or t0, t0, t3
  sfence.vma
  j enter

done:
  not t5, s9
  sd t5, ${at(STATE_FIELDS, 'step')}
  ${ARGUMENTS.map((name) => `sd ${name}, ${at(STATE_FIELDS, name)}`).join('\n')}
  ${STATE_CSRS.map((name) => `csrr t5, ${name}\nsd t5, ${at(STATE_FIELDS, name)}`).join('\n')}
  ${FLOATS.map((name) => `fsd ${name}, ${at(STATE_FIELDS, name)}`).join('\n')}
  addi s11, s11, ${8 * STATE_FIELDS.length}
  j next

  .align 6
supervisorTrap:
  ${vectors('t5', 'supervisorEntry')}
supervisorEntry:
  sd t5, ${at(TRAP_FIELDS, 'stvec entry')}
  ${saveTrapCsrs(S_FIELDS)}
calling:
  ecall

finish:
  csrw satp, zero
  li t0, ${STEP_AREAS.result}
  sd s6, 0(t0)
  li t0, ${TEST_FINISHER.base}
  li t1, 0x5555
  sw t1, 0(t0)
forever:
  j forever
`;
