/** The options of `bootgrade run` that QEMU does not have: limits, and the keys to type. */
import type { Limit } from '../vocabulary/scenario.ts';
import { parseSchedule, type Schedule } from '../vocabulary/schedule.ts';
import { parseClock, parseLimit, SLOWEST_CLOCK } from '../vocabulary/units.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

/** `10s` (guest time: s, ms, us, ns) or `10G` (instructions: K, M, G are powers of ten); the rubric's longer words do as well. */
export function parseLimitOption(text: string, clock: number): Limit {
  const unit = /^\d+[KMG]$/.test(text) ? ' instructions' : ' guest';
  const limit = parseLimit(text, clock) ?? parseLimit(`${text}${unit}`, clock);
  if (limit === null) throw new UsageError(`--limit ${text}: write guest time (10s, 500ms, 20us) or instructions (500K, 200M, 10G)`);
  return limit;
}

/** The value of `--clock`. */
export function parseClockOption(text: string): number {
  const clock = parseClock(text);
  if (clock === null)
    throw new UsageError(`--clock ${text}: write the nanoseconds that each instruction takes, 1 to ${SLOWEST_CLOCK}, e.g. 10ns`);
  return clock;
}

/** The value of `--schedule`, of a machine with so many harts. */
export function parseScheduleOption(text: string, harts: number): Schedule {
  const schedule = parseSchedule(text);
  if ('problem' in schedule) throw new UsageError(`--schedule: ${schedule.problem}`);
  const absent = schedule.find(({ hart }) => hart >= harts)?.hart;
  if (absent === undefined) return schedule;
  const have = harts === 1 ? 'one hart, hart0' : `${harts} harts, hart0 to hart${harts - 1}`;
  throw new UsageError(`--schedule: there is no hart ${absent}: this machine has ${have}; write -smp ${absent + 1} or more`);
}

const ESCAPES: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, '\\': 0x5c };

/** The bytes that `--type` sends: UTF-8, with `\n` `\r` `\t` `\\` and `\xNN` for a byte. */
export function parseKeys(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part] of text.matchAll(/\\x[0-9a-fA-F]{2}|\\.?|[^\\]+/gsu)) {
    if (!part.startsWith('\\')) bytes.push(...Buffer.from(part));
    else if (part.length === 4) bytes.push(Number.parseInt(part.slice(2), 16));
    else {
      const byte = Object.hasOwn(ESCAPES, part.slice(1)) ? ESCAPES[part.slice(1)] : undefined;
      if (byte === undefined) throw new UsageError(`--type "${text}": ${part} is not an escape; known: \\n \\r \\t \\\\ \\xNN`);
      bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}
