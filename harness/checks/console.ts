/**
 * `console`: what the kernel printed. Plain text is looked for byte by byte; a regular expression sees the console with its
 * line ends as LF.
 */

import { z } from 'zod';
import { binaryOfText } from '../bytes/binary.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { compileRegex, regex, someText } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { consoleDifference } from './console-difference.ts';
import { consoleBinary, consoleEnd, consoleText, lineAt } from './console-text.ts';
import { type CheckContext, defineCheck, failed, PASSED, type Placement, type Verdict } from './kind.ts';

const step = z.strictObject({
  contains: someText().describe('Text that the console must show after the step before it.'),
  points: z.number().min(0).optional().describe("What this step is worth; on all steps or on none, together the check's points."),
});

const schema = z.union([
  someText().transform((contains) => ({ contains })),
  z.strictObject({ contains: someText().describe('Text that the console must show.') }),
  z.strictObject({ matches: regex().describe('Regular expression (RE2) that must match; ^ and $ match at each line.') }),
  z.strictObject({ absent: someText().describe('Text that the console must not show.') }),
  z.strictObject({ 'in-order': z.array(step).min(1).max(100).describe('Texts that the console must show one after another.') }),
]);

type Step = z.output<typeof step>;

/** Points to compare: a double's noise is not a mistake. */
const NOISE = 1e-6;

function mistakes(expected: z.output<typeof schema>, { points }: Placement): Mistake[] {
  if (!('in-order' in expected)) return [];
  const given = expected['in-order'].map((one) => one.points).filter((one) => one !== undefined);
  if (given.length === 0) return [];
  const path = ['in-order'];
  if (given.length < expected['in-order'].length) {
    return [
      { path, code: 'points-mismatch', message: 'only some of the steps have points', remedy: 'give points to all of them, or to none' },
    ];
  }
  const sum = given.reduce((total, one) => total + one, 0);
  if (points === null || Math.abs(sum - points) <= NOISE) return [];
  return [{ path, code: 'points-mismatch', message: `the steps are worth ${sum} points together, the check ${points}` }];
}

function contains(wanted: string, evidence: Evidence): Verdict {
  if (consoleBinary(evidence).includes(binaryOfText(wanted))) return PASSED;
  return failed('the console does not show this text', consoleDifference(evidence, wanted));
}

function matches(pattern: string, evidence: Evidence): Verdict {
  if (compileRegex(pattern).test(consoleText(evidence))) return PASSED;
  const details: Detail[] = [{ kind: 'expected', text: `a match of ${quoted(pattern)}` }, ...consoleEnd(evidence)];
  return failed('nothing on the console matches', details);
}

function absent(unwanted: string, evidence: Evidence): Verdict {
  const at = consoleBinary(evidence).indexOf(binaryOfText(unwanted));
  if (at === -1) return PASSED;
  return failed('the console shows this text', [{ kind: 'expected', text: `no ${quoted(unwanted)}` }, lineAt(evidence, at)]);
}

/** A step that is missing does not cost the ones after it. */
function inOrder(steps: readonly Step[], evidence: Evidence): Verdict {
  const binary = consoleBinary(evidence);
  const details: Detail[] = [];
  let at = 0;
  let score = 0;
  let missing = 0;
  steps.forEach(({ contains: wanted, points = 0 }, index) => {
    const sought = binaryOfText(wanted);
    const found = binary.indexOf(sought, at);
    if (found !== -1) {
      at = found + sought.length;
      score += points;
      return;
    }
    missing++;
    const step = `step ${index + 1}`;
    const early = binary.indexOf(sought);
    if (early === -1) details.push(...consoleDifference(evidence, wanted, step));
    else details.push({ kind: 'expected', text: `${step}: ${quoted(wanted)}` }, lineAt(evidence, early), tooEarly);
  });
  if (missing === 0) return PASSED;
  return failed(`${missing} of ${steps.length} steps missing or out of order`, details, { score });
}

const tooEarly: Detail = { kind: 'text', text: 'It comes too early: before the step that it should follow.' };

function evaluate(expected: z.output<typeof schema>, { evidence }: CheckContext): Verdict {
  if ('contains' in expected) return contains(expected.contains, evidence);
  if ('matches' in expected) return matches(expected.matches, evidence);
  if ('absent' in expected) return absent(expected.absent, evidence);
  return inOrder(expected['in-order'], evidence);
}

export const consoleCheck = defineCheck({ schema, mistakes, evaluate });
