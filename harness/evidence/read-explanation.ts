/** The parts of saved evidence that explanation.ts has the types of, for read.ts. */
import { z } from 'zod';
import { count, finding, hexNumber } from './read-fields.ts';

const frame = z.object({
  ...{ function: z.string().nullable(), file: z.string().nullable(), line: count.nullable(), inlined: z.boolean(), library: z.boolean() },
});

const place = z.object({ address: hexNumber, frames: z.array(frame) });

const stack = z.object({ places: z.array(place), leftOut: count, notes: z.array(z.string()) });

const store = z.discriminatedUnion('by', [
  z.object({ by: z.literal('kernel'), instructions: count, instruction: z.string(), stack }),
  z.object({ by: z.literal('device'), instructions: count }),
  z.object({ by: z.literal('nobody') }),
]);

const walk = z.object({ level: count, address: hexNumber, entry: hexNumber });

export const exception = z.object({
  ...{ pc: hexNumber, cause: count, value: hexNumber, instructions: count, time: count },
  nested: z.object({ pc: hexNumber, cause: count, value: hexNumber }).nullable(),
});

const polled = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['used-index', 'used-ring', 'available-ring', 'descriptor-table']), drive: z.string() }),
  z.object({ kind: z.enum(['status-byte', 'data']), drive: z.string(), request: count }),
  z.object({ kind: z.literal('register'), device: z.string(), drive: z.string().nullable(), register: z.string() }),
  z.object({ kind: z.enum(['stack', 'memory']) }),
]);

const load = z.object({
  ...{ pc: hexNumber, address: hexNumber, physical: hexNumber.nullable(), width: count, value: hexNumber, what: polled },
});

export const loop = z.object({
  ...{ period: count, instructions: z.array(z.object({ pc: hexNumber, text: z.string() })), loads: z.array(load), lastEffect: count },
});

export const explanations = z.object({
  stores: z.record(z.string(), store),
  prints: z.record(z.string(), stack),
  panic: stack.nullable(),
  exception: z.object({ instruction: z.string().nullable(), stack, walk: z.array(walk), walkEnd: z.string().nullable() }).nullable(),
  loop: z.object({ since: count.nullable(), stack, symbol: z.string().nullable() }).nullable(),
  end: stack.nullable(),
  races: z.array(z.object({ finding, stack })).nullable(),
});
