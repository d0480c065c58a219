/**
 * `build`: what the compiler said when the kernel was built of what was handed in (docs/building.md). It is about no run. What counts is what is said
 * of lines of the student's own; of a warning in the course's files nobody could do anything.
 *
 * Left out: what a student's file has the compiler not say (`#pragma GCC diagnostic`, `#![allow(…)]`), which `forbids` of a `file` check finds.
 */
import { z } from 'zod';
import { printable } from '../evidence/printable.ts';
import { compilerText } from '../result/build.ts';
import type { Detail } from '../result/result.ts';
import { whole } from '../vocabulary/fields.ts';
import { countText } from './count.ts';
import { defineHandInCheck, failed, type HandInContext, PASSED, type Verdict } from './kind.ts';

/** Warnings that a report of the check lists. */
const MOST_SHOWN = 10;
const LONGEST_SHOWN = 300;

const schema = z.strictObject({
  warnings: z
    .union([
      z.literal('none').transform(() => ({ max: 0 })),
      z.strictObject({ max: whole().max(99).describe('So many warnings are allowed, 0 to 99.') }),
    ])
    .describe("Warnings of the compiler about lines of the student's own files: none, or at most so many."),
});

function evaluate({ warnings: { max } }: z.output<typeof schema>, { build }: HandInContext): Verdict {
  if (build === null) return failed('nothing was built here, so that nobody knows what the compiler says', []);
  if (build.outcome === 'failed') return failed('there is no kernel: the build failed', []);
  const warnings = build.messages.filter(({ severity, path }) => severity === 'warning' && path !== undefined);
  if (warnings.length <= max) return PASSED;
  // Of messages that are not kept nobody knows where they were.
  const more = build.messagesLeftOut > 0 ? ' or more' : '';
  const details: Detail[] = [
    { kind: 'expected', text: max === 0 ? 'no warning' : `${countText({ min: 0, max })} ${max === 1 ? 'warning' : 'warnings'}` },
    ...warnings.slice(0, MOST_SHOWN).map((one): Detail => ({ kind: 'found', text: printable(compilerText(one), LONGEST_SHOWN) })),
    ...(warnings.length > MOST_SHOWN ? [{ kind: 'text', text: `And ${warnings.length - MOST_SHOWN} more.` } as const] : []),
  ];
  const times = warnings.length === 1 && more === '' ? 'once' : `${warnings.length}${more} times`;
  return failed(`the compiler warns ${times}`, details);
}

export const buildCheck = defineHandInCheck({ schema, evaluate });
