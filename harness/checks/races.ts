/** `races`: that harts access no memory together without an order between them. docs/harts.md says what orders accesses. */
import { z } from 'zod';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { CodePlace } from '../evidence/code-place.ts';
import type { RaceFact } from '../evidence/facts.ts';
import { printable } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { someText } from '../vocabulary/fields.ts';
import { type CheckContext, defineCheck, failed, PASSED, type Verdict } from './kind.ts';

/** Races that the report of a failed check lists. */
const MOST_TOLD = 8;
const LONGEST_NAME = 200;

const schema = z.strictObject({
  harts: z
    .literal('none')
    .describe('No two accesses of different harts to the same bytes, one of them a store, without an order between them.'),
  except: z
    .array(someText().max(LONGEST_NAME))
    .min(1)
    .optional()
    .describe('Variables of the kernel that do not count, by their names in the symbol table.'),
});

type Expected = z.output<typeof schema>;

function evaluate({ except = [] }: Expected, { evidence }: CheckContext): Verdict {
  const races = evidence.facts?.races;
  if (races === undefined) throw new Error('the evidence does not say whether harts race');
  const found = races.found.filter(({ variable }) => variable === null || !except.includes(variableOf(variable)));
  if (found.length === 0) return PASSED;
  const names = [...new Set(found.map(placeOf))];
  const shown = names.slice(0, 3).join(', ');
  const details: Detail[] = found
    .slice(0, MOST_TOLD)
    .map((race) => ({ kind: 'text', text: told(race, evidence.explanations?.racePlaces ?? []) }));
  const more = found.length - MOST_TOLD + races.leftOut;
  return failed(`harts access ${shown}${names.length > 3 ? ' and more' : ''} at the same time without an order between them`, [
    ...details,
    ...(more > 0 ? [{ kind: 'text', text: `… and ${more} more pairs of instructions` } as const] : []),
    {
      kind: 'text',
      text: 'A lock that both hold, or a flag that is stored after a fence and followed by one where it is read, orders them.',
    },
  ]);
}

/** Without how far into it. */
function variableOf(name: string): string {
  return name.replace(/\+0x[0-9a-f]+$/, '');
}

function placeOf({ variable, address }: RaceFact): string {
  return variable === null ? `memory at ${address}` : printable(variableOf(variable), LONGEST_NAME);
}

/** E.g. `counter: hart 0 stores it at count.c:12 in add, hart 1 loads it at count.c:11 in add, 12 times`. */
function told({ variable, address, accesses, count }: RaceFact, places: readonly CodePlace[]): string {
  const where = variable === null ? `memory at ${address}` : printable(variable, LONGEST_NAME);
  const parts = accesses.map((one) => `hart ${one.hart} ${one.kind}s it ${placeText(one, places)}`);
  return `${where}: ${parts.join(', ')}${count === 1 ? '' : `, ${groupedDigits(count)} times`}`;
}

/** The line, where the kernel has debug information; else how far in which function. */
function placeText({ pc, function: inside }: RaceFact['accesses'][number], places: readonly CodePlace[]): string {
  const frame = places.find(({ address }) => address === pc)?.frames[0];
  if (frame?.file == null || frame.line === null) return `in ${inside === null ? pc : `${printable(inside, LONGEST_NAME)} (${pc})`}`;
  const name = frame.function === null ? '' : ` in ${printable(frame.function, LONGEST_NAME)}`;
  return `at ${printable(frame.file, LONGEST_NAME)}:${frame.line}${name}`;
}

export const racesCheck = defineCheck({ schema, asks: () => ({ races: true }), evaluate });
