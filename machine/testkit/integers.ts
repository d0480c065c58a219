/** The specification's integer operations over bigint, with which tests compute expected values. */
export const unsigned = (value: bigint, bits = 64): bigint => BigInt.asUintN(bits, value);
export const signed = (value: bigint, bits = 64): bigint => BigInt.asIntN(bits, value);
/** A word as a register holds it, which is sign-extended. */
export const word = (value: bigint): bigint => unsigned(signed(value, 32));

/** Values at which carries, signs and widths change. */
export const EDGES: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 7n, 31n, 32n, 33n, 63n, 64n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn],
  ...[0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_8000_0000n, 0x0123_4567_89ab_cdefn, 0xfedc_ba98_7654_3210n],
  ...[0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0x8000_0000_0000_0001n, 0xffff_ffff_8000_0000n, 0xffff_ffff_7fff_ffffn],
  ...[0xffff_ffff_ffff_fffen, 0xffff_ffff_ffff_ffffn],
];

export const PAIRS: readonly (readonly [bigint, bigint])[] = EDGES.flatMap((a) => EDGES.map((b) => [a, b] as const));
