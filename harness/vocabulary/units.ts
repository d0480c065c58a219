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

export const GUEST_TIME_PATTERN = /^([1-9]\d{0,8})(ns|us|ms|s)$/;
export const DURATION_PATTERN = /^([1-9]\d{0,8})(s|min|h)$/;
export const WORK_PATTERN = /^([1-9]\d*)([KMG]?) units$/;
/** Of QEMU's `-icount`, `shift` is at most 10: 1024 ns. */
export const SLOWEST_CLOCK = 1024;
export const CLOCK_PATTERN = /^(\d{1,4}) ?ns$/;
export const LIMIT_PATTERN = /^([1-9]\d*)(?:(ns|us|ms|s) guest|([KMG]?) instructions)$/;

/** Bytes of "64M"; null if it is not a size. */
export function parseSize(text: string): number | null {
  const match = SIZE_PATTERN.exec(text);
  if (match === null) return null;
  return exact(match[1]!, SIZE_UNITS[match[2] as keyof typeof SIZE_UNITS]);
}

/** "10s guest" or "10G instructions"; null if it is neither. `clock`: guest nanoseconds that each instruction takes. */
export function parseLimit(text: string, clock = 1): Limit | null {
  const match = LIMIT_PATTERN.exec(text);
  if (match === null) return null;
  const nanoseconds = nanosecondsOf(match, clock);
  return nanoseconds === null ? null : { text, nanoseconds };
}

/** Whole nanoseconds of "10 ns" or "10ns"; null if it is no such time, or none that a clock may have. */
export function parseClock(text: string): number | null {
  const match = CLOCK_PATTERN.exec(text);
  const nanoseconds = match === null ? 0 : Number(match[1]);
  return nanoseconds >= 1 && nanoseconds <= SLOWEST_CLOCK ? nanoseconds : null;
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

/** Guest nanoseconds of "900ms"; null if it is not a time. */
export function parseGuestTime(text: string): number | null {
  const match = GUEST_TIME_PATTERN.exec(text);
  return match === null ? null : exact(match[1]!, TIME_UNITS[match[2] as keyof typeof TIME_UNITS]);
}

/** Guest nanoseconds of "1ms" or "5K instructions"; null if it is neither. `clock`: what each instruction takes. */
export function parseDelay(text: string, clock = 1): number | null {
  const match = DELAY_PATTERN.exec(text);
  return match === null ? null : nanosecondsOf(match, clock);
}

/** Of digits and either a unit of time or one of instructions. */
function nanosecondsOf([, digits, time, count]: RegExpExecArray, clock: number): number | null {
  const unit = time === undefined ? clock * COUNT_UNITS[count as keyof typeof COUNT_UNITS] : TIME_UNITS[time as keyof typeof TIME_UNITS];
  return exact(digits!, unit);
}

/** The product, where a double holds it exactly. */
function exact(digits: string, unit: number): number | null {
  const value = Number(digits) * unit;
  return Number.isSafeInteger(value) ? value : null;
}
