/** What fields of saved evidence look like, for read.ts and read-explanation.ts. */
import { z } from 'zod';

export const count = z.int().min(0);
export const hexBytes = z.string().regex(/^([0-9a-f]{2})*$/);
export const hexNumber = z.string().regex(/^0x[0-9a-f]{1,16}$/);
export const decimal = z.string().regex(/^\d{1,20}$/);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const finding = z.object({
  ...{ rule: z.string(), section: z.string(), severity: z.enum(['must', 'should', 'note']), drive: z.string(), request: count.nullable() },
  ...{ time: count, instructions: count, pc: hexNumber.nullable(), count: z.int().min(1), message: z.string() },
});
