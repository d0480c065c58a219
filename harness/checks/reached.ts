/** `reached`: whether, how often and from where a function of the kernel was called. */

import { z } from 'zod';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { ReachFact } from '../evidence/facts.ts';
import { printable } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { isSameReach, type ReachAsk } from '../vocabulary/facts.ts';
import { type Count, count, symbolName } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { countText, isWithin } from './count.ts';
import { type CheckContext, defineCheck, failed, PASSED, type Verdict } from './kind.ts';

/** As it stands in sentences. */
const LONGEST_NAME = 1000;

const schema = z.union([
  symbolName().transform((one) => ({ function: one, address: undefined, count: undefined, from: undefined })),
  z.strictObject({
    function: symbolName().optional().describe('A function of the kernel, by its name in the symbol table.'),
    address: z
      .string()
      .regex(/^0x[0-9A-Fa-f]{1,16}$/)
      .optional()
      .describe('Instead of it, the address of an instruction, as in the kernel file, in hex and in quotation marks: "0x80201234".'),
    count: count().optional().describe('How often it must be called: a number, or min and max. Default: at least once.'),
    from: symbolName().optional().describe('Only calls from this function.'),
  }),
]);

type ExpectedReach = z.output<typeof schema>;

function mistakes({ function: symbol, address }: ExpectedReach): Mistake[] {
  if ((symbol === undefined) !== (address === undefined)) return [];
  const code = symbol === undefined ? 'missing-key' : 'one-of';
  return [{ path: [], code, message: 'it is either a function or an address', remedy: 'write function: NAME' }];
}

function askOf({ function: symbol, address, from }: ExpectedReach): ReachAsk {
  return { symbol: symbol ?? null, address: address?.toLowerCase() ?? null, from: from ?? null };
}

/** An inlined function is the most likely reason for a call that cannot be seen. */
const INLINED =
  'A call is seen only where the compiler makes one: it may have put the code of the function into its caller, which no name and no call shows. ' +
  '`#[inline(never)]` in Rust and `__attribute__((noinline))` in C prevent that.';

function evaluate(expected: ExpectedReach, { evidence }: CheckContext): Verdict {
  const ask = askOf(expected);
  const fact = evidence.facts?.reached?.find((one) => isSameReach(one, ask));
  const what = `${printable(ask.symbol ?? ask.address!, LONGEST_NAME)}`;
  if (fact === undefined) throw new Error(`the evidence does not have how often ${what} was called`);
  const bounds = expected.count ?? { min: 1, max: Number.MAX_SAFE_INTEGER };
  if (fact.problem !== null) return notWatched(fact.problem, fact, bounds.min === 0);
  const found = fact.count!;
  if (isWithin(bounds, found)) return PASSED;
  const from = ask.from === null ? '' : ` from ${printable(ask.from, LONGEST_NAME)}`;
  const details: Detail[] = [
    { kind: 'expected', text: `${countText(bounds)} ${isOne(bounds) ? 'call' : 'calls'} of ${what}${from}` },
    { kind: 'found', text: groupedDigits(found) },
  ];
  if (found === 0) return failed(`${what} is never called${from}`, [...details, { kind: 'text', text: INLINED }]);
  const times = found === 1 ? 'once' : `${groupedDigits(found)} times`;
  return failed(`${what} is called ${times}${from}, expected ${countText(bounds)}`, details);
}

/** Whether the last number of `countText` is 1. */
function isOne({ min, max }: Count): boolean {
  return (max === Number.MAX_SAFE_INTEGER ? min : max) === 1;
}

/** `mayBeNone`: what does not exist is not called. */
function notWatched(problem: NonNullable<ReachFact['problem']>, { symbol, from }: ReachFact, mayBeNone: boolean): Verdict {
  const [name, caller] = [symbol, from].map((one) => printable(one ?? '', LONGEST_NAME));
  switch (problem) {
    case 'no-symbols':
      return failed(`the kernel's file has no symbol table, in which ${name === '' ? caller : name} was to be looked up`, [
        { kind: 'text', text: 'Was the file stripped?' },
      ]);
    case 'no-function':
      return mayBeNone ? PASSED : noFunction(name!);
    case 'no-caller':
      return mayBeNone ? PASSED : noFunction(caller!);
    case 'too-many':
      return failed(`too many functions of the kernel are called ${[name, caller].filter((one) => one !== '').join(' or ')}`, [
        { kind: 'text', text: 'There may be 64 of one name, and some thousand of all names that the checks of one scenario are about.' },
      ]);
  }
}

function noFunction(name: string): Verdict {
  return failed(`the kernel has no function ${name}`, [
    { kind: 'text', text: 'Is it spelled differently, or was it left out because nothing calls it?' },
    { kind: 'text', text: INLINED },
  ]);
}

export const reachedCheck = defineCheck({ schema, mistakes, asks: (expected) => ({ reached: [askOf(expected)] }), evaluate });
