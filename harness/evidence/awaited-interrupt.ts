/** What running again has shown about the interrupt that a kernel waits for, and its handlers. Part of explanation.ts. */
import { z } from 'zod';
import { placeSchema, stackSchema } from './code-place.ts';
import { count, flag, hexNumber, type Saved, text } from './fields.ts';
import { changedRegisterSchema, frameStoreSchema } from './interrupted.ts';
import { loadSchema } from './loop.ts';

const handlerStepSchema = z
  .discriminatedUnion('kind', [
    z
      .object({ kind: z.literal('claimed'), source: count.describe('its number at the PLIC; 0: there was none') })
      .describe('it read the claim register'),
    z
      .object({ kind: z.literal('completed'), source: count.describe('what it wrote'), place: placeSchema.describe('where') })
      .describe('it wrote to the claim register'),
    z
      .object({
        kind: z.literal('acknowledged'),
        drive: text.describe("the drive's name in the rubric"),
        value: hexNumber.describe('what it wrote'),
      })
      .describe('it wrote InterruptACK'),
    z
      .object({
        kind: z.literal('looked'),
        drive: text.describe("the drive's name in the rubric"),
        place: placeSchema.describe('where, the first time'),
      })
      .describe('it looked at the used ring, maybe several times'),
    z
      .object({
        kind: z.literal('stored'),
        symbol: text.describe('the variable (and distance)'),
        address: hexNumber.describe('virtual address'),
        value: hexNumber.describe('what it stored'),
        place: placeSchema.describe('where'),
      })
      .describe('it stored to a variable'),
    z
      .object({
        kind: z.literal('disabled'),
        bits: hexNumber.describe('the bits of `mie` that it cleared, which has those of `sie`'),
        place: placeSchema.describe('where'),
      })
      .describe('it turned interrupts off that had been on'),
  ])
  .meta({ id: 'handler-step', description: "What an interrupt's handler did." });

const handlerSchema = z
  .object({
    cause: count.describe('scause or mcause without its highest bit'),
    mode: z.enum(['M', 'S']).describe('in which mode it was taken'),
    returned: flag.describe('whether it came back to the interrupted instruction'),
    changed: z.array(changedRegisterSchema).describe('registers that it did not leave as they were, where it came back'),
    frameStore: frameStoreSchema.nullable().describe('`null` if there is none'),
    at: stackSchema.describe('the code that it interrupted'),
    steps: z.array(handlerStepSchema).describe('in the order in which it did them'),
  })
  .meta({ id: 'handler', description: 'What the handler did in the last interrupt of one cause.' });

const awaitedVariableSchema = z
  .object({
    load: loadSchema.describe('how the kernel looks at it'),
    symbol: text.nullable().describe('symbol (and distance) of its address, where that is a plain variable; else `null`'),
    place: placeSchema.describe('where the kernel looks at it'),
    seen: hexNumber.nullable().describe('what the kernel saw before it went to sleep, where it has changed since; else `null`'),
    stores: z
      .array(
        z.object({
          value: hexNumber.nullable().describe('what the variable held after it; `null` where that is not known'),
          instructions: count.describe('instructions retired before it'),
          looked: flag.describe('whether the kernel loaded it before the next store'),
          stack: stackSchema.nullable().describe('where; `null` where a device wrote it'),
        }),
      )
      .describe('the last ones, the latest at the end'),
  })
  .meta({ id: 'awaited-variable', description: 'The variable that a sleeping kernel waits for.' });

export const awaitedInterruptSchema = z
  .object({
    controls: z
      .array(
        z.object({
          name: text.describe('a bit (`sie.9`, `sstatus.1`), the register `sie` or `mie`, or the address of a register of the PLIC'),
          value: hexNumber.describe('of a bit, to what it was changed; of a register, what was written, set or cleared in it'),
          stack: stackSchema.describe('where'),
        }),
      )
      .describe('how bits came to be 0 that must be 1 for an interrupt to be taken, and who wrote last to registers of the PLIC'),
    claims: z
      .array(z.object({ source: count.describe('its number at the PLIC'), stack: stackSchema.describe('where it was claimed last') }))
      .describe('sources that were claimed and not completed'),
    handler: z
      .object({
        stack: stackSchema.describe('where it is'),
        setsTimer: flag.describe('whether that is the place at which it sets the timer'),
      })
      .nullable()
      .describe('the handler of interrupts without end; `null` if there are none, or it was not found'),
    looked: z
      .array(
        z.object({
          drive: text.describe("the drive's name in the rubric"),
          elements: count.describe('elements of the used ring that the driver has looked at, by the element itself or its status byte'),
        }),
      )
      .describe('drives whose used ring has elements; none where that could not be found out'),
    handlers: z
      .array(handlerSchema)
      .describe('of a kernel that waits in WFI: what its handlers did last, in the order of these interrupts'),
    variable: awaitedVariableSchema.nullable().describe('of a kernel that waits in WFI; `null` if it waits for none, or this is not known'),
  })
  .meta({ id: 'awaited-interrupt', description: 'What a repeated run has shown about interrupts.' });

export type AwaitedExplanation = Saved<typeof awaitedInterruptSchema>;
