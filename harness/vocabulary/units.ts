/** Sizes and limits as people write them. */
import type { Limit } from './scenario.ts';

const DURATION_UNITS = { s: 1, min: 60, h: 3600 } as const;

/** QEMU's suffixes: powers of 1024. */
const SIZE_UNITS = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const;

const TIME_UNITS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 } as const;

/** Powers of 1000: instructions are counted, not addressed. */
const COUNT_UNITS = { '': 1, K: 1e3, M: 1e6, G: 1e9 } as const;

export const SIZE_PATTERN = /^([1-9]\d*)(K|M|G)$/;
/** Up to 10^9 of a unit, seconds included: far beyond any limit, and exact. */
export const DELAY_PATTERN = /^([1-9]\d{0,8})(?:(ns|us|ms|s)|([KMG]?) instructions)$/;
/** `10%`, `2.5%`. */
export const PERCENT_PATTERN = /^(\d{1,3})(\.\d{1,2})?%$/;

/** null: it is none, or more than 100%. */
export function parsePercent(input: string): number | null {
  if (!PERCENT_PATTERN.test(input)) return null;
  const value = Number(input.slice(0, -1));
  return value <= 100 ? value : null;
}

export const DURATION_PATTERN = /^([1-9]\d{0,8})(s|min|h)$/;
export const WORK_PATTERN = /^([1-9]\d*)([KMG]?) units$/;
export const LIMIT_PATTERN = /^([1-9]\d*)(?:(ns|us|ms|s) guest|([KMG]?) instructions)$/;

/** Bytes of "64M"; null if it is not a size. */
export function parseSize(text: string): number | null {
  const match = SIZE_PATTERN.exec(text);
  if (match === null) return null;
  return exact(match[1]!, SIZE_UNITS[match[2] as keyof typeof SIZE_UNITS]);
}

/** "10s guest" or "10G instructions"; null if it is neither. */
export function parseLimit(text: string): Limit | null {
  const match = LIMIT_PATTERN.exec(text);
  if (match === null) return null;
  const nanoseconds = nanosecondsOf(match);
  return nanoseconds === null ? null : { text, nanoseconds };
}

/** Units of work of "5G units"; null if it is not such a number. */
export function parseWork(text: string): number | null {
  const match = WORK_PATTERN.exec(text);
  return match === null ? null : exact(match[1]!, COUNT_UNITS[match[2] as keyof typeof COUNT_UNITS]);
}

/** Seconds of the clock, of "90s" or "10min"; null if it is neither. */
export function parseDuration(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  return match === null ? null : exact(match[1]!, DURATION_UNITS[match[2] as keyof typeof DURATION_UNITS]);
}

/** Guest nanoseconds of "1ms" or "5K instructions", of which each takes one; null if it is neither. */
export function parseDelay(text: string): number | null {
  const match = DELAY_PATTERN.exec(text);
  return match === null ? null : nanosecondsOf(match);
}

/** Of digits and either a unit of time or one of instructions, each of which takes a nanosecond (architecture.md, decision 3). */
function nanosecondsOf([, digits, time, count]: RegExpExecArray): number | null {
  const unit = time === undefined ? COUNT_UNITS[count as keyof typeof COUNT_UNITS] : TIME_UNITS[time as keyof typeof TIME_UNITS];
  return exact(digits!, unit);
}

/** The product, where a double holds it exactly. */
function exact(digits: string, unit: number): number | null {
  const value = Number(digits) * unit;
  return Number.isSafeInteger(value) ? value : null;
}
