/**
 * A kernel for tests that looks like xv6's shell from outside: it shows `$ `, reads a line from the UART and echoes it, prints the answer that
 * the test wants for this line, and shows `$ ` again. It runs in M mode (`bios: none`) on hart 0 alone, and has no disk, no processes and no programs.
 *
 * Registers: 16550 UART at 0x10000000, LSR bit 0 is "data ready" (docs/board.md).
 */
import { COMPARE } from './compare-typed.ts';
import { machineModeKernel } from './interrupt-kernel.ts';

export interface ShellAnswer {
  readonly line: string;
  readonly prints: string;
  /** Numbers of system calls that are made in U mode before something is printed. They do nothing. */
  readonly systemCalls?: readonly number[];
}

/** A line without an answer prints nothing. */
export function shellKernel(answers: readonly ShellAnswer[]): Uint8Array<ArrayBuffer> {
  const cases = answers.map(
    ({ systemCalls = [] }, number) => `
    la a0, line_${number}
    call compare
    beqz a0, not_${number}
    ${systemCalls.map((call) => `li a7, ${call}\n call user`).join('\n    ')}
    la a0, answer_${number}
    call print
    j prompt
  not_${number}: nop`,
  );
  const texts = answers.map(({ line, prints }, number) => `line_${number}: ${bytes(line)}\n answer_${number}: ${bytes(prints)}`);
  return machineModeKernel(`
    csrr t0, mhartid
    beqz t0, first
  others: wfi
    j others
  first: li s1, 0x10000000
    la t0, trap
    csrw mtvec, t0
    li t0, -1
    csrw pmpaddr0, t0
    li t0, 0x1f
    csrw pmpcfg0, t0
    la a0, banner
    call print
  prompt: la a0, dollar
    call print
    la s2, typed
  read: lbu t0, 5(s1)
    andi t0, t0, 1
    beqz t0, read
    lbu t1, 0(s1)
    sb t1, 0(s1)
    li t2, 10
    beq t1, t2, entered
    sb t1, 0(s2)
    addi s2, s2, 1
    j read
  entered: sb zero, 0(s2)
    ${cases.join('\n')}
    j prompt

  ${COMPARE}

  print: lbu t0, 0(a0)
    beqz t0, printed
    sb t0, 0(s1)
    addi a0, a0, 1
    j print
  printed: ret

  # One ECALL in U mode, with the number in a7, and back. MPP is U mode, of which 0x1800 are the bits.
  user: la t0, user_code
    csrw mepc, t0
    li t0, 0x1800
    csrc mstatus, t0
    mret
  user_code: ecall
    .align 2
  trap: ret

  banner: ${bytes('xv6 kernel is booting\n\ninit: starting sh\n')}
  dollar: ${bytes('$ ')}
    ${texts.join('\n    ')}
  typed: nop`);
}

const bytes = (text: string): string => `.byte ${[...new TextEncoder().encode(text), 0].join(', ')}`;
