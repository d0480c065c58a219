/** A call of the SBI that was refused. Part of evidence.ts. */
import { z } from 'zod';
import { count, hexNumber, type Saved, text } from './fields.ts';

export const refusedCallSchema = z
  .object({
    pc: hexNumber.describe('address of the ECALL'),
    extension: hexNumber.describe('its extension (EID), from a7'),
    function: hexNumber.describe('its function (FID), from a6'),
    argument: hexNumber.describe('its first argument, from a0'),
    error: z.int().describe('the error that it returned in a0, which is below 0'),
    name: text.nullable().describe("the extension's name; `null` if there is no such extension"),
    functions: count.describe('how many functions that extension has'),
    time: count.describe('guest time, in nanoseconds'),
  })
  .meta({ id: 'refused-call', description: 'A call of the SBI that returned an error.' });

export type RefusedCall = Saved<typeof refusedCallSchema>;
