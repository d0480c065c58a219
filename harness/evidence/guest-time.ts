/** Lengths of guest time in words. */

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
];

/** E.g. `22.5 ms`, of the guest's clock; more decimals where they are asked for. */
export function guestTime(nanoseconds: number, decimals = 2): string {
  const [unit, name] = UNITS.find(([size]) => nanoseconds >= size) ?? [1, 'ns'];
  return `${Number((nanoseconds / unit).toFixed(decimals))} ${name}`;
}
