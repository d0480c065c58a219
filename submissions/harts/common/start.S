/*
 * The first instructions of every hart, and the entry of traps.
 * The SBI firmware enters the boot hart at _start, and a hart that the kernel starts at start_hart, both in S-mode with address
 * translation off and a0 = hartid (RISC-V SBI specification, "Hart State Management"). The number that the kernel gives a hart comes in
 * a1, and stays in tp.
 */
  .equ STACK_SIZE, 4096

  .macro  set_gp
  .option push
  .option norelax               # the linker would turn this load of gp into one relative to gp
  la    gp, __global_pointer$
  .option pop
  .endm

  .section .text.start, "ax"
  .globl _start
_start:
  set_gp
  la    t0, bss_start           # C expects its zeroed variables to be zero
  la    t1, bss_end
1:
  bgeu  t0, t1, 2f
  sd    zero, 0(t0)
  addi  t0, t0, 8
  j     1b
2:
  li    tp, 0
  la    a1, boot
  j     enter

  .globl start_hart
start_hart:
  set_gp
  mv    tp, a1
  la    a1, other_hart
enter:
  la    sp, stacks              # the stack of hart N ends at stacks + (N + 1) * STACK_SIZE
  li    t1, STACK_SIZE
  addi  t0, tp, 1
  mul   t0, t0, t1
  add   sp, sp, t0
  la    t0, trap_entry
  csrw  stvec, t0
  li    fp, 0                   # the call stack ends here
  li    ra, 0
  jr    a1                      # boot(hartid) or other_hart(hartid)

  .balign 4                     # the two low bits of stvec are its mode
trap_entry:                     # saves what a call of C may change
  addi  sp, sp, -128
  sd    ra, 0(sp)
  sd    t0, 8(sp)
  sd    t1, 16(sp)
  sd    t2, 24(sp)
  sd    t3, 32(sp)
  sd    t4, 40(sp)
  sd    t5, 48(sp)
  sd    t6, 56(sp)
  sd    a0, 64(sp)
  sd    a1, 72(sp)
  sd    a2, 80(sp)
  sd    a3, 88(sp)
  sd    a4, 96(sp)
  sd    a5, 104(sp)
  sd    a6, 112(sp)
  sd    a7, 120(sp)
  csrr  a0, scause
  csrr  a1, sepc
  csrr  a2, stval
  call  trap
  ld    ra, 0(sp)
  ld    t0, 8(sp)
  ld    t1, 16(sp)
  ld    t2, 24(sp)
  ld    t3, 32(sp)
  ld    t4, 40(sp)
  ld    t5, 48(sp)
  ld    t6, 56(sp)
  ld    a0, 64(sp)
  ld    a1, 72(sp)
  ld    a2, 80(sp)
  ld    a3, 88(sp)
  ld    a4, 96(sp)
  ld    a5, 104(sp)
  ld    a6, 112(sp)
  ld    a7, 120(sp)
  addi  sp, sp, 128
  sret

  .section .stacks, "aw", @nobits
  .balign 16                    # the calling convention wants the stack pointer aligned to 16
stacks:
  .skip 4 * STACK_SIZE
