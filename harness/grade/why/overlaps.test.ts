import { expect, it } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { device, evidence, type Link, request } from '../../testkit/evidence.ts';
import { overlaps } from './overlaps.ts';

const texts = (part: Partial<Evidence>) => overlaps(evidence(part)).map((detail) => ('text' in detail ? detail.text : ''));

const chain = (data: bigint): Link[] => [
  { roles: [['header', 16]], deviceWritable: false, address: 0x8020_4008n },
  { roles: [['data', 512]], deviceWritable: true, address: data },
  { roles: [['status', 1]], deviceWritable: true, address: 0x8020_4002n },
];

it('says which parts of a request lie over each other', () => {
  const [text] = texts({ requests: [request({ chain: chain(0x8020_4000n) })] });
  expect(text).toContain(
    'blk: memory of request #1 is used twice: header (16 bytes at 0x80204008) and data (512 bytes at 0x80204000); data (512 bytes at ' +
      '0x80204000) and status byte (1 byte at 0x80204002).',
  );
  // From the byte after the header on.
  expect(texts({ requests: [request({ chain: chain(0x8020_4018n) })] })).toEqual([]);
});

it('says which parts of a queue do', () => {
  const queueAt = (available: string) => {
    const place = { table: '0x80203000', available, used: '0x80204000', size: 8, index: 1, entries: [0] };
    return texts({ devices: [device({ queue: { registers: {}, place, driver: null, wideDescriptor: null } })] });
  };
  const [text] = queueAt('0x80203020');
  expect(text).toContain(
    'blk: parts of the queue lie over each other: descriptor table (128 bytes at 0x80203000) and available ring (20 bytes at 0x80203020). ' +
      'The queue has 8 entries',
  );
  expect(queueAt('0x80203080')).toEqual([]);
});

it('says of a buffer that it lies over the queue', () => {
  const place = { table: '0x80204200', available: '0x80204280', used: '0x80205000', size: 8, index: 1, entries: [0] };
  const devices = [device({ queue: { registers: {}, place, driver: null, wideDescriptor: null } })];
  const [text] = texts({ devices, requests: [request({ chain: chain(0x8020_4018n) })] });
  expect(text).toContain('data (512 bytes at 0x80204018) and descriptor table (128 bytes at 0x80204200)');
});
