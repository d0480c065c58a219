/**
 * What running again found out, and the loop of the first run, as plain JSON: parts of a run's evidence, so that a saved run
 * keeps its explanations. Like the rest of evidence they come from schemas (evidence.ts); the tables are in docs/explain.md.
 */
import { z } from 'zod';
import { codeSchema, instructionSchema, placeSchema, stackSchema, storeSchema } from './code-place.ts';
import { driverSchema } from './driver.ts';
import { explainedExceptionSchema } from './exception.ts';
import { count, flag, hexNumber, mapOf, type Saved, text } from './fields.ts';
import { findingSchema } from './finding.ts';
import { changedRegisterSchema, frameStoreSchema, interruptedSchema } from './interrupted.ts';

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

const locatedFindingSchema = z
  .object({
    finding: findingSchema.describe('the finding'),
    stack: stackSchema.describe('the calls that led to its instruction the first time; of most findings beyond 64 only the instruction'),
  })
  .meta({ id: 'located-finding', description: 'A rule that the driver broke, and where it did.' });

const overwrittenLoopSchema = z
  .object({
    pc: hexNumber.describe('address of the instruction'),
    file: hexNumber.describe('the instruction there in the kernel file'),
    instruction: text.describe('the one in memory, disassembled'),
    sp: hexNumber.describe('the stack pointer in the loop'),
    store: storeSchema.nullable().describe('who stored there last; `null` if that was not found out'),
  })
  .meta({ id: 'overwritten-loop', description: 'Code of a loop that was overwritten.' });

const hoistedSchema = z
  .object({
    load: loadSchema.describe('what was loaded'),
    symbol: text.nullable().describe('symbol (and distance) of its address, where that is a plain variable; else `null`'),
    sameLine: flag.describe('whether it and the loop are on one source line; `false` where no lines are known'),
    compares: flag.describe('whether the loop itself compares it in each round, though it never loads it'),
    stack: stackSchema.describe('where the load is, without its calls'),
  })
  .meta({ id: 'hoisted', description: 'A load whose value decided, just before a loop, that the loop goes on.' });

const copiedSchema = z
  .object({
    load: loadSchema.describe('what was loaded to make the copy'),
    stack: stackSchema.describe('where, without its calls'),
  })
  .meta({ id: 'copied', description: 'How a copy was made of what a device writes, before a loop that polls the copy.' });

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

const awaitedInterruptSchema = z
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
export type PolledThing = Saved<typeof polledSchema>;
export type LoopLoadEvidence = Saved<typeof loadSchema>;
export type Awaited = Saved<typeof awaitedSchema>;
export type LoopEvidence = Saved<typeof loopSchema>;
export type AwaitedExplanation = Saved<typeof awaitedInterruptSchema>;
export type LocatedFinding = Saved<typeof locatedFindingSchema>;
export type Explanations = Saved<typeof explanationsSchema>;
export type StoreQuestion = Saved<typeof storeQuestionSchema>;
export type PrintQuestion = Saved<typeof printQuestionSchema>;

/** The name of a question in an explanation's `stores`. */
export function storeKey({ address, length, before }: StoreQuestion): string {
  return `${address}+${length}@${before}`;
}
