import { DESCRIPTOR_FLAG } from '../../../spec/virtio.ts';
import { AT } from '../../../testkit/mock-driver.ts';
import { FEATURE } from '../../features.ts';
import type { RuleCase } from './case.ts';

const { NEXT, WRITE } = DESCRIPTOR_FLAG;

export const DESCRIPTOR_CASES: readonly RuleCase[] = [
  { rule: 'head-out-of-range', breaks: (d) => d.start().chain({ type: 0 }).offer(8).notify() },
  {
    rule: 'next-out-of-range',
    breaks: (d) => d.start().chain({ type: 0 }).describe(0, { address: AT.header, length: 16, flags: NEXT, next: 8 }).run(),
  },
  {
    rule: 'descriptor-loop',
    breaks: (d) =>
      d
        .start()
        .chain({ type: 0 })
        .describe(2, { address: AT.status, length: 1, flags: NEXT | WRITE, next: 0 })
        .run(),
  },
  { rule: 'zero-length-descriptor', breaks: (d) => d.start().chain({ type: 0, length: 0 }).run() },
  {
    rule: 'readable-after-writable',
    breaks: (d) =>
      d
        .start()
        .chain({ type: 1 })
        .describe(0, { address: AT.header, length: 16, flags: NEXT | WRITE, next: 1 })
        .run(),
  },
  {
    rule: 'chain-longer-than-queue',
    breaks: (d) => {
      d.start({ queueSize: 2, features: FEATURE.INDIRECT_DESC }).chain({ type: 0 }, AT.table);
      d.describe(0, { address: AT.table, length: 48, flags: 4 }).run();
    },
  },
  {
    rule: 'chain-too-many-bytes',
    breaks: (d) => {
      d.start().header(0);
      d.describe(0, { address: AT.header, length: 16, flags: NEXT, next: 1 }).describe(1, {
        address: AT.data,
        length: 0xffff_ffff,
        flags: NEXT,
        next: 2,
      });
      d.describe(2, { address: AT.status, length: 1, flags: WRITE }).run();
    },
  },
  {
    rule: 'buffer-outside-memory',
    breaks: (d) =>
      d
        .start()
        .chain({ type: 0 })
        .describe(1, { address: 0xffff_ffc0_8000_0000n, length: 512, flags: NEXT | WRITE, next: 2 })
        .run(),
  },
  {
    rule: 'descriptor-flags-unknown',
    breaks: (d) =>
      d
        .start()
        .chain({ type: 0 })
        .describe(2, { address: AT.status, length: 1, flags: 0x80 | WRITE })
        .run(),
  },
  {
    rule: 'descriptor-in-flight',
    breaks: (d) => d.start().chain({ type: 0 }).offer().notify().offer().notify(),
    keeps: (d) => d.start().request({ type: 0 }).request({ type: 0 }),
  },
  {
    rule: 'avail-index-jumped',
    breaks: (d) => d.start().request({ type: 0 }).setAvailableIndex(0).notify(),
    keeps: (d) => {
      d.start();
      for (let i = 0; i < 12; i++) d.request({ type: 0 });
    },
  },
  {
    rule: 'avail-flags',
    breaks: (d) => d.start().chain({ type: 0 }).setAvailableFlags(2).run(),
    keeps: (d) => d.start().chain({ type: 0 }).setAvailableFlags(1).run(),
  },
  {
    rule: 'avail-flags-event-index',
    breaks: (d) => d.start({ features: FEATURE.EVENT_IDX }).chain({ type: 0 }).setAvailableFlags(1).run(),
    keeps: (d) => d.start({ features: FEATURE.EVENT_IDX }).chain({ type: 0 }).setUsedEvent(3).run(),
  },
];
