/** Assembler routine `compare`: a0 becomes 1 if the text at a0 is the one at `typed`, else 0. Changes t0, t1 and t2. */
export const COMPARE = `
  compare: la t2, typed
  same: lbu t0, 0(a0)
    lbu t1, 0(t2)
    bne t0, t1, differs
    addi a0, a0, 1
    addi t2, t2, 1
    bnez t0, same
    li a0, 1
    ret
  differs: li a0, 0
    ret`;
