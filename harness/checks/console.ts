/** `console`: what the kernel printed. console-sought.ts says what can be looked for. */

import { z } from 'zod';
import type { Detail } from '../result/result.ts';
import { someText, text, textFile, whole } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { equals } from './console-equals.ts';
import { partOf, scopeInWords, scopeKeys, scopeMistakes } from './console-scope.ts';
import {
  boundsInWords,
  find,
  foundAt,
  groupMistakes,
  inWords,
  matchKeys,
  missing,
  places,
  type Sought,
  sought,
  textKeys,
} from './console-sought.ts';
import { asksOfTakes, takes, takesMistakes, takesSchema } from './console-takes.ts';
import { consoleEnd, lineNumber, Shown, shownBy } from './console-text.ts';
import { type CheckContext, defineCheck, failed, PASSED, type Placement, type Verdict } from './kind.ts';

const points = z.number().min(0).optional().describe("What this one is worth; on all or on none, together the check's points.");

const item = z.union([
  someText().transform((contains) => ({ contains, points: undefined })),
  z.strictObject({ ...textKeys, points }).meta({ id: 'consoleText' }),
  z.strictObject({ ...matchKeys, points }).meta({ id: 'consoleMatch' }),
]);

type Item = z.output<typeof item>;

/** Lists of texts; a file has one in each line. */
const MOST_ITEMS = 1000;
const items = z.union([z.array(item).min(1).max(MOST_ITEMS), textFile.transform((): Item[] => [])]);

const counts = {
  is: whole().optional().describe('Exactly so many times.'),
  min: whole().optional().describe('At least so many times.'),
  max: whole().optional().describe('At most so many times.'),
};

const schema = z.union([
  someText().transform((contains) => ({ contains, after: undefined })),
  z.strictObject({ ...textKeys, ...scopeKeys }),
  z.strictObject({ ...matchKeys, ...scopeKeys }),
  z.strictObject({ all: items.describe('What the console must show, in any order; each may have points.'), ...scopeKeys }),
  z.strictObject({ 'in-order': items.describe('What the console must show one after another; each may have points.'), ...scopeKeys }),
  z.strictObject({ absent: sought.describe('What the console must not show.'), ...scopeKeys }),
  z.strictObject({
    none: z
      .union([z.array(sought).min(1).max(MOST_ITEMS), textFile.transform((): Sought[] => [])])
      .describe('What the console must not show, none of it.'),
    ...scopeKeys,
  }),
  z.strictObject({
    count: z
      .union([z.strictObject({ ...textKeys, ...counts }), z.strictObject({ ...matchKeys, ...counts })])
      .describe('How often the console must show it.'),
    ...scopeKeys,
  }),
  z.strictObject({
    equals: z
      .union([text(), textFile.transform(() => '')])
      .describe('All that this part of the console must show; blanks at the ends of lines do not count.'),
    ...scopeKeys,
  }),
  takesSchema,
]);

type Expected = z.output<typeof schema>;

/** Points to compare: a double's noise is not a mistake. */
const NOISE = 1e-6;

function mistakes(expected: Expected, placement: Placement): Mistake[] {
  if ('takes' in expected) return takesMistakes(expected);
  return [...ownMistakes(expected, placement), ...scopeMistakes(expected)];
}

/** All but `takes`, which is about time, look at a part of the text. */
type OfText = Exclude<Expected, { takes: unknown }>;

function ownMistakes(expected: OfText, { points: worth }: Placement): Mistake[] {
  if ('all' in expected) return itemMistakes('all', 'texts', expected.all, worth);
  if ('in-order' in expected) return itemMistakes('in-order', 'steps', expected['in-order'], worth);
  if ('absent' in expected) return groupMistakes(expected.absent, ['absent']);
  if ('none' in expected) return expected.none.flatMap((one, index) => groupMistakes(one, ['none', index]));
  if ('count' in expected) return [...countMistakes(expected.count), ...groupMistakes(expected.count, ['count'])];
  return 'equals' in expected ? [] : groupMistakes(expected, []);
}

