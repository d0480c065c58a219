/** `stop`: why the machine stopped, and with which exit code. */
import { z } from 'zod';
import type { Evidence, StopReason } from '../evidence/evidence.ts';
import { printable } from '../evidence/printable.ts';
import { describeReason, stoppedBy } from '../evidence/stop.ts';
import type { Detail } from '../result/result.ts';
import { endingAsk, isSameReach } from '../vocabulary/facts.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { type CheckContext, defineCheck, failed, PASSED, type Verdict } from './kind.ts';

/**
 * `host-limit`, `host-fault`, `worker-died`, `undecided`, `wrong-machine`, `no-disk` and `not-bootable` are left out: they decide every check of the scenario before this one is
 * evaluated.
 */
export const GRADABLE_STOPS = [
  'until',
  'poweroff',
  'reset',
  'exit',
  'idle',
  'waiting-for-input',
  'hang',
  'limit',
  'trap-loop',
  'power-cut',
] as const satisfies readonly StopReason[];

const reason = z.enum(GRADABLE_STOPS);

const schema = z.union([
  reason.transform((one) => ({ reason: [one], code: undefined })),
  z
    .array(reason)
    .min(1)
    .transform((several) => ({ reason: several, code: undefined })),
  z.strictObject({
    reason: z.union([reason.transform((one) => [one]), z.array(reason).min(1)]).describe('One reason, or several that are right.'),
    code: z
      .int()
      .min(0)
      .max(0xffff)
      .optional()
      .describe('The code that the kernel must write to the test finisher; only `exit` has a code.'),
  }),
]);

function evaluate(expected: z.output<typeof schema>, { scenario, evidence }: CheckContext): Verdict {
  const { stop } = evidence;
  const wrongCode = expected.code !== undefined && stop.reason === 'exit' && stop.code !== expected.code;
  if (!wrongCode && expected.reason.some((one) => stoppedBy(one, stop))) return PASSED;
  const code = expected.code === undefined ? '' : ` with code ${expected.code}`;
  return failed(wrongCode ? 'the exit code is not the expected one' : 'the machine stopped for a different reason', [
    { kind: 'expected', text: `${expected.reason.join(' or ')}${code}` },
    { kind: 'found', text: describeReason(stop) },
    ...(expected.reason.includes('until') ? unknownEndings(scenario, evidence) : []),
  ]);
}

/** Functions that were to end the run, and that the kernel does not have. */
function unknownEndings({ until }: Scenario, { facts }: Evidence): Detail[] {
  const problemOf = (name: string) => facts?.reached?.find((fact) => isSameReach(fact, endingAsk(name)))?.problem ?? null;
  return (until?.reaches ?? []).flatMap((name): Detail[] => {
    const problem = problemOf(name);
    if (problem === null) return [];
    const why = problem === 'no-symbols' ? "the kernel's file has no symbol table" : 'the kernel has no function of this name';
    return [{ kind: 'text', text: `The run was to end with a call of ${printable(name, 1000)}: ${why}.` }];
  });
}

export const stopCheck = defineCheck({ schema, evaluate });
