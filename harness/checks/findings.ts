/**
 * `findings`: whether the driver keeps to the specification. The rules and their ids are the machine's (docs/development/conformance-rules.md);
 * which of them a run breaks is in its evidence.
 */
import { z } from 'zod';
import { RACE_RULES, RULES, SEVERITIES } from '../../machine/virtio/rules/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { describeFinding, type FindingEvidence } from '../evidence/finding.ts';
import { findingLead, findingStack } from '../evidence/finding-place.ts';
import type { Detail } from '../result/result.ts';
import { name } from '../vocabulary/fields.ts';
import { type CheckContext, defineCheck, driveMistakes, failed, PASSED, type Verdict } from './kind.ts';

/** Findings that the report of a failed check lists. */
const MOST_TOLD = 20;

/** Rules of the specification, by their ids. */
export const rules = z.array(z.enum(RULES.map(({ id }) => id))).min(1);

const schema = z
  .strictObject({
    drive: name().optional().describe('The drive; all of them if it is left out.'),
    none: z.enum(SEVERITIES).optional().describe('No finding of this severity or a graver one: must, should, note.'),
    except: rules.optional().describe('Rules that `none` does not count.'),
    absent: rules.optional().describe('Rules that the driver must not break, whatever their severity.'),
  })
  .refine(({ none, absent }) => none !== undefined || absent !== undefined, {
    error: 'the check names neither a severity nor rules',
    params: { problem: 'missing-key', remedy: 'write e.g. none: must, or absent: [data-length]' },
  });

type Expected = z.output<typeof schema>;

function counts({ rule, severity }: FindingEvidence, { none, except = [], absent = [] }: Expected): boolean {
  const grave = none !== undefined && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(none) && !except.includes(rule);
  return grave || absent.includes(rule);
}

function evaluate(expected: Expected, { evidence }: CheckContext): Verdict {
  const found = evidence.findings.filter((one) => (expected.drive ?? one.drive) === one.drive && counts(one, expected));
  if (found.length === 0) return PASSED;
  const broken = [...new Set(found.map(({ rule }) => rule))];
  const details = found.slice(0, MOST_TOLD).flatMap((one) => told(one, evidence));
  const shown = broken.slice(0, MOST_TOLD).join(', ');
  return failed(`the driver breaks ${broken.length === 1 ? 'a rule' : `${broken.length} rules`}: ${shown}`, details);
}

function told(finding: FindingEvidence, { explanations }: Evidence): Detail[] {
  const stack = findingStack(finding, explanations);
  const text: Detail = { kind: 'text', text: `${finding.severity}: ${describeFinding(finding)}` };
  return stack === null ? [text] : [text, { kind: 'code', text: findingLead(finding), stack }];
}

/** Whether the check asks for what is seen only in a run that watches the buffers' memory. */
export function asksForRaces({ absent = [] }: Expected): boolean {
  return absent.some((rule) => RACE_RULES.has(rule));
}

export const findingsCheck = defineCheck({
  schema,
  mistakes: (expected, placement) => (expected.drive === undefined ? [] : driveMistakes(expected.drive, placement)),
  evaluate,
});
