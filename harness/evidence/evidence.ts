/**
 * Evidence: what one run of one scenario produced, as plain JSON. It stands in the middle of the design: runs only write it, checks and
 * reports only read it. Imports nothing but its own parts. No clock reading of the host, no date, no path of the host is ever in it.
 *
 * Everything about it comes from these schemas: the types, what the reader of saved evidence takes (read.ts), its JSON Schema and its
 * tables in docs/result.md. 64-bit guest values are strings, since JSON numbers are doubles.
 */
import { z } from 'zod';
import { exceptionSchema } from './exception.ts';
import { explanationsSchema } from './explanation.ts';
import { factsSchema } from './facts.ts';
import { base64, count, decimal, flag, hexNumber, mapOf, type Saved, sha256, text } from './fields.ts';
import { findingSchema } from './finding.ts';
import { interruptsSchema } from './interrupts.ts';
import { loopSchema } from './loop.ts';
import { queueSchema } from './queue.ts';
import { requestSchema } from './request.ts';
import { requestCountSchema, selectionSchema } from './request-counts.ts';
import { refusedCallSchema } from './sbi.ts';

export type { DescriptorEvidence, FaultEvidence, RequestEvidence, Role, RoleEvidence } from './request.ts';

export const EVIDENCE_SCHEMA = 'bootgrade/evidence/v1';

export const stopSchema = z
  .discriminatedUnion('reason', [
    z
      .object({
        reason: z.literal('until'),
        console: text.optional().describe('the text that the console showed, or the line that matched'),
        matches: text.optional().describe('the regular expression, if it was one'),
        reaches: text.optional().describe('instead of them, the function that was called'),
      })
      .refine(({ console, reaches }) => (console === undefined) !== (reaches === undefined))
      .describe('the console showed what ends the scenario, or a function that ends it was called'),
    z.object({ reason: z.enum(['poweroff', 'reset']) }).describe('the kernel asked for it'),
    z
      .object({ reason: z.literal('exit'), code: z.int().describe('the exit code') })
      .describe('the kernel wrote an exit code to the test finisher'),
    z.object({ reason: z.literal('idle') }).describe('the hart waits for an interrupt and nothing is scheduled'),
    z.object({ reason: z.literal('waiting-for-input') }).describe('the kernel polls an empty console and nobody will type'),
    z.object({ reason: z.literal('hang') }).describe('the kernel provably runs for ever'),
    z
      .object({ reason: z.literal('trap-loop') })
      .describe('exceptions without end: the trap vector itself faults, or a handler returns to an instruction that faults again'),
    z
      .object({ reason: z.literal('power-cut') })
      .describe("the power went off at a request, as the rubric's `faults` say: what was in flight was never answered"),
    z
      .object({ reason: z.literal('limit'), limit: text.describe('which one') })
      .describe(
        "the scenario's limit of time or work, or a bound on what one run may produce: 8 MiB of console output, " +
          '128 MiB written to disks, 250,000 interrupts in a row (no instruction of the interrupted code between them), ' +
          '250,000 exceptions in a row (no handler of which returned)',
      ),
    z
      .object({ reason: z.literal('host-limit'), limit: text.describe('which one') })
      .describe(
        "the run took too many seconds of this computer's processor (60, or 4 for each guest second of the scenario's limit): " +
          "the grader's fault, errored",
      ),
    z
      .object({ reason: z.literal('worker-died'), message: text.describe('of what') })
      .describe(
        'the process that graded it died, or was ended because it was stuck or needed too much memory: ' + "the grader's fault, errored",
      ),
    z
      .object({ reason: z.literal('host-fault'), message: text.describe('why') })
      .describe("this computer could not read what was handed in: the grader's fault, errored"),
    z
      .object({ reason: z.literal('undecided'), message: text.describe('what it could be') })
      .describe('which of several files is the kernel could not be decided: errored, and nothing was booted'),
    z
      .object({ reason: z.literal('wrong-machine'), message: text.describe('why') })
      .describe("the kernel is one for M mode and the rubric's machine has firmware: the rubric is at fault, as it seems; errored"),
    z
      .object({ reason: z.literal('no-disk'), message: text.describe('why') })
      .describe('the run whose disks this one begins with (`disk-from`) did not get that far, so that nothing was booted: failed'),
    z
      .object({ reason: z.literal('not-bootable'), message: text.describe('why') })
      .describe('what was handed in cannot boot (no kernel file, not for RISC-V …): failed'),
  ])
  .meta({ id: 'stop', description: 'Why the machine stopped.' });

const deviceSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    address: hexNumber.describe('of its virtio-mmio slot'),
    version: count.nullable().describe('what its register Version says: 1 legacy, 2 modern; `null` for a drive that is not present'),
    accessed: flag.describe('whether the kernel read or wrote any of its registers'),
    statusWrites: z.array(count).describe('what the driver wrote to the Status register, in order, the first 256'),
    deviceFeatures: hexNumber.describe('feature bits that the device offered'),
    driverFeatures: hexNumber.describe('feature bits that the driver accepted'),
    queueSize: count.describe('size of queue 0, as it was set last'),
    queue: queueSchema.describe('where queue 0 lies'),
    notifies: count.describe('how often the driver wrote to QueueNotify'),
    interruptsRaised: count.describe('how often the device raised its interrupt'),
    interruptsAcknowledged: count.describe('how often the driver acknowledged it'),
    broken: text.nullable().describe('why the device stopped answering since its last reset; else `null`'),
    unnotified: count.describe('chains in the available ring that no notify had announced when the machine stopped'),
    racesLeftOut: count.describe(
      'races that are not among the findings, as there are too many: one for each instruction and request, ' +
        'counted up to 10,000 for those beyond 16 instructions of one part of a request',
    ),
  })
  .meta({ id: 'device', description: 'How a device was set up and used.' });

const sectorSchema = z
  .string()
  .regex(/^([0-9a-f]{2}){0,512}$/)
  .meta({ id: 'sector', description: 'the 512 bytes of a sector, each as two hex digits, without the zeroes at the end' });

const imageSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    size: count.describe('bytes'),
    initialSha256: sha256.describe(
      "the image's identity before the run: SHA-256 over the line `bootgrade/image/v1 <size>\\n`, then, for each sector with a byte other " +
        'than zero, its number (8 bytes, little-endian) and its 512 bytes',
    ),
    changed: mapOf(decimal, sectorSchema).describe(
      'sectors that differ from the initial image after the run: number to bytes. Requests in flight are completed first',
    ),
  })
  .meta({ id: 'image', description: 'What the run changed on a drive.' });

const hartSchema = z
  .object({
    registers: z.array(hexNumber).length(32).describe('x0 to x31'),
    stack: base64.describe('the stack from sp on, at most 16 KiB'),
  })
  .meta({ id: 'hart', description: 'What is needed to find the calls that the kernel was in.' });

const hartAtEndSchema = z
  .object({
    activity: z
      .enum(['runs', 'waits', 'stopped'])
      .describe('`waits`: in WFI, or suspended by the SBI; `stopped`: by the SBI, or it was never started'),
    pc: hexNumber.describe('its program counter'),
    hart: hartSchema.describe('its registers and its stack, of which at most 4 KiB are kept'),
    loop: loopSchema.nullable().describe('the loop that it was in; `null` if it was in none, or none was found'),
  })
  .meta({ id: 'hart-at-end', description: 'One of several harts when the machine stopped.' });

