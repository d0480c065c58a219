/**
 * Numbers as people read them. Not `toLocaleString`: its first call loads the data of all languages, which takes longer than anything else that a
 * command does before the guest starts.
 */

/** A whole number with a comma after each three digits: 12,345. */
export function groupedDigits(value: number | bigint): string {
  const [sign, digits] = value < 0 ? ['-', String(-value)] : ['', String(value)];
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(end - 3, 0), end));
  return sign + groups.join(',');
}
