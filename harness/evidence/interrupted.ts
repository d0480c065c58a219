/** What the handler of an interrupt did to the code that it interrupted. Part of exception.ts and explanation.ts. */
import { z } from 'zod';
import { stackSchema } from './code-place.ts';
import { count, hexNumber, type Saved, text } from './fields.ts';

export const changedRegisterSchema = z
  .object({
    register: text.describe('its name'),
    before: hexNumber.describe('what it held when the interrupt came'),
    after: hexNumber.describe('what it held after the return'),
    how: z
      .enum(['unsaved', 'late', 'elsewhere', 'overwritten', 'kept', 'partly-saved', 'partly-loaded', 'unknown'])
      .describe(
        '`unsaved`: it was never stored to memory; `late`: it was stored when it had been changed; `elsewhere`: it was loaded from another place ' +
          'than it was stored to; `overwritten`: something else was stored there before; `kept`: it was stored, and not loaded again; ' +
          '`partly-saved`, `partly-loaded`: the store or the load was narrower than the register',
      ),
    instruction: text
      .nullable()
      .describe(
        'the one that says it best, disassembled: the load from the other place, the store over it, or the first that changed the register',
      ),
    stack: stackSchema.nullable().describe('where that is'),
  })
  .meta({ id: 'changed-register', description: 'A register that the handler of an interrupt did not leave as it was.' });

export const frameStoreSchema = z
  .object({
    instruction: text.describe('disassembled'),
    address: hexNumber.describe('where it stored'),
    above: count.describe('bytes from sp as it was when the interrupt came'),
    frame: count.describe('bytes that the handler had taken from sp'),
    stack: stackSchema.describe('where it is'),
  })
  .meta({ id: 'frame-store', description: 'The first store of a handler by sp that went beyond the stack which it had taken.' });

export const interruptedSchema = z
  .object({
    cause: count.describe('scause or mcause without its highest bit'),
    changed: z.array(changedRegisterSchema).describe('registers that its handler did not leave as they were, where it came back'),
    frameStore: frameStoreSchema.nullable().describe('`null` if there is none'),
    at: stackSchema.describe('the code that it interrupted'),
    enabled: stackSchema
      .nullable()
      .describe('where interrupts were turned on last, if several traps had not been returned from; else `null`'),
  })
  .meta({ id: 'interrupted', description: 'The last interrupt before an exception or a panic.' });

export type ChangedRegister = Saved<typeof changedRegisterSchema>;
export type FrameStore = Saved<typeof frameStoreSchema>;
export type Interrupted = Saved<typeof interruptedSchema>;
