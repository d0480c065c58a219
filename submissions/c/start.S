/*
 * The first instructions of the kernel. The SBI firmware jumps here in S-mode with address translation off,
 *   a0 = hartid, a1 = physical address of the device tree
 * (RISC-V SBI specification, chapter on HSM, "hart start"; the boot hart is entered in the same way).
 * QEMU enters an ELF at its lowest loaded address, so kernel.ld places this section first.
 */
  .section .text.start, "ax"
  .globl _start
_start:
  .option push
  .option norelax               # the linker would turn this load of gp into one relative to gp
  la    gp, __global_pointer$
  .option pop
  la    sp, stack_top
  la    t0, trap_entry
  csrw  stvec, t0               # an unexpected trap becomes a message instead of silence

  la    t0, bss_start           # C expects its zeroed variables to be zero
  la    t1, bss_end
1:
  bgeu  t0, t1, 2f
  sd    zero, 0(t0)
  addi  t0, t0, 8
  j     1b
2:
  li    fp, 0                   # the call stack ends here
  li    ra, 0
  tail  riscv_boot              # riscv_boot(hartid, device_tree)

  .balign 4                     # the two low bits of stvec are its mode
trap_entry:
  csrr  a0, scause
  csrr  a1, sepc
  csrr  a2, stval
  tail  unexpected_trap         # does not return, so no register need be saved

  .section .bss
  .balign 16                    # the calling convention wants the stack pointer aligned to 16
  .skip 16384
stack_top:
