/** What a result keeps of a file that a check looks at: all that grading it again needs. */
import { z } from 'zod';
import { count, flag, type Saved, sha256, text } from '../evidence/fields.ts';

export const handedFileSchema = z
  .object({
    name: text.describe("its name or glob in the rubric's check"),
    each: z.literal(true).optional().describe('there where a check looks at all files that the glob matches, of which this is one'),
    hidden: flag.describe('whether only hidden checks look at it; a result for students does not have it then'),
    file: text.nullable().describe('its path below what was handed in; `null` if nothing was found'),
    bytes: count.nullable().describe('its size; `null` if nothing was found'),
    sha256: sha256.nullable().describe('of its bytes; `null` if it was not read'),
    text: text
      .nullable()
      .describe('what it holds, with LF as line end and without a byte-order mark; `null` if it was not read, or is not a text'),
    problem: text.nullable().describe('why there is no text, as a sentence; `null` if there is one'),
  })
  .meta({ id: 'handed-file', description: 'A file of the hand-in that a check looks at.' });

export type HandedFile = Saved<typeof handedFileSchema>;
