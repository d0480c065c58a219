/** Points are decimal fractions in doubles: sums are rounded to a millionth, so that 0.1 + 0.2 is 0.3. */

const PER_POINT = 1e6;

export function roundPoints(points: number): number {
  return Math.round(points * PER_POINT) / PER_POINT;
}

export function sumPoints(points: readonly number[]): number {
  return roundPoints(points.reduce((sum, one) => sum + one, 0));
}
