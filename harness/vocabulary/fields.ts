/**
 * The leaves of the rubric language: each is one zod schema that validates, converts and describes itself, so that types,
 * validation and the JSON Schema have one source. The rubric's schema and every check's part are built from these.
 */

import { RE2JS } from 're2js';
import { z } from 'zod';
import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { bytesOfHex } from '../bytes/hex.ts';
import { utf8Bytes } from '../bytes/text.ts';
import { MOMENT_PATTERN, parseMoment } from './moment.ts';
import type { ProblemCode } from './problem.ts';
import { parseSchedule } from './schedule.ts';
import {
  CLOCK_PATTERN,
  DELAY_PATTERN,
  DURATION_PATTERN,
  GUEST_TIME_PATTERN,
  LIMIT_PATTERN,
  PERCENT_PATTERN,
  parseClock,
  parseDelay,
  parseDuration,
  parseGuestTime,
  parseLimit,
  parsePercent,
  parseSize,
  parseWork,
  SIZE_PATTERN,
  SLOWEST_CLOCK,
  WORK_PATTERN,
} from './units.ts';
import { namesOf } from './virtio-names.ts';

/** What to say where a leaf gets a value of the wrong type: without an entry, the message names both types. */
export const typeProblems = z.registry<{ problem: ProblemCode; message: string; remedy: string }>();

/** Raises one of our own problems from within a schema. */
function complain(context: z.RefinementCtx, problem: ProblemCode, message: string, remedy?: string): never {
  context.addIssue({ code: 'custom', message, params: { problem, remedy } });
  return z.NEVER;
}

/** Characters in one text. */
export const LONGEST_TEXT = 65_536;

export const text = () => z.string().max(LONGEST_TEXT);

/** Text to look for: an empty one would be found everywhere. */
export const someText = () => z.string().min(1).max(LONGEST_TEXT);

/** A text out of a file: the loader reads it and puts the text in this place, before the schema is asked. What is left here could not be read. */
export const textFile = z
  .strictObject({ file: someText().describe("A file with the text, relative to the rubric's folder.") })
  .meta({ id: 'textFile' });

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Names of scenarios, drives and checks: they become file names, so no slashes. */
export const name = () => z.string().regex(NAME);

const SIZE_REMEDY = 'write a whole number and K, M or G (powers of 1024), e.g. 64M';

const sizeInput = z.string().meta({ pattern: SIZE_PATTERN.source, examples: ['64M', '1G'] });
sizeInput.register(typeProblems, { problem: 'bad-unit', message: 'a size needs its unit', remedy: SIZE_REMEDY });

/** Bytes, of "64M". */
export const size = (most: number) =>
  sizeInput.transform((input, context): number => {
    const bytes = parseSize(input);
    if (bytes === null) return complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a size`, SIZE_REMEDY);
    if (bytes > most) return complain(context, 'out-of-range', `at most ${most / 2 ** 20}M`);
    return bytes;
  });

const LIMIT_REMEDY = 'write e.g. 10s guest (ns, us, ms or s) or 10G instructions (K, M, G: powers of 1000)';

const limitInput = z.string().meta({ pattern: LIMIT_PATTERN.source, examples: ['10s guest', '10G instructions'] });
limitInput.register(typeProblems, { problem: 'bad-unit', message: 'a limit needs its unit', remedy: LIMIT_REMEDY });

export const limit = () =>
  limitInput.transform(
    (input, context) =>
      parseLimit(input) ?? complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a limit`, LIMIT_REMEDY),
  );

const CLOCK_REMEDY = `write the nanoseconds that each instruction takes, 1 to ${SLOWEST_CLOCK}, e.g. 10 ns`;

const clockInput = z.string().meta({ pattern: CLOCK_PATTERN.source, examples: ['10 ns'] });
clockInput.register(typeProblems, { problem: 'bad-unit', message: 'a clock needs its unit', remedy: CLOCK_REMEDY });

