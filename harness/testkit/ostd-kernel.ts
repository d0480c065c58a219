/**
 * A kernel for tests that looks like those of the OSTD course from outside: it does what the test wants at boot, and then, where there are commands, shows
 * `~ # `, reads a line up to \r, and does what the test wants for this command. It runs in S mode on the SBI, and has no processes and no programs.
 *
 * System calls are ECALLs in U mode that do nothing. Programs and kernel share one page table of gigapages (Sv39, RISC-V privileged specification 12.4):
 * the devices, RAM for the kernel, and RAM once more, 1 GiB above, for user mode. Another process is another ASID.
 */
import { COMPARE } from './compare-typed.ts';
import { kernelOf } from './interrupt-kernel.ts';

export type Step =
  | { readonly print: string }
  /** The numbers of the calls, one after the other. */
  | { readonly systemCalls: readonly number[] }
  /** Waits for as many interrupts of the timer, so far apart. */
  | { readonly ticks: number; readonly every: number }
  /** Goes to user mode as often, each time as another process. */
  | { readonly switches: number }
  | 'reads a line'
  | 'prints the line'
  | 'powers off'
  /** Powers off inside of the function that handles system calls. */
  | 'powers off in the call';

export interface OstdKernel {
  readonly boot: readonly Step[];
  /** By what is typed. A kernel without commands has no shell: it waits for an interrupt that never comes. */
  readonly commands?: Readonly<Record<string, readonly Step[]>>;
}

/** The clock of the board, in ticks a millisecond. */
const MILLISECOND = 10_000;
const NAMES = { exit_qemu: 'ostd::arch::qemu::exit_qemu', handle_syscall: 'lab4_syscall::syscall::handle_syscall' };

/** `every` is in milliseconds. */
export function ostdKernel({ boot, commands }: OstdKernel): Uint8Array<ArrayBuffer> {
  const texts: string[] = [];
  const text = (value: string): string => `text_${texts.push(value) - 1}`;
  let loops = 0;
  const loop = (times: number, body: string): string => {
    const label = `loop_${loops++}`;
    return `li s4, ${times}\n ${label}: ${body}\n addi s4, s4, -1\n bnez s4, ${label}`;
  };
  const code = (step: Step): string => {
    if (step === 'reads a line') return 'call read';
    if (step === 'prints the line') return 'la a0, typed\n call print';
    if (step === 'powers off') return 'call exit_qemu';
    if (step === 'powers off in the call') return 'call handle_syscall';
    if ('print' in step) return `la a0, ${text(step.print)}\n call print`;
    if ('systemCalls' in step) return step.systemCalls.map((number) => `li a7, ${number}\n call user`).join('\n');
    if ('ticks' in step) return loop(step.ticks, `li a0, ${step.every * MILLISECOND}\n call tick`);
    return loop(step.switches, 'call switch\n li a7, 0\n call user');
  };
  const cases = Object.entries(commands ?? {}).map(
    ([line, steps], number) => `la a0, ${text(line)}
    call compare
    beqz a0, not_${number}
    ${steps.map(code).join('\n')}
    j prompt
  not_${number}: nop`,
  );
  const shell = `prompt: la a0, ${text('~ # ')}
    call print
    call read
    la a0, ${text('\n Running command: ')}
    call print
    la a0, typed
    call print
    la a0, ${text('\n')}
    call print
    ${cases.join('\n')}
    j prompt`;
  const main = `${boot.map(code).join('\n')}\n ${commands ? shell : 'idle: wfi\n j idle'}`;
  return kernelOf(
    `${START}\n${main}\n${FUNCTIONS}\n${texts.map((value, number) => `text_${number}: ${bytes(value)}`).join('\n')}\n${TABLE}`,
    NAMES,
  );
}

const bytes = (text: string): string => `.byte ${[...new TextEncoder().encode(text), 0].join(', ')}`;

/** s1: the UART; s3: satp. STVEC, SIE bit 5 and SATP: RISC-V privileged specification, 12.1. */
const START = `
    li s1, 0x10000000
    la t0, trap
    csrw stvec, t0
    la t0, table
    srli t0, t0, 12
    li s3, 8
    slli s3, s3, 60
    or s3, s3, t0
    csrw satp, s3
    sfence.vma
    li t0, 0x20
    csrs sie, t0`;

const FUNCTIONS = `
  print: lbu t0, 0(a0)
    beqz t0, printed
    sb t0, 0(s1)
    addi a0, a0, 1
    j print
  printed: ret

  # A line from the UART to typed, with its echo. LSR bit 0 is "data ready".
  read: la t2, typed
  key: lbu t0, 5(s1)
    andi t0, t0, 1
    beqz t0, key
    lbu t0, 0(s1)
    sb t0, 0(s1)
    li t1, 13
    beq t0, t1, entered
    sb t0, 0(t2)
    addi t2, t2, 1
    j key
  entered: sb zero, 0(t2)
    ret

  ${COMPARE}

  # One ECALL in U mode, 1 GiB above, and back.
  user: la t0, user_code
    li t1, 0x40000000
    add t0, t0, t1
    csrw sepc, t0
    li t0, 0x100
    csrc sstatus, t0
    sret
  user_code: ecall

  # The other one of two ASIDs.
  switch: li t0, 1
    slli t0, t0, 44
    xor s3, s3, t0
    csrw satp, s3
    ret

  # Waits for the interrupt that is due in a0 ticks.
  tick: csrr t0, time
    add a0, a0, t0
    li a7, 0
    ecall
    csrsi sstatus, 2
  due: wfi
    j due

  .align 2
  trap: csrr t0, scause
    bge t0, zero, called
    li a0, -1
    li a7, 0
    ecall
  called: ret

  handle_syscall: call exit_qemu
    nop
  exit_qemu: li a7, 8
    ecall
    nop`;

const TABLE = `
  typed: .space 64
  .align 12
  table: .dword 0xc7, 0, 0x200000cf, 0x200000df
    .space 4064`;
