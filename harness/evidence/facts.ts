/** What a run has recorded of the inside of the kernel, because a check asks for it. */
import { z } from 'zod';
import { count, decimal, hexBytes, hexNumber, type Saved, text } from './fields.ts';

const countSchema = z
  .object({
    of: z
      .enum(['instructions', 'page-faults', 'system-calls', 'timer-interrupts', 'context-switches', 'nanoseconds'])
      .describe(
        'what was counted: instructions that retired; page faults of any mode; calls (ECALL) of user programs; interrupts of a timer; how often user mode went on under a different `satp`; nanoseconds of the guest',
      ),
    systemCall: decimal.nullable().describe('of system calls: only those with this number in a7; `null`: all'),
    between: z
      .object({ from: text.describe('the first text'), to: text.describe('the second one') })
      .nullable()
      .describe('from the moment when the console had shown the first text to that of the second one, after it; `null`: in the whole run'),
    count: count.nullable().describe('how many; `null`: the console did not show both texts'),
  })
  .meta({ id: 'fact-count', description: 'How often the kernel did something.' });

const memorySchema = z
  .object({
    symbol: text.nullable().describe('where: at this symbol of the kernel; or `null`'),
    address: hexNumber.nullable().describe('or at this virtual address; or `null`'),
    offset: count.describe('and so many bytes further'),
    length: count.describe('how many bytes are asked for'),
    at: text.nullable().describe('when: the console had shown this text for the first time; `null`: at the end of the run'),
    place: hexNumber.nullable().describe('the virtual address; `null` if it is not known'),
    bytes: hexBytes.describe('what memory held, as far as it is mapped to RAM'),
    problem: z
      .enum(['no-symbols', 'no-symbol', 'several-symbols', 'unmapped', 'not-shown'])
      .nullable()
      .describe(
        'why there are no bytes: the file has no symbol table, not this symbol or several of this name; nothing is mapped there; the text was not shown',
      ),
  })
  .meta({ id: 'fact-memory', description: 'What memory held.' });

const reachedSchema = z
  .object({
    symbol: text.nullable().describe('the function with this symbol of the kernel; or `null`'),
    address: hexNumber.nullable().describe("or the instruction at this address of the kernel's file; or `null`"),
    from: text.nullable().describe('only calls from the function with this symbol; `null`: from anywhere'),
    count: count.nullable().describe('how often its first instruction was executed; `null`: it is not known where that is'),
    problem: z
      .enum(['no-symbols', 'no-function', 'no-caller', 'too-many'])
      .nullable()
      .describe(
        'why there is no number: the file has no symbol table, not this function, or not the one from which it is to be called; more functions were to be watched than there is room for',
      ),
  })
  .meta({ id: 'fact-reached', description: 'How often a function was called.' });

const racingSchema = z
  .object({
    hart: count.describe('the number of the hart'),
    kind: z.enum(['load', 'store']).describe('what it does to memory'),
    pc: hexNumber.describe('address of its instruction'),
    function: text.nullable().describe('the function that this lies in, and how far; `null` if it is not known'),
  })
  .meta({ id: 'racing-access', description: 'One of the two accesses of a race.' });

const raceSchema = z
  .object({
    address: hexNumber.describe('physical address of the first byte that both access'),
    variable: text.nullable().describe('the symbol that this lies in, and how far; `null` if it is not known'),
    accesses: z.array(racingSchema).describe('the one that came first in this run, and the other one'),
    count: z.int().min(1).describe('how often accesses of these two instructions raced'),
  })
  .meta({ id: 'hart-race', description: 'Two accesses of different harts to the same bytes, which nothing orders.' });

const racesSchema = z
  .object({
    found: z.array(raceSchema).describe('one for each pair of instructions, at most 64'),
    leftOut: count.describe('how many more there were'),
    isWhole: z.boolean().describe('whether the whole run was looked at: not where harts share more memory than is looked at'),
  })
  .meta({ id: 'hart-races', description: 'Races between harts.' });

export const factsSchema = z
  .object({
    counts: z.array(countSchema).describe('one for each count that a check asks for'),
    memory: z.array(memorySchema).describe('one for each place in memory that a check asks for'),
    reached: z
      .array(reachedSchema)
      .optional()
      .describe('one for each function of which a check, or `until`, asks whether it is called; left out: none was asked for'),
    races: racesSchema.optional().describe('races between harts; left out: no check asks for them'),
  })
  .meta({ id: 'facts', description: 'What checks ask about the inside of the kernel.' });

export type FactsEvidence = Saved<typeof factsSchema>;
export type MemoryFact = Saved<typeof memorySchema>;
export type ReachFact = Saved<typeof reachedSchema>;
export type RacesFact = Saved<typeof racesSchema>;
export type RaceFact = Saved<typeof raceSchema>;
export type CountFact = Saved<typeof countSchema>;
