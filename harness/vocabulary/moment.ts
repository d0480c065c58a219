/** Moments as people and platforms write them (ISO 8601), and how late one is after another. */

const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;

export const MOMENT_PATTERN = MOMENT;

/** Seconds since 1970; null if the text is no moment with a zone, such as 2026-12-01T23:59+08:00. Without seconds it is the minute's first. */
export function parseMoment(text: string): number | null {
  const [found, day = '', minute = '', second = ':00', zone = ''] = MOMENT.exec(text) ?? [];
  if (found === undefined) return null;
  const seconds = Date.parse(`${day}T${minute}${second}${zone}`) / 1000;
  // What no calendar has, such as February 30, would be taken for a day of March.
  return Number.isNaN(seconds) || new Date(Date.parse(`${day}T00:00:00Z`)).toISOString().slice(0, 10) !== day ? null : seconds;
}

/** Whole seconds after the deadline, 0 before it. A time without a zone is taken to be in the deadline's. null if one of them is no time. */
export function secondsAfter(deadline: string, time: string): number | null {
  const zone = /(?:Z|[+-]\d\d:\d\d)$/.exec(deadline)?.[0] ?? '';
  const [due, at] = [parseMoment(deadline), parseMoment(LOCAL.test(time) ? time + zone : time)];
  return due === null || at === null ? null : Math.max(0, at - due);
}

const DAY = 24 * 60 * 60;

/** A day that has begun counts. */
export function daysOf(seconds: number): number {
  return Math.ceil(seconds / DAY);
}
