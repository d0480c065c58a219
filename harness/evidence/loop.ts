/** The loop that a kernel was in, what it polls there, and what running again has shown of it. Part of evidence.ts and explanation.ts. */
import { z } from 'zod';
import { instructionSchema, stackSchema, storeSchema } from './code-place.ts';
import { count, flag, hexNumber, type Saved, text } from './fields.ts';

const polledSchema = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.enum(['used-index', 'used-ring', 'available-ring', 'descriptor-table']),
        drive: text.describe("the drive's name in the rubric"),
      })
      .describe('a part of a virtqueue'),
    z
      .object({
        kind: z.literal('misplaced-used-index'),
        drive: text.describe("the drive's name in the rubric"),
        table: hexNumber.describe('where the device has the descriptor table'),
      })
      .describe('where the driver seems to have the index of the used ring, while the device has the queue elsewhere, outside memory'),
    z
      .object({
        kind: z.enum(['status-byte', 'data']),
        drive: text.describe("the drive's name in the rubric"),
        request: count.describe('its `number`'),
      })
      .describe('bytes of a request'),
    z
      .object({
        kind: z.literal('register'),
        device: text.describe('which device'),
        drive: text.nullable().describe('of which drive; `null` for other devices'),
        register: text.describe("by its specification's name, or its offset"),
      })
      .describe('a register of a device'),
    z.object({ kind: z.literal('stack') }).describe('near the stack pointer'),
    z.object({ kind: z.literal('memory') }).describe('other memory: a variable, as a rule'),
  ])
  .meta({ id: 'polled', description: 'What a polled address is.' });

const awaitedSchema = z
  .object({
    relation: z
      .enum(['other', 'equal', 'at-least', 'below'])
      .describe('`other`: any value but `value`; `equal`: that value; `at-least`: it or a larger one; `below`: a smaller one'),
    value: hexNumber.describe('what the loaded value is compared with'),
    mask: hexNumber.describe('the bits of the loaded value that count'),
  })
  .meta({ id: 'awaited', description: 'What a loaded value would have to be for a loop to end.' });

export const loadSchema = z
  .object({
    pc: hexNumber.describe('address of the instruction'),
    address: hexNumber.describe('virtual address that it loads from'),
    physical: hexNumber.nullable().describe('physical address; `null` if the virtual one is mapped to nothing'),
    width: count.describe('bytes'),
    value: hexNumber.describe('what was loaded'),
    what: polledSchema.describe('what is there'),
    decides: flag.describe('whether the path of the round depends on the value'),
    awaited: awaitedSchema.optional().describe('what it would have to be for the loop to end; missing where no single branch says so'),
  })
  .meta({ id: 'load', description: 'A load in each round of a loop.' });

const scanSchema = z
  .object({
    load: loadSchema.describe('what looks at the entries, at the first one'),
    stride: count.describe('bytes from one entry to the next'),
    entries: count.describe('how many there are'),
  })
  .meta({ id: 'scan', description: 'A table in memory that a loop looks through with interrupts on, as a scheduler does.' });

export const loopSchema = z
  .object({
    period: count.describe('instructions and traps of one round'),
    instructions: z.array(instructionSchema).describe('the instructions of a round by address; the first ones of a long loop'),
    loads: z.array(loadSchema).describe('what each round loads, the most telling first'),
    lastEffect: count.describe('guest nanoseconds at the last access to a device or the console that had an effect, before the loop'),
    scan: scanSchema.optional().describe('the table that it looks through for something to do; missing if it waits for something else'),
    sleeps: flag.describe(
      'whether it waits in WFI in each round: then the machine stopped there, and this is what it does when it is woken',
    ),
  })
  .meta({ id: 'loop', description: 'The loop that the kernel was in when the machine stopped.' });

export const overwrittenLoopSchema = z
  .object({
    pc: hexNumber.describe('address of the instruction'),
    file: hexNumber.describe('the instruction there in the kernel file'),
    instruction: text.describe('the one in memory, disassembled'),
    sp: hexNumber.describe('the stack pointer in the loop'),
    store: storeSchema.nullable().describe('who stored there last; `null` if that was not found out'),
  })
  .meta({ id: 'overwritten-loop', description: 'Code of a loop that was overwritten.' });

export const hoistedSchema = z
  .object({
    load: loadSchema.describe('what was loaded'),
    symbol: text.nullable().describe('symbol (and distance) of its address, where that is a plain variable; else `null`'),
    sameLine: flag.describe('whether it and the loop are on one source line; `false` where no lines are known'),
    compares: flag.describe('whether the loop itself compares it in each round, though it never loads it'),
    stack: stackSchema.describe('where the load is, without its calls'),
  })
  .meta({ id: 'hoisted', description: 'A load whose value decided, just before a loop, that the loop goes on.' });

export const copiedSchema = z
  .object({
    load: loadSchema.describe('what was loaded to make the copy'),
    stack: stackSchema.describe('where, without its calls'),
  })
  .meta({ id: 'copied', description: 'How a copy was made of what a device writes, before a loop that polls the copy.' });

export type PolledThing = Saved<typeof polledSchema>;
export type LoopLoadEvidence = Saved<typeof loadSchema>;
export type Awaited = Saved<typeof awaitedSchema>;
export type LoopEvidence = Saved<typeof loopSchema>;
