/** Where a device has its queue, what its driver wrote for that, and where the driver itself seems to have it, as a zod schema. */
import { z } from 'zod';
import { count, hexNumber, mapOf, type Saved, text } from './fields.ts';

export const queueSchema = z
  .object({
    registers: mapOf(text, hexNumber).describe(
      'what the driver wrote last to the registers that say where queue 0 lies, by name: without those that it has not written since its last reset of the device',
    ),
    place: z
      .object({
        table: hexNumber.describe('physical address of the descriptor table'),
        available: hexNumber.describe('of the available ring'),
        used: hexNumber.describe('of the used ring'),
        size: count.describe('entries of the queue'),
        index: count.describe('avail.idx, as the device sees it'),
        entries: z.array(count).describe('the first entries of the available ring, at most 16'),
      })
      .nullable()
      .describe('where the device has the queue; `null` if it has none'),
    driver: z
      .object({
        table: hexNumber.describe('physical address of the descriptor table in which the chain of a request was found'),
        head: count.describe('the first descriptor of that chain, by its place in the table'),
        available: hexNumber.nullable().describe('of the available ring with that chain; `null` if none was found'),
        index: count.nullable().describe('avail.idx there'),
      })
      .nullable()
      .describe(
        'where the driver seems to have the queue: found at the end by what memory holds. `null` if nothing was found, and where nothing is wrong that it could explain',
      ),
    wideDescriptor: count
      .nullable()
      .describe(
        'where the table in memory holds a chain of descriptors of 24 bytes, whose lengths have 8 bytes each: the number of its first one; else `null`',
      ),
  })
  .meta({ id: 'queue', description: 'Where queue 0 of a device lies.' });

export type QueueEvidence = Saved<typeof queueSchema>;
export type DriverQueueEvidence = NonNullable<QueueEvidence['driver']>;