function itemMistakes(key: string, called: string, all: readonly Item[], worth: number | null): Mistake[] {
  const ofGroups = all.flatMap((one, index) => groupMistakes(one, [key, index]));
  const given = all.map((one) => one.points).filter((one) => one !== undefined);
  if (given.length === 0) return ofGroups;
  const wrong = { path: [key], code: 'points-mismatch' } as const;
  if (given.length < all.length) {
    return [...ofGroups, { ...wrong, message: `only some of the ${called} have points`, remedy: 'give points to all of them, or to none' }];
  }
  const sum = given.reduce((total, one) => total + one, 0);
  if (worth === null || Math.abs(sum - worth) <= NOISE) return ofGroups;
  return [...ofGroups, { ...wrong, message: `the ${called} are worth ${sum} points together, the check ${worth}` }];
}

function countMistakes({ is, min, max }: Count): Mistake[] {
  if (is === undefined && min === undefined && max === undefined)
    return [{ path: ['count'], code: 'missing-key', message: 'how often is missing', remedy: 'give it `is`, `min` or `max`' }];
  if (is !== undefined && (min !== undefined || max !== undefined))
    return [{ path: ['count', 'is'], atKey: true, code: 'one-of', message: '"is" does not go with "min" and "max"' }];
  if ((min ?? 0) <= (max ?? Number.MAX_SAFE_INTEGER)) return [];
  return [{ path: ['count', 'min'], code: 'out-of-range', message: `\`min\` is larger than \`max\`, ${max}` }];
}

type Count = Extract<Expected, { count: unknown }>['count'];

function contains(what: Sought, console: Shown): Verdict {
  if (find(console, what) !== null) return PASSED;
  const reason = 'contains' in what ? 'the console does not show this text' : nothingMatches(what);
  return failed(reason, missing(console, what));
}

function nothingMatches({ where }: Extract<Sought, { matches: string }>): string {
  return where === undefined ? 'nothing on the console matches' : 'nothing on the console matches with these values';
}

/** Items of a list whose details are shown. */
const MOST_TOLD = 10;

/** How many there are besides the ones that were shown. */
function andMore(count: number): Detail[] {
  return count <= MOST_TOLD
    ? []
    : [{ kind: 'text', text: `And ${count - MOST_TOLD} more that ${count - MOST_TOLD === 1 ? 'is' : 'are'} not shown here.` }];
}

/** The end of the console, which is shown where a text is missing, is the same for all of them: it is left out but for the last one. */
function withEndOnce(console: Shown, details: readonly Detail[]): Detail[] {
  const [lead, ...lines] = consoleEnd(console);
  const last = JSON.stringify(lines.at(-1) ?? lead);
  const ends = details.flatMap((detail, index) => (JSON.stringify(detail) === last ? [index] : []));
  const left = new Set(ends.slice(0, -1).flatMap((index) => (lines.length === 0 ? [index] : [index - 1, index])));
  return details.filter((_, index) => !left.has(index));
}

function none(unwanted: readonly Sought[], console: Shown): Verdict {
  const there = unwanted.flatMap((what) => {
    const found = find(console, what);
    return found === null ? [] : [{ what, found }];
  });
  if (there.length === 0) return PASSED;
  const details = there
    .slice(0, MOST_TOLD)
    .flatMap(({ what, found }): Detail[] => [
      { kind: 'expected', text: `no ${inWords(what).replace(/^a match/, 'match')}` },
      foundAt(console, found),
    ]);
  const reason = 'contains' in there[0]!.what ? 'the console shows this text' : 'something on the console matches';
  const several = `the console shows ${there.length} of ${unwanted.length} that must not be there`;
  return failed(unwanted.length === 1 ? reason : several, [...details, ...andMore(there.length)]);
}

