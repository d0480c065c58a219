/**
 * `faults`: what the device is to do wrong on purpose in a scenario, one request each, so that a driver that copes can be told from one
 * that does not. The machine's part is machine/virtio/faults.ts.
 */
import { z } from 'zod';
import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { suggestion } from '../vocabulary/did-you-mean.ts';
import { byteCount, bytes, delay, name, requestType } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { FaultSetup } from '../vocabulary/scenario.ts';
import { asList, asMap, asText, type Loose } from './loose.ts';
import { writtenAt } from './written-at.ts';

const MOST_FAULTS = 100;

const drive = name().optional().describe("The drive; the scenario's first one where it is left out.");
const nth = byteCount(1_000_000).default(1).describe('Which of them, from 1.');
const request = z.strictObject({
  type: requestType.optional().describe("Only requests of this type: a name of virtio's, or a number."),
  nth,
});
const read = z.strictObject({ type: z.literal('IN').transform((): number => REQUEST_TYPES.IN), nth });

const fault = z.union([
  z.strictObject({ drive, request, answer: z.enum(['IOERR', 'UNSUPP']).describe('Nothing is done, and the status byte says this.') }),
  z.strictObject({ drive, request, late: delay().describe('How much later it completes: 1ms (ns, us, ms, s) or 5K instructions.') }),
  z.strictObject({ drive, request, after: z.literal('next').describe('It completes after the request that is made next.') }),
  z.strictObject({ drive, request, interrupt: z.literal('lost').describe('It completes without an interrupt.') }),
  z.strictObject({ data: bytes().describe('What an IN reads instead of the first bytes on the disk.'), drive, request: read }),
]);

export const faultsSchema = z.array(fault).max(MOST_FAULTS);

type Input = z.output<typeof fault>;

/** `firstDrive`: which one is meant where none is named; the loader has made sure that there is one. */
export function resolveFault(input: Input, firstDrive: string): FaultSetup {
  const { type, nth } = { type: undefined, ...input.request };
  return { drive: input.drive ?? firstDrive, type: type ?? null, nth, fault: faultOf(input) };
}

function faultOf(input: Input): FaultSetup['fault'] {
  if ('answer' in input) return { kind: 'answer', answer: input.answer };
  if ('late' in input) return { kind: 'late', nanoseconds: input.late };
  if ('after' in input) return { kind: 'after-next' };
  if ('interrupt' in input) return { kind: 'interrupt-lost' };
  return { kind: 'data', bytes: input.data };
}

/** Drives that a scenario does not have, and faults of which only one can happen. `scenarios`: as extends.ts merges them. */
export function faultMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const [scenario, { faults, drives }] of scenarios) {
    const path = writtenAt(rubric, scenario, ['faults']);
    const names = Object.keys(asMap(drives));
    // A list that several scenarios inherit has its mistakes once.
    for (const mistake of [...driveMistakes(faults, names, path), ...requestMistakes(faults, names, path)]) {
      found.set(`${mistake.code} ${mistake.path.join('/')}`, mistake);
    }
  }
  return [...found.values()];
}

function driveMistakes(faults: unknown, drives: readonly string[], path: readonly PropertyKey[]): Mistake[] {
  return asList(faults).flatMap((written, index): Mistake[] => {
    const named = asText(asMap(written)['drive']);
    if (named === null ? drives.length > 0 : drives.includes(named)) return [];
    if (named === null) return [{ path: [...path, index], code: 'unknown-drive', message: 'the scenario has no drive' }];
    const message = `the scenario has no drive "${named}"`;
    return [{ path: [...path, index, 'drive'], code: 'unknown-drive', message, remedy: suggestion(named, drives) }];
  });
}

/** Two faults of one request. That the second OUT is also the drive's fifth request nobody knows before the run: then the first in the list holds. */
function requestMistakes(faults: unknown, drives: readonly string[], path: readonly PropertyKey[]): Mistake[] {
  const first = new Map<string, number>();
  return asList(faults).flatMap((written, index): Mistake[] => {
    const parsed = fault.safeParse(written);
    if (!parsed.success) return [];
    const { drive, type, nth } = resolveFault(parsed.data, drives[0] ?? '');
    const key = JSON.stringify([drive, type, nth]);
    const before = first.get(key);
    first.set(key, before ?? index);
    if (before === undefined) return [];
    const message = `item ${before + 1} has a fault for this request already`;
    return [{ path: [...path, index, 'request'], code: 'overlap', message, remedy: 'one request has one fault' }];
  });
}
