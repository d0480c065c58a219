/** The end of a program in M mode that QEMU runs as well: the UART's registers are at s1. QEMU may exit before its UART has written the last bytes out. */
export const DRAIN_AND_FINISH = `
drain: lbu t0, 5(s1)
    andi t0, t0, 0x40
    beqz t0, drain
    li t0, 0x100000
    li t1, 0x5555
    sw t1, 0(t0)
    j .`;
