/**
 * What is looked for on a console: a text, byte for byte, or a regular expression, whose groups may have conditions. Expressions are RE2's:
 * their time is linear in the console, whatever a kernel prints. They see it with line ends as LF.
 */
import { z } from 'zod';
import { binaryOfText } from '../bytes/binary.ts';
import { printable, quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { compileRegex } from '../vocabulary/compiled-regex.ts';
import { boundsInOrder, exactOrBounds, regex, someText } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { consoleDifference } from './console-difference.ts';
import { type ConsoleLine, consoleEnd, consoleLines, lineAt, lineInWords, type Shown } from './console-text.ts';

const GROUP = /^(0|[1-9]\d?|[A-Za-z_]\w*)$/;

const condition = z
  .strictObject({
    is: z.union([z.number(), someText()]).optional().describe('A number, or the text itself.'),
    min: z.number().optional().describe('The smallest number that is right.'),
    max: z.number().optional().describe('The largest number that is right.'),
  })
  .refine((one) => Object.keys(one).length > 0, {
    error: 'the condition is empty',
    params: { problem: 'missing-key', remedy: 'give it `is`, `min` or `max`' },
  })
  .refine(...exactOrBounds)
  .refine(...boundsInOrder)
  .meta({ id: 'captureCondition' });

const where = z
  .record(z.string().regex(GROUP), condition)
  .refine((all) => Object.keys(all).length <= 50, { error: 'at most 50 conditions' })
  .optional()
  .describe('Conditions on what groups of the expression match, by number or by name; 0 is the whole match.');

type Where = NonNullable<z.output<typeof where>>;

/** Keys of a text that is looked for. */
export const textKeys = { contains: someText().describe('Text that is looked for, byte for byte.') };
/** Keys of an expression that is looked for. */
export const matchKeys = { matches: regex().describe('Regular expression (RE2); ^ and $ match at each line.'), where };

export type Sought = { readonly contains: string } | { readonly matches: string; readonly where?: Where | undefined };

/** A text, or a map that says `contains` or `matches`. */
export const sought = z
  .union([
    someText().transform((contains) => ({ contains })),
    z.strictObject(textKeys).meta({ id: 'soughtText' }),
    z.strictObject(matchKeys).meta({ id: 'soughtMatch' }),
  ])
  .meta({ id: 'sought' });

/** Places are bytes of the whole console. */
export interface Found {
  readonly start: number;
  /** The byte after its last one. */
  readonly end: number;
}

/** The first place at or after the byte `from`. */
export function find(console: Shown, what: Sought, from = console.start): Found | null {
  for (const found of places(console, what, from)) return found();
  return null;
}

/** All places, one after the other, without overlaps. Where a place is, is computed when it is asked for. */
export function* places(console: Shown, what: Sought, from = console.start): Generator<() => Found, void> {
  if ('contains' in what) {
    const binary = binaryOfText(what.contains);
    for (let at = console.indexOf(binary, from); at !== -1; at = console.indexOf(binary, at + binary.length)) {
      const start = at;
      yield () => ({ start, end: start + binary.length });
    }
    return;
  }
  for (const { start, end, wrong } of matchesOf(console, what, from)) {
    if (wrong === null) yield () => ({ start: console.byteOf(start), end: console.byteOf(end) });
  }
}

interface Match {
  /** Characters of the console's text. */
  readonly start: number;
  readonly end: number;
  /** Which condition does not hold, in words; null: all of them do. */
  readonly wrong: string | null;
}

function* matchesOf(
  console: Shown,
  { matches, where: conditions }: Extract<Sought, { matches: string }>,
  from: number,
): Generator<Match, void> {
  const matcher = compileRegex(matches).matcher(console.text);
  const capture = (group: string) => matcher.group(/^\d/.test(group) ? Number(group) : group);
  let found = matcher.find(console.characterOf(from));
  while (found) {
    yield { start: matcher.start(), end: matcher.end(), wrong: conditions === undefined ? null : wrongIn(conditions, capture) };
    found = matcher.find();
  }
}

function wrongIn(conditions: Where, capture: (group: string) => string | null): string | null {
  for (const [group, wanted] of Object.entries(conditions)) {
    const text = capture(group) ?? '';
    if (holds(wanted, text)) continue;
    return `group ${group} is ${quoted(text, 60)}, not ${conditionInWords(wanted)}`;
  }
  return null;
}

const NUMBER = /^\s*[+-]?(\d+(\.\d+)?|0[xX][0-9a-fA-F]+)\s*$/;

/** Characters of a group that may be a number. */
const LONGEST_NUMBER = 100;

/** A number as kernels print it, decimal or with 0x; NaN if the text is none. */
function numberOf(text: string): number {
  if (text.length > LONGEST_NUMBER || !NUMBER.test(text)) return Number.NaN;
  const digits = text.trim();
  return digits.startsWith('-') ? -Number(digits.slice(1)) : Number(digits.replace('+', ''));
}

function holds({ is, min, max }: Where[string], text: string): boolean {
  if (is !== undefined && (typeof is === 'string' ? text !== is : numberOf(text) !== is)) return false;
  if (min === undefined && max === undefined) return true;
  const value = numberOf(text);
  return value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY);
}