export const evidenceSchema = z
  .object({
    schema: z.literal(EVIDENCE_SCHEMA),
    tool: text.describe('name and version, e.g. `"bootgrade 0.1.0"`'),
    scenario: text.describe("the scenario's name in the rubric"),
    setup: mapOf(text, sha256).describe(
      'each part of the scenario as it was run: `machine`, `drives` (with what they held), `until`, `keys`, `limit`, `races`, `faults`',
    ),
    kernelSha256: sha256.nullable().describe('the file that was booted; `null` if there was none'),
    stop: stopSchema.describe('why the machine stopped'),
    instructions: count.describe('instructions retired until then, by all harts'),
    time: count.describe('guest time then, in nanoseconds'),
    harts: count
      .optional()
      .describe('how many harts the machine had, where it is not 1; what is said of one hart is about the one that ran last'),
    clock: count.optional().describe('nanoseconds that each instruction takes, where it is not 1'),
    schedule: text
      .optional()
      .describe(
        'when harts were preempted, and which stores were delayed ([harts.md](harts.md#schedules)); missing if there was none of either',
      ),
    work: z
      .object({
        units: count.describe('units of work'),
        counts: mapOf(text, count).describe('how many things of each kind'),
      })
      .describe('what the run cost the host besides its plain instructions ([rubric.md](rubric.md), `work`)'),
    pc: hexNumber.nullable().describe('program counter at the stop; `null` if nothing ran'),
    hart: hartSchema.nullable().describe('the hart at the stop, if the kernel did not end by itself; else `null`'),
    hartsAtEnd: z
      .array(hartAtEndSchema)
      .optional()
      .describe('of several harts: each of them, by number, where the kernel did not end by itself; else missing'),
    loop: loopSchema.nullable().describe('the loop that the kernel was in at the stop; else `null`'),
    exception: exceptionSchema.nullable().describe('the exception that the kernel ended in; else `null`'),
    interrupts: interruptsSchema
      .nullable()
      .describe('what decides about interrupts at the stop, if the kernel waited or ran for ever; else `null`'),
    unfinishedInterrupt: z
      .object({
        cause: count.describe('scause or mcause without its highest bit'),
        mode: z.enum(['M', 'S']).describe('in which mode it was taken'),
      })
      .optional()
      .describe('of a kernel that came to an end of its own in the handler of an interrupt: which one; missing if it was in none'),
    refusedCall: refusedCallSchema
      .optional()
      .describe(
        'the last call of the SBI, if it returned an error, and the kernel printed nothing and touched no device after it; missing if there is none',
      ),
    console: base64.describe('all that the guest wrote to its console (it may be any bytes)'),
    requests: z
      .array(requestSchema)
      .describe('of all drives, in the order in which they were made; of more than 1,000 to one drive not all'),
    requestsLeftOut: count.describe('how many requests are not among them, and only counted'),
    requestCounts: z.array(requestCountSchema).describe('how many requests there were of each drive and type'),
    selections: z.array(selectionSchema).describe('what the checks of the rubric ask of requests'),
    devices: z
      .array(deviceSchema)
      .describe('one for each virtio device: the drives, and `rng` where the machine has an entropy device; none if nothing ran'),
    emptySlots: z.array(hexNumber).describe('addresses of the virtio-mmio slots without a device that the kernel read or wrote'),
    findings: z
      .array(findingSchema)
      .describe('rules that drivers broke, in the order in which they were first seen; at most 100 racing instructions for each drive'),
    images: z.array(imageSchema).describe('one for each drive'),
    facts: factsSchema
      .optional()
      .describe('what checks ask about the inside of the kernel; missing where no check asks, and in evidence for students'),
    explanations: explanationsSchema
      .nullable()
      .describe('what a repeated run has shown; `null` if there was nothing to explain, or no explanation was asked for'),
  })
  .meta({ id: 'evidence', description: 'What one run of one scenario produced.' });

export type Evidence = Saved<typeof evidenceSchema>;
/** Why the machine stopped (docs/architecture.md, "Words"). */
export type Stop = Saved<typeof stopSchema>;
export type StopReason = Stop['reason'];
export type DeviceEvidence = Saved<typeof deviceSchema>;
export type ImageEvidence = Saved<typeof imageSchema>;
export type HartAtEnd = Saved<typeof hartAtEndSchema>;
export type HartEvidence = Saved<typeof hartSchema>;
