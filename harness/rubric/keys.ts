/**
 * `keys`: what is typed at a kernel's prompts, or at times. Every way to write it becomes pairs of what to wait for and the keys to send then.
 */
import { z } from 'zod';
import { guestTimeSpan, someText, text, textFile } from '../vocabulary/fields.ts';
import type { KeyPress } from '../vocabulary/scenario.ts';

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];
const ESCAPE = '\x1b';

/** What a terminal sends for keys that are no characters (ECMA-48; xterm's for the arrows). Enter is what `type` has for it. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ...LETTERS.map((letter, index): [string, string] => [`ctrl-${letter}`, String.fromCharCode(index + 1)]),
  ['enter', '\n'],
  ['tab', '\t'],
  ['escape', ESCAPE],
  ['backspace', '\x7f'],
  ['up', `${ESCAPE}[A`],
  ['down', `${ESCAPE}[B`],
  ['right', `${ESCAPE}[C`],
  ['left', `${ESCAPE}[D`],
]);

const keyName = z.enum([...KEYS.keys()]).transform((key) => KEYS.get(key)!);

const when = someText().optional().describe('Text to wait for on the console.');
const after = guestTimeSpan()
  .optional()
  .describe('Guest time from there, or from the keys before, until it is typed: 500ms. Without `when`, from power-on for the first.');

/** Keys that wait for neither would be typed before the kernel runs. */
const WAITS = {
  error: 'this says not when the keys are typed',
  params: { problem: 'missing-key', remedy: 'give it `when` or `after`' },
};
const waits = ({ when, after }: { when?: string; after?: number }): boolean => when !== undefined || after !== undefined;

/** Entries of one list of keys. */
export const MOST_PRESSES = 1000;

/** Lines that are typed by one entry. */
const MOST_LINES = 1000;

export const keysSchema = z.union([
  z
    .strictObject({
      when,
      after,
      type: z.union([text(), textFile.transform(() => '')]).describe('Keys to send then; in double quotes \\n is enter.'),
    })
    .refine(waits, WAITS),
  z
    .strictObject({
      when,
      after,
      press: z
        .union([
          keyName,
          z
            .array(keyName)
            .min(1)
            .max(MOST_LINES)
            .transform((keys) => keys.join('')),
        ])
        .describe('Keys that are no characters: ctrl-c, enter, tab, escape, backspace, up, down, left, right; one or a list.'),
    })
    .refine(waits, WAITS),
  z.strictObject({
    after,
    prompt: someText().describe('Text to wait for before each line.'),
    lines: z
      .union([z.array(text()).min(1).max(MOST_LINES), textFile.transform((): string[] => [])])
      .describe('Lines to type, each with enter, and each once the prompt was shown again.'),
  }),
]);

export function resolveKeys(written: z.output<typeof keysSchema>): KeyPress[] {
  const { after = 0 } = written;
  if ('lines' in written) return written.lines.map((line) => ({ when: written.prompt, after, type: `${line}\n` }));
  return [{ when: written.when ?? null, after, type: 'type' in written ? written.type : written.press }];
}