function all(wanted: readonly Item[], console: Shown): Verdict {
  const results = wanted.map((what, index) => ({ what, index, there: find(console, what) !== null }));
  const absent = results.filter(({ there }) => !there);
  if (absent.length === 0) return PASSED;
  const details = absent.slice(0, MOST_TOLD).flatMap(({ what, index }) => missing(console, what, `text ${index + 1}`));
  const score = results.reduce((sum, { what, there }) => sum + (there ? (what.points ?? 0) : 0), 0);
  return failed(`${absent.length} of ${wanted.length} texts missing`, [...withEndOnce(console, details), ...andMore(absent.length)], {
    score,
  });
}

/** A step that is missing does not cost the ones after it. */
function inOrder(steps: readonly Item[], console: Shown): Verdict {
  const details: Detail[] = [];
  let at = console.start;
  let score = 0;
  let absent = 0;
  steps.forEach((what, index) => {
    const found = find(console, what, at);
    if (found !== null) {
      at = found.end;
      score += what.points ?? 0;
      return;
    }
    absent++;
    if (absent > MOST_TOLD) return;
    const step = `step ${index + 1}`;
    const early = find(console, what);
    if (early === null) details.push(...missing(console, what, step));
    else details.push({ kind: 'expected', text: `${step}: ${inWords(what)}` }, foundAt(console, early), tooEarly);
  });
  if (absent === 0) return PASSED;
  return failed(`${absent} of ${steps.length} steps missing or out of order`, [...withEndOnce(console, details), ...andMore(absent)], {
    score,
  });
}

const tooEarly: Detail = { kind: 'text', text: 'It comes too early: before the step that it should follow.' };

function count({ is, min = is, max = is, ...what }: Count, console: Shown): Verdict {
  let found = 0;
  const lines: number[] = [];
  for (const place of places(console, what)) {
    if (found < MOST_TOLD) lines.push(lineNumber(console, place().start));
    found++;
  }
  if (found >= (min ?? 0) && found <= (max ?? Number.MAX_SAFE_INTEGER)) return PASSED;
  const expected: Detail = { kind: 'expected', text: `${timesInWords(boundsInWords(min, max))} ${inWords(what)}` };
  if (found === 0) {
    const near = missing(console, what).filter(({ kind }) => kind !== 'expected');
    return failed('the console never shows it', [expected, ...near]);
  }
  const where = `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${found > lines.length ? ' …' : ''}`;
  return failed(`the console shows it ${timesInWords(String(found))}`, [
    expected,
    { kind: 'found', text: `${timesInWords(String(found))}: ${where}` },
  ]);
}

function timesInWords(number: string): string {
  return /(^| )1$/.test(number) ? `${number} time` : `${number} times`;
}

function evaluate(expected: Expected, { evidence }: CheckContext): Verdict {
  if ('takes' in expected) return takes(expected, evidence, shownBy(evidence));
  const part = partOf(expected, shownBy(evidence));
  if (!(part instanceof Shown)) return part;
  const verdict = verdictOf(expected, part);
  if (verdict.outcome !== 'failed') return verdict;
  return { ...verdict, details: [...verdict.details, ...scopeInWords(expected, part)] };
}

function verdictOf(expected: OfText, console: Shown): Verdict {
  if ('all' in expected) return all(expected.all, console);
  if ('in-order' in expected) return inOrder(expected['in-order'], console);
  if ('absent' in expected) return none([expected.absent], console);
  if ('none' in expected) return none(expected.none, console);
  if ('count' in expected) return count(expected.count, console);
  if ('equals' in expected) return equals(expected.equals, console);
  return contains(expected, console);
}

/** What the run has to record for a check. */
function asks(expected: Expected) {
  return 'takes' in expected ? { counts: [asksOfTakes(expected)] } : {};
}

export const consoleCheck = defineCheck({ schema, mistakes, asks, evaluate });
