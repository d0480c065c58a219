/**
 * `faults`: what the device is to do wrong on purpose in a scenario, one request each, which shows whether the driver
 * copes with it. The machine's part is machine/virtio/faults.ts.
 */
import { z } from 'zod';
import { type Fault, REFUSALS } from '../../machine/spec/fault.ts';
import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { byteCount, bytes, delay, name, requestType } from '../vocabulary/fields.ts';
import type { FaultSetup } from '../vocabulary/scenario.ts';
import { parseDelay } from '../vocabulary/units.ts';

const MOST_FAULTS = 100;

const drive = name().optional().describe("The drive; the scenario's first one if it is left out.");
const nth = byteCount(1_000_000).default(1).describe('Which of them, from 1.');
const request = z.strictObject({
  type: requestType.optional().describe("Only requests of this type: a name of virtio's, or a number."),
  nth,
});
const read = z.strictObject({ type: z.literal('IN').transform((): number => REQUEST_TYPES.IN), nth });

export const faultSchema = z.union([
  z.strictObject({ drive, request, answer: z.enum(REFUSALS).describe('Nothing is done, and the status byte says this.') }),
  z.strictObject({ drive, request, late: delay().describe('How much later it completes: 1ms (ns, us, ms, s) or 5K instructions.') }),
  z.strictObject({ drive, request, after: z.literal('next').describe('It completes after the request that is made next.') }),
  z.strictObject({
    drive,
    request,
    interrupt: z
      .enum(['lost', 'joined'])
      .describe(
        '`lost`: it completes without an interrupt. `joined`: it completes together with the request that is made next, and one interrupt is for both.',
      ),
  }),
  z.strictObject({
    drive,
    request,
    power: z.literal('cut').describe('The power goes off at this request, which is not carried out: the run ends with `power-cut`.'),
  }),
  z.strictObject({ data: bytes().describe('What an IN reads instead of the first bytes on the disk.'), drive, request: read }),
]);

export const faultsSchema = z.array(faultSchema).max(MOST_FAULTS);

type Input = z.output<typeof faultSchema>;

/** `firstDrive`: which one is meant where none is named; the loader has made sure that there is one. */
export function resolveFault(input: Input, firstDrive: string, clock: number): FaultSetup {
  const { type, nth } = { type: undefined, ...input.request };
  return { drive: input.drive ?? firstDrive, type: type ?? null, nth, fault: faultOf(input, clock) };
}

function faultOf(input: Input, clock: number): Fault {
  if ('answer' in input) return { kind: 'answer', answer: input.answer };
  if ('late' in input) return { kind: 'late', nanoseconds: parseDelay(input.late, clock) ?? Number.MAX_SAFE_INTEGER };
  if ('after' in input) return { kind: 'after-next' };
  if ('interrupt' in input) return { kind: input.interrupt === 'lost' ? 'interrupt-lost' : 'interrupt-joined' };
  if ('power' in input) return { kind: 'power-cut' };
  return { kind: 'data', bytes: input.data };
}