/** Nanoseconds, of "10 ns". */
export const clock = () =>
  clockInput.transform(
    (input, context) =>
      parseClock(input) ?? complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a clock`, CLOCK_REMEDY),
  );

const scheduleInput = z.string().meta({ examples: ['hart1@123456+20us'] });

/** Preemptions of harts, of "hart1@123456+20us". */
export const schedule = () =>
  scheduleInput.transform((input, context) => {
    const parsed = parseSchedule(input);
    return 'problem' in parsed ? complain(context, 'bad-unit', parsed.problem, 'copy it from a report') : parsed;
  });

const WORK_REMEDY = 'write e.g. 5G units (K, M, G: powers of 1000)';

const workInput = z.string().meta({ pattern: WORK_PATTERN.source, examples: ['5G units'] });
workInput.register(typeProblems, { problem: 'bad-unit', message: 'a limit of work needs its unit', remedy: WORK_REMEDY });

/** Units of work, of "5G units". */
export const work = () =>
  workInput.transform(
    (input, context) =>
      parseWork(input) ?? complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a limit of work`, WORK_REMEDY),
  );

/** A name in the kernel's symbol table. */
export const symbolName = () =>
  someText()
    .max(1000)
    .refine((one) => !one.endsWith('()'), {
      error: 'a name in the symbol table has no brackets',
      params: { problem: 'bad-name', remedy: 'write it without ()' },
    });

const DELAY_REMEDY = 'write e.g. 1ms (ns, us, ms or s) or 5K instructions (K, M, G: powers of 1000)';

const delayInput = z.string().meta({ pattern: DELAY_PATTERN.source, examples: ['1ms', '5K instructions'] });
delayInput.register(typeProblems, { problem: 'bad-unit', message: 'a delay needs its unit', remedy: DELAY_REMEDY });

/** "1ms" or "5K instructions", as it is written: how long an instruction takes is known elsewhere. */
export const delay = () =>
  delayInput.transform(
    (input, context): string =>
      (parseDelay(input) === null ? undefined : input) ??
      complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a delay`, DELAY_REMEDY),
  );

const GUEST_TIME_REMEDY = 'write a whole number and ns, us, ms or s, e.g. 900ms';

const guestTimeInput = z.string().meta({ pattern: GUEST_TIME_PATTERN.source, examples: ['900ms', '2s'] });
guestTimeInput.register(typeProblems, { problem: 'bad-unit', message: 'a time needs its unit', remedy: GUEST_TIME_REMEDY });

/** Guest nanoseconds, of "900ms". */
export const guestTimeSpan = () =>
  guestTimeInput.transform(
    (input, context) =>
      parseGuestTime(input) ?? complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a time`, GUEST_TIME_REMEDY),
  );

const DURATION_REMEDY = 'write e.g. 90s or 10min';

const durationInput = z.string().meta({ pattern: DURATION_PATTERN.source, examples: ['90s', '10min'] });
durationInput.register(typeProblems, { problem: 'bad-unit', message: 'a time needs its unit', remedy: DURATION_REMEDY });

/** Seconds of the clock, of "10min". */
export const duration = (most: number) =>
  durationInput.transform((input, context): number => {
    const seconds = parseDuration(input);
    if (seconds === null) return complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a time`, DURATION_REMEDY);
    if (seconds > most) return complain(context, 'out-of-range', `at most ${most}s`);
    return seconds;
  });

const PERCENT_REMEDY = 'write e.g. 10%';

const percentInput = z.string().meta({ pattern: PERCENT_PATTERN.source, examples: ['10%'] });
percentInput.register(typeProblems, { problem: 'bad-unit', message: 'a part needs its unit', remedy: PERCENT_REMEDY });

/** 0 to 100, of "10%". */
export const percent = () =>
  percentInput.transform(
    (input, context) =>
      parsePercent(input) ??
      complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a part from 0% to 100%`, PERCENT_REMEDY),
  );

const DEADLINE_REMEDY = 'write the day, the time and the zone, e.g. 2026-12-01T23:59+08:00';

/** A moment with its zone, as it is written. */
export const deadline = () =>
  z
    .string()
    .meta({ pattern: MOMENT_PATTERN.source, examples: ['2026-12-01T23:59+08:00'] })
    .transform((input, context): string =>
      parseMoment(input) === null
        ? complain(context, 'bad-unit', `${JSON.stringify(input.slice(0, 40))} is not a moment`, DEADLINE_REMEDY)
        : input,
    );

const PATH_REMEDY = 'write a path below the top of the tree, with / between folders, without . and ..';

/** Path of a file or folder below the top of a tree. */
export const pathBelow = () =>
  someText().refine(isBelow, {
    params: { problem: 'bad-path', remedy: PATH_REMEDY },
    error: 'this does not lead below the top of the tree',
  });