function conditionInWords({ is, min, max }: Where[string]): string {
  const parts = [is === undefined ? '' : typeof is === 'string' ? quoted(is, 60) : String(is), boundsInWords(min, max)];
  return parts.filter((part) => part !== '').join(' and ');
}

/** E.g. `from 1 to 3`, `at least 1`; nothing where there are no bounds. */
export function boundsInWords(min: number | undefined, max: number | undefined, word: (bound: number) => string = String): string {
  if (min !== undefined && max !== undefined) return min === max ? word(min) : `from ${word(min)} to ${word(max)}`;
  if (min !== undefined) return `at least ${word(min)}`;
  return max === undefined ? '' : `at most ${word(max)}`;
}

/** E.g. `"init: starting sh"` or `a match of "^ticks: (\d+)$" (group 1: at least 10)`. */
export function inWords(what: Sought): string {
  if ('contains' in what) return quoted(what.contains);
  const conditions = Object.entries(what.where ?? {}).map(([group, wanted]) => `group ${group}: ${conditionInWords(wanted)}`);
  return `a match of ${quoted(what.matches)}${conditions.length === 0 ? '' : ` (${conditions.join('; ')})`}`;
}

/** Matches that miss a condition and are shown. */
const MOST_NEAR = 3;

/** What was expected and the nearest thing that came. `label`: which of several it is, e.g. `step 2`; empty if there is only one. */
export function missing(console: Shown, what: Sought, label = ''): Detail[] {
  if ('contains' in what) return consoleDifference(console, what.contains, label);
  const expected: Detail = { kind: 'expected', text: `${label === '' ? '' : `${label}: `}${inWords(what)}` };
  const near: Detail[] = [];
  for (const { start, wrong } of what.where === undefined ? [] : matchesOf(console, what, console.start)) {
    if (near.length === MOST_NEAR) break;
    near.push({ kind: 'found', text: `${lineInWords(console, console.byteOf(start))}: ${printable(wrong ?? '')}` });
  }
  const otherEnd = what.where === undefined ? otherEndOf(console, what.matches) : undefined;
  if (otherEnd !== undefined) return [expected, { kind: 'found', text: `line ${otherEnd.number}: ${quoted(otherEnd.text)}` }];
  return [expected, ...(near.length > 0 ? near : consoleEnd(console))];
}

/**
 * The first line that has another last word than the one that the expression asks for, e.g. `test1 FAIL` for `^test1 OK$`. It may be far
 * from the console's end, where nothing is said of this test.
 */
function otherEndOf(console: Shown, expression: string): ConsoleLine | undefined {
  const [, plain] = /^\^((?:[^\\.*+?()[\]{}|^$]|\\[^a-zA-Z0-9])+)\$$/.exec(expression) ?? [];
  const wanted = plain?.replaceAll(/\\(.)/g, '$1') ?? '';
  const beginning = wanted.slice(0, wanted.lastIndexOf(' ') + 1);
  return beginning === '' ? undefined : consoleLines(console).find(({ text }) => text.startsWith(beginning));
}

/** A group that has a condition must be in the expression. `path`: of the map that says `matches`. */
export function groupMistakes(what: Sought, path: readonly PropertyKey[]): Mistake[] {
  if (!('matches' in what) || what.where === undefined) return [];
  const compiled = compileRegex(what.matches);
  const names = Object.keys(compiled.namedGroups());
  const isThere = (group: string) => (/^\d/.test(group) ? Number(group) <= compiled.groupCount() : names.includes(group));
  return Object.keys(what.where)
    .filter((group) => !isThere(group))
    .map((group) => ({
      path: [...path, 'where', group],
      atKey: true,
      code: 'unknown-name',
      message: `the expression has no group ${quoted(group)}: it has ${compiled.groupCount()}${names.length === 0 ? '' : `, of which ${names.join(', ')} have names`}`,
      remedy: 'groups are counted by their opening brackets, from 1; a name is given by (?P<name>…)',
    }));
}

/** Where something stands that should not be there, or only somewhere else. */
export function foundAt(console: Shown, { start }: Found): Detail {
  return lineAt(console, start);
}
