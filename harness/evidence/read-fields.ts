/** What fields of saved evidence look like, for read.ts and read-explanation.ts; and where one does not look like that. */
import { z } from 'zod';
import { printable } from './printable.ts';

/** The place of the first mistake, for a sentence: keys may hold anything. */
export function placeOf({ issues }: z.ZodError): string {
  const path = issues[0]?.path ?? [];
  return path.length === 0 ? 'its top' : printable(path.map(String).join('.'));
}

export const count = z.int().min(0);
export const hexBytes = z.string().refine((text) => text.length % 2 === 0 && !/[^0-9a-f]/.test(text));
/** Not zod's: its expression needs a stack that grows with the text. */
export const base64 = z.string().refine((text) => text.length % 4 === 0 && /^[0-9A-Za-z+/]*={0,2}$/.test(text));
export const hexNumber = z.string().regex(/^0x[0-9a-f]{1,16}$/);
export const decimal = z.string().regex(/^\d{1,20}$/);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const finding = z.object({
  ...{ rule: z.string(), section: z.string(), severity: z.enum(['must', 'should', 'note']), drive: z.string(), request: count.nullable() },
  ...{ time: count, instructions: count, pc: hexNumber.nullable(), count: z.int().min(1), message: z.string() },
});
