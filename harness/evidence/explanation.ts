/**
 * What running again found out, as plain JSON: a part of a run's evidence, so that a saved run
 * keeps its explanations. Like the rest of evidence they come from schemas (evidence.ts); the tables are in docs/explain.md.
 */
import { z } from 'zod';
import { awaitedInterruptSchema } from './awaited-interrupt.ts';
import { codeSchema, placeSchema, stackSchema, storeSchema } from './code-place.ts';
import { driverSchema } from './driver.ts';
import { explainedExceptionSchema } from './exception.ts';
import { count, flag, hexNumber, mapOf, type Saved, text } from './fields.ts';
import { findingSchema } from './finding.ts';
import { interruptedSchema } from './interrupted.ts';
import { copiedSchema, hoistedSchema, loadSchema, overwrittenLoopSchema } from './loop.ts';

const locatedFindingSchema = z
  .object({
    finding: findingSchema.describe('the finding'),
    stack: stackSchema.describe('the calls that led to its instruction the first time; of most findings beyond 64 only the instruction'),
  })
  .meta({ id: 'located-finding', description: 'A rule that the driver broke, and where it did.' });

const probeSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    register: z.enum(['MagicValue', 'Version', 'DeviceID']).describe('which register of it'),
    value: hexNumber.describe('what the kernel read'),
    compared: hexNumber.describe('what it would have had to read'),
    stack: stackSchema.describe('where it compares them'),
  })
  .meta({ id: 'probe', description: 'The last comparison before a kernel gave up that did not know its devices.' });

const joinedSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    requests: z.array(count).length(2).describe('the two `number`s'),
    stop: text.describe('how the run ended then, in words'),
    ring: z
      .object({ index: count.describe('used.idx'), looked: count.describe('elements of the used ring that the driver had looked at') })
      .nullable()
      .describe('at that end; `null` if it is not known'),
    place: placeSchema.nullable().describe('where the handler of the interrupt looked at the used ring; `null` if it is not known'),
  })
  .meta({
    id: 'joined',
    description:
      'A run that ended well, repeated with two requests that are done together, with one interrupt for both; it ended differently.',
  });

const wrappedSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    earlier: count.describe('the `number` of the read whose data were there'),
    later: count.describe('the `number` of the read that wrote over them'),
    address: hexNumber.describe('physical address of both'),
    bytes: count.describe('how far before the end of the buffer before it that is'),
    stack: stackSchema.describe('where the later one was made'),
  })
  .meta({ id: 'wrapped', description: 'A read in a row of reads that wrote over data which the kernel had not read yet.' });

const unsetSchema = z
  .object({
    symbol: text.describe('the variable (and distance)'),
    address: hexNumber.describe('physical address of what was read'),
    value: hexNumber.describe('what was read'),
    end: hexNumber.describe('what is there at the end of the run'),
    filled: flag.describe('whether RAM held something else than zeroes at power-on (`fill-ram`)'),
    others: z.array(text).describe('further variables of which the same is true'),
    stack: stackSchema.describe('where it was read'),
  })
  .meta({ id: 'unset', description: 'A variable that was read before anything had stored to it.' });

