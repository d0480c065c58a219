/* The smallest kernel that can be seen to run: it prints a letter and switches the machine off, both with legacy SBI calls. */
  .section .text.start, "ax"
  .globl _start
_start:
  li    a7, 1                   # legacy extension 1: console_putchar
  li    a0, 'H'
  ecall
  li    a7, 8                   # legacy extension 8: shutdown
  ecall
1:
  j     1b                      # only reached if the firmware cannot do it