/** The same with `*` and `?` in names, and `**` for any number of folders. */
export const globPattern = pathBelow;

function isBelow(path: string): boolean {
  return !path.includes('\0') && !path.startsWith('/') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

const LONGEST_REGEX = 1000;

export const regex = () =>
  someText()
    .max(LONGEST_REGEX)
    .refine(compiles, { params: { problem: 'bad-regex', remedy: 'RE2 syntax: no look-around, no back-references' }, error: regexMessage });

function compiles(pattern: string): boolean {
  return regexError(pattern) === null;
}

function regexMessage(issue: { input?: unknown }): string {
  return `not a regular expression: ${regexError(String(issue.input)) ?? ''}`;
}

function regexError(pattern: string): string | null {
  try {
    // Without our flags, which the message would show as part of the pattern.
    RE2JS.compile(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A byte offset, a count, a sector: a whole number that a double holds exactly. */
export const whole = () => z.int().min(0);

/** Bytes that one check may compare. */
export const LONGEST_COMPARED = 2 ** 20;

export const byteCount = (most: number) => z.int().min(1).max(most);

const HEX = /^(\s*[0-9A-Fa-f]{2})*\s*$/;
const HEX_REMEDY = 'write pairs of hex digits in quotation marks, e.g. "48 65 6c"';

/** Bytes of "48 65 6c". */
export const hex = () =>
  z
    .string()
    .min(1)
    .max(3 * LONGEST_TEXT)
    .meta({ pattern: HEX.source })
    .transform((input, context): Uint8Array => {
      if (!HEX.test(input)) return complain(context, 'bad-hex', 'these are not pairs of hex digits', HEX_REMEDY);
      return bytesOfHex(input.replace(/\s/g, ''));
    });

/** Bytes of a text in UTF-8. */
export const utf8 = () => text().transform(utf8Bytes);

const length = byteCount(LONGEST_COMPARED).optional().describe('Bytes in all: what the text or hex leaves is zeroes.');

/** What bytes ought to be: text or hex, padded with zeroes up to `length`. */
export const bytes = () =>
  z
    .union([
      z.strictObject({ text: utf8().describe('In UTF-8.'), length }),
      z.strictObject({ hex: hex().describe('Pairs of hex digits; blanks do not count.'), length }),
    ])
    .transform((input, context): Uint8Array => {
      const given = 'text' in input ? input.text : input.hex;
      if (input.length === undefined) return given.length > 0 ? given : complain(context, 'out-of-range', 'there are no bytes to compare');
      if (given.length > input.length) {
        return complain(context, 'out-of-range', `these are ${given.length} bytes, more than the length of ${input.length}`);
      }
      const padded = new Uint8Array(input.length);
      padded.set(given);
      return padded;
    });

interface Bounds {
  readonly is?: unknown;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

type Refinement = [(bounds: Bounds) => boolean, { error: string; path: PropertyKey[]; params: { problem: ProblemCode; remedy: string } }];

/** For `refine`: some number lies between the bounds. Where none does, every submission would fail. */
export const boundsInOrder: Refinement = [
  ({ min, max }) => min === undefined || max === undefined || min <= max,
  {
    error: '`min` is larger than `max`',
    path: ['min'],
    params: { problem: 'out-of-range', remedy: 'no number is between them: change one' },
  },
];

/** For `refine`: an exact value has no bounds beside it. */
export const exactOrBounds: Refinement = [
  ({ is, min, max }) => is === undefined || (min === undefined && max === undefined),
  {
    error: '"is" does not go with "min" and "max"',
    path: ['is'],
    params: { problem: 'one-of', remedy: 'remove "is", or the bounds' },
  },
];

/** An exact number, or bounds. */
export const count = () =>
  z.union([
    whole().transform((exact) => ({ min: exact, max: exact })),
    z
      .strictObject({ min: whole().optional(), max: whole().optional() })
      .refine(...boundsInOrder)
      .transform(({ min, max }) => ({ min: min ?? 0, max: max ?? Number.MAX_SAFE_INTEGER })),
  ]);

export type Count = z.output<ReturnType<typeof count>>;

/** A request's type as rubrics name it. */
export const requestType = z.union([
  z.enum(namesOf(REQUEST_TYPES)).transform((key): number => REQUEST_TYPES[key]),
  z.int().min(0).max(0xffff_ffff),
]);
