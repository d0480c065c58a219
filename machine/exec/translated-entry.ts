/**
 * A decoded entry of the operation `translated` has the address of these fields as its immediate.
 */

export const TRANSLATED = {
  /** u64: the entry as it was before, for the interpreter. */
  original: 0,
  /** u32: the function's index in the table of functions. */
  function: 8,
  /** u16: which of the function's blocks begins here. */
  block: 12,
  /** u16: how many instructions that block has. With a smaller budget it is not entered. */
  instructions: 14,
} as const;

/**
 * A translated function takes the virtual address of its page and the number of the block to begin with. On return, the slots `pc` and
 * `budget` say how far it came; if the budget is unchanged, nothing was executed.
 */
export const TRANSLATED_PARAMETERS = ['i64', 'i32'] as const;
