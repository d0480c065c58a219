/** Assembler routine `print`: as many bytes of a0 as a1 says, the lowest first, to the UART whose address is in s1. Changes a0, a1 and t0. */
export const PRINT_BYTES = `
print: sb a0, 0(s1)
    srli a0, a0, 8
room: lbu t0, 5(s1)
    andi t0, t0, 0x20
    beqz t0, room
    addi a1, a1, -1
    bnez a1, print
    ret`;
