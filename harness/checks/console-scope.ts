/**
 * Which part of the console a check looks at, such as the output of one command. A part that does not begin or end as the rubric says is a
 * failure, also for what must not be there: a kernel that never gets to the place has not shown that it keeps silent.
 */
import { z } from 'zod';
import type { Detail } from '../result/result.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { find, groupMistakes, inWords, missing, type Sought, sought } from './console-sought.ts';
import { lineNumber, type Shown } from './console-text.ts';
import { failed, type Verdict } from './kind.ts';

/** Keys that each way of looking at the console may have. */
export const scopeKeys = {
  after: z
    .union([sought.transform((one) => [one]), z.array(sought).min(1).max(20)])
    .optional()
    .describe('Looks only at what comes after this text; of a list, after each in turn.'),
  'until-next': sought.optional().describe('Looks only at what comes before this text is shown next; to the end where it is not.'),
  from: sought.optional().describe('Looks only at what comes from this text on, with it.'),
  to: sought.optional().describe('Looks only at what comes up to the end of this text, which must come.'),
};

export interface Scope {
  readonly after?: readonly Sought[] | undefined;
  readonly 'until-next'?: Sought | undefined;
  readonly from?: Sought | undefined;
  readonly to?: Sought | undefined;
}

export function scopeMistakes({ after = [], 'until-next': next, from, to }: Scope): Mistake[] {
  const mistakes = after.flatMap((one, index) => groupMistakes(one, after.length === 1 ? ['after'] : ['after', index]));
  if (next !== undefined) mistakes.push(...groupMistakes(next, ['until-next']));
  if (from !== undefined) mistakes.push(...groupMistakes(from, ['from']));
  if (to !== undefined) mistakes.push(...groupMistakes(to, ['to']));
  if (after.length > 0 && from !== undefined) mistakes.push(together('after', 'from'));
  if (next !== undefined && to !== undefined) mistakes.push(together('until-next', 'to'));
  return mistakes;
}

function together(one: string, other: string): Mistake {
  const message = `"${other}" does not go with "${one}"`;
  return { path: [other], atKey: true, code: 'one-of', message, remedy: `remove "${other}", or "${one}"` };
}

/** The part, or the verdict where it is not there. */
export function partOf({ after = [], 'until-next': next, from, to }: Scope, console: Shown): Shown | Verdict {
  let start = console.start;
  let searched = start;
  for (const what of from === undefined ? after : [from]) {
    const found = find(console, what, searched);
    if (found === null) return nowhere(console.part(searched, console.end), what, 'where the check begins to look');
    start = from === undefined ? found.end : found.start;
    searched = found.end;
  }
  const rest = console.part(searched, console.end);
  if (to !== undefined) {
    const found = find(rest, to);
    return found === null ? nowhere(rest, to, 'up to which the check looks') : console.part(start, found.end);
  }
  const end = next === undefined ? null : find(rest, next);
  return console.part(start, end?.start ?? console.end);
}

function nowhere(searched: Shown, what: Sought, which: string): Verdict {
  return failed(`the console does not show the text ${which}`, missing(searched, what));
}

/** For a report: which lines were looked at, if not all of them. */
export function scopeInWords({ after = [], 'until-next': next, from, to }: Scope, part: Shown): Detail[] {
  if (part.isWhole) return [];
  const parts = [
    ...after.map((one) => `after ${inWords(one)}`),
    ...(from === undefined ? [] : [`from ${inWords(from)}`]),
    ...(next === undefined ? [] : [`until ${inWords(next)} comes next`]),
    ...(to === undefined ? [] : [`to ${inWords(to)}`]),
  ];
  const [first, last] = [lineNumber(part, part.start), lineNumber(part, Math.max(part.start, part.end - 1))];
  const lines = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  return [{ kind: 'text', text: `The check looks at ${lines} of the console alone: ${parts.join(', ')}.` }];
}
