/** What a floating-point operation gives back: a bit pattern and the accrued exception flags that it raises. */
export interface FloatResult {
  /**
   * Never negative. A floating-point result has the width of its format and is not NaN-boxed; an integer result is the 64-bit
   * pattern for the `x` register (32-bit ones are sign-extended, unsigned ones too).
   */
  readonly bits: bigint;
  /** The flags raised by this operation alone, to be OR-ed into `fflags`. */
  readonly flags: number;
}
