/** A disk request as evidence has it. Part of evidence.ts. */
import { z } from 'zod';
import { type Fault, REFUSALS } from '../../machine/spec/fault.ts';
import { count, decimal, flag, hexBytes, hexNumber, type Saved, text } from './fields.ts';

const descriptorSchema = z
  .object({
    index: count.describe('its index in its table'),
    indirect: flag.describe('whether it is in an indirect table'),
    address: hexNumber.describe('physical address of the buffer, as the driver wrote it'),
    length: count.describe('bytes of the buffer, as the driver wrote it'),
    flags: count.describe('as the driver wrote them; 2: the device may write the buffer'),
    next: count.describe('as the driver wrote it'),
  })
  .meta({ id: 'descriptor', description: 'One descriptor of a chain.' });

const roleSchema = z
  .object({
    role: z
      .enum(['header', 'data', 'status'])
      .describe(
        '`header`: the first 16 bytes; `status`: the last byte beyond them, unless the device refused the chain before its end; `data`: the rest',
      ),
    descriptor: count.describe('position of the descriptor in `descriptors`, from 0 (not its `index`)'),
    address: hexNumber.describe('physical address of the stretch'),
    length: count.describe('bytes of the stretch'),
    deviceWritable: flag.describe("whether the descriptor's `flags` say that the device may write it"),
  })
  .meta({ id: 'role', description: 'A stretch of a chain that plays one role by its position in the chain, whatever the flags say.' });

export const faultSchema = z
  .discriminatedUnion('kind', [
    z
      .object({ kind: z.literal('answer'), answer: z.enum(REFUSALS).describe('the status byte') })
      .describe('nothing was done, and the status byte said so'),
    z.object({ kind: z.literal('late'), nanoseconds: count.describe('guest nanoseconds beyond the usual') }).describe('it completed late'),
    z.object({ kind: z.literal('after-next') }).describe('it completed after the next request'),
    z.object({ kind: z.literal('interrupt-lost') }).describe('it completed without an interrupt'),
    z.object({ kind: z.literal('interrupt-joined') }).describe('it completed together with the next request, with one interrupt for both'),
    z.object({ kind: z.literal('power-cut') }).describe('the power went off when it was made: it was not carried out'),
    z
      .object({ kind: z.literal('data'), bytes: count.describe('how many of the first bytes were to be replaced') })
      .describe('the answer began with other bytes than the disk holds'),
  ])
  .meta({ id: 'fault', description: "What a rubric's `faults` had the device do wrong with a request." }) satisfies z.ZodType<
  Fault<number>
>;

export const requestSchema = z
  .object({
    number: count.describe("1 for the drive's first request"),
    drive: text.describe("the drive's name in the rubric"),
    queue: count.describe('the virtqueue'),
    head: count.describe("index of the chain's first descriptor"),
    ringEntry: hexNumber.describe("physical address of the available ring's entry that holds the head"),
    table: hexNumber.describe('physical address of the descriptor table'),
    time: count.describe('guest nanoseconds when the driver notified the device'),
    instructions: count.describe('instructions retired when the driver notified the device'),
    consoleBytes: count.describe('bytes of console output before that'),
    descriptors: z.array(descriptorSchema).describe('the chain, in its order'),
    roles: z.array(roleSchema).describe('which bytes of the chain are header, data and status'),
    type: count.nullable().describe('type in the header; `null` if the chain holds no whole header'),
    reserved: count.nullable().describe('the four bytes between them; `null` if the chain holds no whole header'),
    sector: decimal.nullable().describe('sector in the header; `null` if the chain holds no whole header'),
    data: hexBytes.describe("the data's first 4,096 bytes, by position; after the completion where the device wrote them"),
    dataLength: count.describe('bytes of data in the whole chain'),
    completion: z
      .object({
        time: count.describe('guest nanoseconds'),
        status: count.nullable().describe('the status byte that the device wrote; `null` if it wrote none'),
        usedLength: count.describe('length in the used ring: bytes that the device wrote'),
      })
      .nullable()
      .describe('how it was answered; `null` for a request that never completed'),
    phantom: flag.describe(
      'whether the driver never made it: the index of the available ring had jumped, so the device took an old entry of the ring',
    ),
    problem: text.nullable().describe('why the chain was malformed; `null` for a well-formed one'),
    fault: faultSchema.nullable().describe('what the device did wrong with it on purpose; else `null`'),
  })
  .meta({ id: 'request', description: 'A disk request.' });

export type DescriptorEvidence = Saved<typeof descriptorSchema>;
export type RoleEvidence = Saved<typeof roleSchema>;
export type Role = RoleEvidence['role'];
export type FaultEvidence = Saved<typeof faultSchema>;
export type RequestEvidence = Saved<typeof requestSchema>;
