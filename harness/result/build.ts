/** What a result says of how the kernel was built of what was handed in. */
import { z } from 'zod';
import { codeSchema } from '../evidence/code-place.ts';
import { count, type Saved, text } from '../evidence/fields.ts';

const messageSchema = z
  .object({
    severity: z.enum(['error', 'warning']).describe('as the tool calls it'),
    file: text.nullable().describe('below the top of the tree that was built, or as the compiler named it; `null` if it named none'),
    line: count.nullable().describe('from 1; `null` if it named none'),
    path: text.optional().describe("path of the file below what was handed in; missing if it is not the student's own"),
    column: count.nullable().describe('from 1; `null` if it named none'),
    text: text.describe("the compiler's own words"),
    code: codeSchema
      .optional()
      .describe("the lines around `line`, of the first errors at lines of the student's own; missing for all else"),
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
    lines: z
      .enum(['kernel', 'second-build', 'none'])
      .describe(
        'where source lines of addresses come from; `second-build`: the kernel has none, but another build of the same sources, which is the same in memory, has',
      ),
    noLines: text.nullable().describe('why a second build gave no lines; `null` if it did, or there was none'),
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

/** As a compiler says it, with the student's name of the file: `blk.c:12:5: error: …`. Not fit to be shown as it is. */
export function compilerText({ severity, file, path, line, column, text: said }: BuildMessage): string {
  const place = [path ?? file, line, column].filter((part) => part !== null).join(':');
  return `${place === '' ? '' : `${place}: `}${severity}: ${said}`;
}

/** Why compilers made no kernel, with the first error; null if they complained of none. */
export function failureText(messages: readonly BuildMessage[]): string | null {
  const [first, ...others] = messages.filter(({ severity }) => severity === 'error');
  if (first === undefined) return null;
  const more = others.length === 0 ? '' : ` (and ${others.length} further error${others.length === 1 ? '' : 's'})`;
  return `the build failed: ${compilerText(first)}${more}`;
}
