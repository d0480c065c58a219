import type { ConformingDriver } from '../../../testkit/conforming-driver.ts';
import { AT, type MockRequest } from '../../../testkit/mock-driver.ts';
import { memoryDisk } from '../../block/memory-disk.ts';
import { FEATURE } from '../../features.ts';
import type { RuleCase } from './case.ts';

const [IN, OUT, FLUSH, GET_ID, DISCARD, WRITE_ZEROES] = [0, 1, 4, 8, 11, 13] as const;
const [NEXT, WRITE] = [1, 2] as const;
const ALL = FEATURE.FLUSH | FEATURE.DISCARD | FEATURE.WRITE_ZEROES;

const ask = (request: MockRequest) => (d: ConformingDriver) => d.start({ features: ALL }).request(request);

/** Header and status, with nothing between them. */
const bare =
  (type: number, sector = 0n) =>
  (d: ConformingDriver) => {
    d.start({ features: ALL }).header(type, sector);
    d.describe(0, { address: AT.header, length: 16, flags: NEXT, next: 2 })
      .describe(2, { address: AT.status, length: 1, flags: WRITE })
      .run();
  };

/** `flags` of the segments, which begin at sector 4. */
const segments =
  (type: number, { length = 16, flags = 0, sector = 0n, features = ALL } = {}) =>
  (d: ConformingDriver) => {
    d.start({ features });
    for (let at = 0n; at < 64n; at += 16n) {
      d.memory.poke(AT.data + at, 8, 4);
      d.memory.poke(AT.data + at + 8n, 4, 2);
      d.memory.poke(AT.data + at + 12n, 4, flags);
    }
    d.request({ type, sector, length, dataWritable: false });
  };

const readOnly = () => ({ ...memoryDisk(65536), readOnly: true });

export const REQUEST_CASES: readonly RuleCase[] = [
  { rule: 'header-missing', breaks: (d) => d.start().describe(0, { address: AT.status, length: 1, flags: WRITE }).run() },
  {
    rule: 'header-too-short',
    breaks: (d) => d.start().chain({ type: IN }).describe(0, { address: AT.header, length: 8, flags: NEXT, next: 1 }).run(),
  },
  { rule: 'header-too-short', breaks: segments(DISCARD, { length: 8 }), keeps: segments(DISCARD) },
  { rule: 'status-missing', breaks: (d) => d.start().chain({ type: OUT }).describe(2, { address: AT.status, length: 1 }).run() },
  { rule: 'request-type-unknown', breaks: ask({ type: 99 }), keeps: ask({ type: 0x8000_0001 }) },
  { rule: 'request-type-unknown', transport: 'modern', breaks: ask({ type: 5 }), keeps: bare(FLUSH) },
  { rule: 'request-not-negotiated', breaks: (d) => d.start().request({ type: FLUSH }), keeps: ask({ type: FLUSH }) },
  { rule: 'request-not-negotiated', breaks: segments(WRITE_ZEROES, { features: FEATURE.FLUSH }), keeps: segments(WRITE_ZEROES) },
  { rule: 'write-data-writable', breaks: ask({ type: OUT, dataWritable: true }), keeps: ask({ type: OUT }) },
  { rule: 'read-data-readable', breaks: ask({ type: IN, dataWritable: false }), keeps: ask({ type: IN }) },
  { rule: 'data-length', breaks: ask({ type: OUT, length: 100 }), keeps: ask({ type: OUT, length: 1024 }) },
  { rule: 'beyond-capacity', breaks: ask({ type: IN, sector: 127n, length: 1024 }), keeps: ask({ type: IN, sector: 126n, length: 1024 }) },
  { rule: 'beyond-capacity', breaks: ask({ type: OUT, sector: 0xffff_ffff_ffff_ffffn }) },
  { rule: 'write-to-read-only', device: readOnly, breaks: ask({ type: OUT }), keeps: ask({ type: IN }) },
  { rule: 'flush-sector', breaks: bare(FLUSH, 1n), keeps: bare(FLUSH) },
  { rule: 'flush-data', breaks: ask({ type: FLUSH }), keeps: bare(FLUSH) },
  { rule: 'sector-unused', breaks: segments(DISCARD, { sector: 4n }), keeps: segments(DISCARD) },
  { rule: 'id-length', breaks: ask({ type: GET_ID, length: 512 }), keeps: ask({ type: GET_ID, length: 20 }) },
  { rule: 'segment-length', breaks: segments(WRITE_ZEROES, { length: 24 }), keeps: segments(WRITE_ZEROES) },
  { rule: 'segments-too-many', breaks: segments(WRITE_ZEROES, { length: 32 }), keeps: segments(WRITE_ZEROES) },
  { rule: 'discard-unmap', breaks: segments(DISCARD, { flags: 1 }), keeps: segments(WRITE_ZEROES, { flags: 1 }) },
  {
    rule: 'legacy-framing',
    breaks: (d) => d.start().chain({ type: IN }).describe(1, { address: AT.data, length: 513, flags: WRITE }).run(),
  },
  {
    rule: 'legacy-framing',
    breaks: (d) => {
      d.start().chain({ type: OUT });
      d.describe(0, { address: AT.header, length: 528, flags: NEXT, next: 2 }).run();
    },
  },
];
