/** Places in a kernel's code, and who stored something: what explanations consist of. */
import { z } from 'zod';
import { count, flag, hexNumber, type Saved, text } from './fields.ts';

export const codeSchema = z
  .object({
    first: count.describe('number of the first of them'),
    lines: z.array(text).describe('the lines, long ones cut'),
  })
  .meta({ id: 'code', description: 'A few lines of a source file.' });

const frameSchema = z
  .object({
    function: text.nullable().describe('demangled, without generic arguments; `null` if nothing names it'),
    file: text
      .nullable()
      .describe('relative to the folder that the kernel was compiled in, where it lies below it; `null` if it is not known'),
    line: count.nullable().describe('`null` if it is not known'),
    path: text
      .optional()
      .describe('path of the file below what was handed in; missing where it was not handed in, or which file is meant cannot be told'),
    inlined: flag.describe('whether the compiler put the function into its caller'),
    library: flag.describe("whether it is a compiler's library or a published package: not the submission's own source"),
    symbol: text
      .optional()
      .describe('the function with its path, and how far into it the address is (`lab::blk::write+0x9c`); missing if `line` is known'),
    given: flag
      .optional()
      .describe(
        "in results: whether the rubric's `submission.given` names the file, which is then the course's own; missing if it does not",
      ),
    code: codeSchema
      .optional()
      .describe(
        "in results: the lines around `line`, for the student's own line that a reader looks at first; missing if it was not handed in",
      ),
  })
  .meta({ id: 'frame', description: 'One function at an address.' });

export const placeSchema = z
  .object({
    address: hexNumber.describe('of the instruction; for a caller, the return address'),
    frames: z
      .array(frameSchema)
      .describe('the function; several where some were inlined, the innermost first; none if nothing is known but the address'),
  })
  .meta({ id: 'place', description: "An instruction of the kernel. A caller's frames are those of its call." });

export const stackSchema = z
  .object({
    places: z.array(placeSchema).describe('the instruction first, then its callers'),
    leftOut: count.describe('how many further functions and calls are not in it'),
    notes: z.array(text).describe('what could not be found out, and why, in sentences'),
  })
  .meta({ id: 'stack', description: 'A place in the code with the calls that led to it.' });

export const instructionSchema = z.object({ pc: hexNumber.describe('its address'), text: text.describe('disassembled') });

const valueOriginSchema = z
  .object({
    value: hexNumber.nullable().describe('the stored value; `null` if what was made there is only a part of what it was calculated from'),
    instruction: text.describe('disassembled'),
    stack: stackSchema.describe('where it is'),
  })
  .meta({ id: 'value-origin', description: 'The instruction that made a value which was stored later.' });

const heldInSchema = z
  .object({
    name: text.describe("the variable's name"),
    value: hexNumber.describe('the part of the variable that the value was made of'),
    declared: stackSchema.describe('where it is declared: one place'),
  })
  .meta({ id: 'held-in', description: 'A variable whose constant was stored, as the debug information of optimized code knows it.' });

export const storeSchema = z
  .discriminatedUnion('by', [
    z
      .object({
        by: z.literal('kernel'),
        instructions: count.describe('instructions retired before it'),
        instruction: text.describe('disassembled'),
        stack: stackSchema.describe('where it is'),
        around: z
          .array(instructionSchema)
          .optional()
          .describe(
            'it and a few instructions around it; missing where a source line is known, in a library, or where the file does not have them',
          ),
        origins: z
          .array(valueOriginSchema)
          .optional()
          .describe('where the stored value was made, if that is another source line; missing if it is not, or was not found'),
        heldIn: heldInSchema.optional().describe('the variable that the stored value is a part of; missing if that is not known'),
      })
      .describe('an instruction of the kernel'),
    z
      .object({ by: z.literal('device'), instructions: count.describe('instructions retired before it') })
      .describe('the device itself wrote them (DMA)'),
    z.object({ by: z.literal('nobody') }).describe('nothing: they are as the kernel file has them, or zero'),
  ])
  .meta({ id: 'store', description: 'Who stored some bytes last, before a given time.' });

export type SourceCode = Saved<typeof codeSchema>;
export type CodeFrame = Saved<typeof frameSchema>;
export type CodePlace = Saved<typeof placeSchema>;
export type CodeStack = Saved<typeof stackSchema>;
export type StoreExplanation = Saved<typeof storeSchema>;
export type HeldIn = Saved<typeof heldInSchema>;
export type ValueOrigin = Saved<typeof valueOriginSchema>;
