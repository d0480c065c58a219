/** What a result says of how the kernel was built of what was handed in. */
import { z } from 'zod';
import { count, type Saved, text } from '../evidence/fields.ts';

const messageSchema = z
  .object({
    severity: z.enum(['error', 'warning']).describe('as the tool calls it'),
    file: text.nullable().describe('below the top of the tree that was built, or as the compiler named it; `null` if it named none'),
    line: count.nullable().describe('from 1; `null` if it named none'),
    column: count.nullable().describe('from 1; `null` if it named none'),
    text: text.describe("the compiler's own words"),
  })
  .meta({ id: 'build-message', description: 'What a compiler, an assembler or a linker complained of.' });

const stepSchema = z
  .object({
    command: text.describe('as the rubric has it'),
    exitCode: z.int().nullable().describe('`null` if the step did not end by itself'),
    output: text.describe('its beginning and its end'),
  })
  .meta({ id: 'build-step', description: 'One step of the build.' });

export const buildSchema = z
  .object({
    outcome: z.enum(['built', 'failed']).describe('`failed`: there is no kernel'),
    reason: text.nullable().describe('one sentence: why there is no kernel; `null` if there is one'),
    folder: text.describe('the top of the tree as compilers knew it, such as `/build`: the beginning of paths in debug information'),
    steps: z.array(stepSchema).describe('those that were run; the last one may have failed'),
    messages: z.array(messageSchema).describe('errors first, then warnings, in the order in which they were printed; at most 100'),
    messagesLeftOut: count.describe('how many more there were'),
    taken: z.array(text).describe("the student's files among the sources, at most 200; all others are the course's"),
    takenCount: count.describe('how many there are'),
    missing: z.array(text).describe("the rubric's `take` that nothing was handed in for: there the course's own file was built"),
    ignored: z.array(text).describe('what was handed in and is no part of the build, at most 20 paths'),
    ignoredCount: count.describe('how many there are'),
  })
  .meta({ id: 'build', description: 'How the kernel was built.' });

export type BuildResult = Saved<typeof buildSchema>;
export type BuildMessage = BuildResult['messages'][number];
export type BuildStepResult = BuildResult['steps'][number];
