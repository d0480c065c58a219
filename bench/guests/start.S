# The entry of every bench guest (`-bios none`, M mode): a stack, main, and the test finisher's "pass".
.section .text.start
.globl _start
_start:
    la sp, stack_top
    li t0, 0x6000 # mstatus.FS: floating point is on
    csrs mstatus, t0
    call main
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
1:  j 1b

.bss
.balign 16
.space 65536
stack_top:
