/**
 * `keys`: what is typed at a kernel's prompts. Every way to write it becomes pairs of a text to wait for and the keys to send then.
 */
import { z } from 'zod';
import { someText, text, textFile } from '../vocabulary/fields.ts';
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

const when = someText().describe('Text to wait for on the console.');

/** Entries of one list of keys. */
export const MOST_PRESSES = 1000;

/** Lines that are typed by one entry. */
const MOST_LINES = 1000;

export const keysSchema = z.union([
  z.strictObject({
    when,
    type: z.union([text(), textFile.transform(() => '')]).describe('Keys to send then; in double quotes \\n is enter.'),
  }),
  z.strictObject({
    when,
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
  }),
  z.strictObject({
    prompt: someText().describe('Text to wait for before each line.'),
    lines: z
      .union([z.array(text()).min(1).max(MOST_LINES), textFile.transform((): string[] => [])])
      .describe('Lines to type, each with enter, and each once the prompt was shown again.'),
  }),
]);

export function resolveKeys(written: z.output<typeof keysSchema>): KeyPress[] {
  if ('lines' in written) return written.lines.map((line) => ({ when: written.prompt, type: `${line}\n` }));
  return [{ when: written.when, type: 'type' in written ? written.type : written.press }];
}
