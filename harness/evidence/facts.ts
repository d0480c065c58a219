/** What a run has recorded of the inside of the kernel, because a check asks for it. */
import { z } from 'zod';
import { count, decimal, type Saved, text } from './fields.ts';

const countSchema = z
  .object({
    of: z
      .enum(['instructions', 'page-faults', 'system-calls', 'timer-interrupts', 'context-switches'])
      .describe(
        'what was counted: instructions that retired; page faults of any mode; calls (ECALL) of user programs; interrupts of a timer; how often user mode went on under a different `satp`',
      ),
    systemCall: decimal.nullable().describe('of system calls: only those with this number in a7; `null`: all'),
    between: z
      .object({ from: text.describe('the first text'), to: text.describe('the second one') })
      .nullable()
      .describe('from the moment when the console had shown the first text to that of the second one, after it; `null`: in the whole run'),
    count: count.nullable().describe('how many; `null`: the console did not show both texts'),
  })
  .meta({ id: 'fact-count', description: 'How often the kernel did something.' });

export const factsSchema = z
  .object({ counts: z.array(countSchema).describe('one for each count that a check asks for') })
  .meta({ id: 'facts', description: 'What checks ask about the inside of the kernel.' });

export type FactsEvidence = Saved<typeof factsSchema>;
export type CountFact = Saved<typeof countSchema>;
