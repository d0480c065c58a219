/**
 * What stands behind a decoded entry of the operation `translated`: its immediate is the address of these fields.
 */

export const TRANSLATED = {
  /** u64: the entry as it was, for the interpreter. */
  original: 0,
  /** u32: the function's place in the table. */
  function: 8,
  /** u16: which of the function's blocks begins here. */
  block: 12,
  /** u16: instructions of that block. With less of a budget it is not entered. */
  instructions: 14,
} as const;

/**
 * A translated function takes the virtual address of its page and the number of the block to begin with. Where it left is in the slots
 * `pc` and `budget`; with the budget unchanged nothing was executed.
 */
export const TRANSLATED_PARAMETERS = ['i64', 'i32'] as const;