export const explanationsSchema = z
  .object({
    stores: mapOf(text, storeSchema).describe('by `ADDRESS+LENGTH@TIME` of the question: who stored these bytes last'),
    prints: mapOf(text, stackSchema).describe(
      'by the number of bytes on the console before: where the kernel was when it printed the next byte, for each byte that a check asked about',
    ),
    panic: stackSchema.nullable().describe('where the kernel was when it began to print its last panic message; else `null`'),
    exception: explainedExceptionSchema.nullable().describe('about the `exception` of the evidence; else `null`'),
    entry: z
      .object({
        elf: hexNumber.describe('entry address that the file names'),
        machine: hexNumber.describe('address at which the machine starts it'),
        place: placeSchema.describe('what is there'),
      })
      .nullable()
      .describe('where the machine starts the kernel elsewhere than its file says; else `null`'),
    loop: z
      .object({
        since: count.nullable().describe('instructions before the first round; `null` if it was not found again'),
        stack: stackSchema.describe('where the loop is'),
        symbol: text
          .nullable()
          .describe('symbol (and distance) of the address that is waited for, where that is a plain variable; else `null`'),
        polled: loadSchema
          .optional()
          .describe("the load that is waited for, where the kernel's symbols say that it is not the loop's first one; else missing"),
        overwritten: overwrittenLoopSchema
          .optional()
          .describe('an instruction of it that is not the one of the kernel file; missing if there is none'),
        hoisted: hoistedSchema
          .optional()
          .describe(
            'for a loop that loads nothing: the load before it that the compiler has likely taken out of it; missing if there is none',
          ),
        copied: copiedSchema
          .optional()
          .describe('for a loop that polls a copy of what a device writes: how it was made; missing if that is not so'),
      })
      .nullable()
      .describe('about the `loop` of the evidence; else `null`'),
    harts: z
      .array(
        z.object({
          stack: stackSchema.describe('where it was'),
          symbol: text
            .nullable()
            .describe('symbol (and distance) of the address that its loop waits for, where that is a plain variable; else `null`'),
          holder: z
            .object({ hart: count.describe('the number of the hart'), stack: stackSchema.describe('where it was then') })
            .optional()
            .describe('who has changed the lock last that it tries to take; missing if it tries none, or that is not known'),
        }),
      )
      .optional()
      .describe('about the `hartsAtEnd` of the evidence; missing where there are none'),
    racePlaces: z
      .array(placeSchema)
      .optional()
      .describe('the instructions of races between harts, where a check of them has failed; missing where there are none'),
    interrupts: awaitedInterruptSchema.nullable().describe('about the `interrupts` of the evidence; else `null`'),
    joined: joinedSchema
      .optional()
      .describe('with `--explain`, of a run that ended well: an experiment after which it did not; missing if there is nothing to say'),
    unset: unsetSchema
      .optional()
      .describe('of a kernel that resets the machine, or with `fill-ram`, where a check failed; missing if there is none'),
    wrapped: wrappedSchema
      .optional()
      .describe('of a run in which a check failed, and with `--explain` of any: the first of its kind; missing if there is none'),
    probe: probeSchema
      .optional()
      .describe('of a kernel that gave up before it used a device: what it compared with; missing if that is not known'),
    refusedCall: stackSchema
      .optional()
      .describe('where the call was made that is the `refusedCall` of the evidence; missing if there is none'),
    drivers: z
      .array(driverSchema)
      .describe('of a run in which a check failed: how drivers use their queues; those of which nothing was found out are left out'),
    interrupted: interruptedSchema
      .nullable()
      .describe('of a kernel that panicked without an exception; else, and where there was none, `null`'),
    end: stackSchema.nullable().describe('where the kernel was when it reached the limit or waited, if nothing above says so; else `null`'),
    findings: z
      .array(locatedFindingSchema)
      .describe('the findings that have an instruction: those of the run itself, and with `--explain` the races of a repeated run'),
    sources: z
      .array(
        z.object({
          path: text.describe('`path` of a frame'),
          line: count.describe('its `line`'),
          code: codeSchema.describe('the line, and three before and after it'),
        }),
      )
      .optional()
      .describe('lines of what was handed in around the lines that are named above; missing if there are none'),
    remedy: text.optional().describe('how to build the kernel so that source lines can be named; missing if they can'),
  })
  .meta({ id: 'explanations', description: 'What a repeated run has shown.' });

export const storeQuestionSchema = z
  .object({
    address: hexNumber.describe('physical address'),
    length: count.describe('bytes'),
    before: count.describe('guest nanoseconds: of the notify'),
  })
  .meta({ id: 'store-question', description: 'Bytes of guest memory as they were at a time.' });

export const printQuestionSchema = z
  .object({ byte: count.describe('which byte of the console, from 0') })
  .meta({ id: 'print-question', description: 'A byte on the console.' });

export type SourceExcerpt = NonNullable<Explanations['sources']>[number];
export type LocatedFinding = Saved<typeof locatedFindingSchema>;
export type Explanations = Saved<typeof explanationsSchema>;
export type StoreQuestion = Saved<typeof storeQuestionSchema>;
export type PrintQuestion = Saved<typeof printQuestionSchema>;

/** The name of a question in an explanation's `stores`. */
export function storeKey({ address, length, before }: StoreQuestion): string {
  return `${address}+${length}@${before}`;
}
