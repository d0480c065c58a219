/** What a repeated run has shown of how a driver uses its queue and its requests, as a zod schema. Part of explanation.ts. */
import { z } from 'zod';
import { stackSchema } from './code-place.ts';
import { count, flag, hexNumber, type Saved, text } from './fields.ts';

const answerSchema = z
  .object({
    request: count.describe('its `number`'),
    part: z.enum(['data', 'status']).describe('of a read the data, and the status byte of any request'),
    address: hexNumber.describe('physical address of its first byte'),
    symbol: text.nullable().describe('the variable there (and distance); `null` if nothing names one'),
    constants: text
      .nullable()
      .describe("the section of the kernel's file there, if it is one that nothing is to be written to; else `null`"),
    onStack: flag.describe('whether it was on the stack, close above the stack pointer, when the driver notified the device'),
    descriptor: count.describe('the index of its descriptor'),
    given: stackSchema.nullable().describe('where its address was stored into the descriptor; `null` if that is not known'),
    read: stackSchema.nullable().describe('where the kernel first read it after the device had written it; `null` if it never did'),
    readAt: count.nullable().describe('instructions retired before that'),
    instead: z
      .object({
        address: hexNumber.describe('physical address'),
        symbol: text.describe('the variable (and distance)'),
        stack: stackSchema.describe('where'),
      })
      .nullable()
      .describe('bytes of the same variable which the device had not written, and which the kernel read after the answer; else `null`'),
    pointer: z
      .object({
        value: hexNumber.describe('the address'),
        symbol: text.nullable().describe('the variable there (and distance); `null` if nothing names one'),
        read: flag.describe('whether the kernel read there after the answer'),
      })
      .nullable()
      .describe('the address of memory that stood where the data begin, when the driver notified the device; `null` if there was none'),
  })
  .meta({ id: 'answer', description: 'What the device wrote, or was to read, and what the kernel did with it.' });

const usedStoreSchema = z
  .object({
    before: count.describe('used.idx as the device had written it'),
    after: count.describe('what the kernel made of it'),
    next: count.describe('`number` of the request that came next, without a reset of the device between'),
    stack: stackSchema.describe('where'),
  })
  .meta({ id: 'used-store', description: "The first store of the kernel over the used ring's index." });

const entrySchema = z
  .object({
    request: count.describe('its `number`'),
    slot: count.describe('the entry of the available ring from which the device took it'),
    holds: count.describe('the head that stood there'),
    stored: z
      .object({
        offset: count.describe("bytes from the beginning of the ring's entries"),
        width: count.describe('bytes that were stored'),
        value: count.describe('the head'),
        stack: stackSchema.describe('where'),
      })
      .nullable()
      .describe('where the driver had stored a head since the request before it; `null` if nowhere'),
    late: z
      .object({ value: count.describe('the head'), stack: stackSchema.describe('where') })
      .nullable()
      .describe('what the driver stored there after the device had taken it; `null` if nothing'),
  })
  .meta({ id: 'ring-entry', description: 'The first request whose head the driver had not put where the device takes it from.' });

const elementSchema = z
  .object({
    slot: count.describe('which element of the used ring'),
    index: count.describe('used.idx then'),
    unread: count.describe('the element that was next'),
    again: flag.describe('whether the device had written it and the driver had read it before; else the device had never written it'),
    stack: stackSchema.describe('where'),
  })
  .meta({ id: 'used-element', description: 'The first element of the used ring that the driver read although another one was next.' });

const reusedSchema = z
  .object({
    request: count.describe('its `number`'),
    index: count.describe("the descriptor's"),
    times: count.describe('how often its address was stored for this one request, a different one each time'),
    stack: stackSchema.describe('where it was stored last'),
  })
  .meta({ id: 'reused-descriptor', description: 'A descriptor that was filled in several times for one request.' });

export const driverSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    answers: z
      .array(answerSchema)
      .describe(
        'of its first requests: the last status byte of a kernel that panicked, and those that were not read where they are, or lie where they should not',
      ),
    usedStore: usedStoreSchema.nullable().describe('`null` if there is none'),
    entry: entrySchema.nullable().describe('`null` if there is none'),
    element: elementSchema.nullable().describe('`null` if there is none'),
    reused: reusedSchema.nullable().describe('`null` if there is none'),
  })
  .meta({ id: 'driver', description: 'How a driver uses the queue of one drive.' });

export type DriverExplanation = Saved<typeof driverSchema>;
export type AnswerExplanation = DriverExplanation['answers'][number];
