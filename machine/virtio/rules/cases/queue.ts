import { AT } from '../../../testkit/mock-driver.ts';
import type { RuleCase } from './case.ts';

export const QUEUE_CASES: readonly RuleCase[] = [
  { rule: 'queue-unselected', breaks: (d) => d.start({ without: ['selectQueue'] }) },
  { rule: 'queue-in-use-unchecked', transport: 'modern', breaks: (d) => d.start({ without: ['queueInUse'] }) },
  { rule: 'legacy-queue-in-use-unchecked', breaks: (d) => d.start({ without: ['queueInUse'] }) },
  { rule: 'queue-max-unread', transport: 'modern', breaks: (d) => d.start({ without: ['queueMax'] }) },
  { rule: 'legacy-queue-max-unread', breaks: (d) => d.start({ without: ['queueMax'] }) },
  { rule: 'queue-too-large', breaks: (d) => d.start({ queueSize: 2048 }), keeps: (d) => d.start({ queueSize: 1024 }) },
  { rule: 'queue-size-power', breaks: (d) => d.start({ queueSize: 12 }) },
  { rule: 'queue-size-unwritten', breaks: (d) => d.start({ without: ['queueSize'] }) },
  { rule: 'queue-align-unwritten', breaks: (d) => d.start({ without: ['queueAlign'] }) },
  { rule: 'queue-align-power', breaks: (d) => d.start({ instead: { queueAlign: () => d.poke('QueueAlign', 3000) } }) },
  {
    rule: 'page-size-missing',
    breaks: (d) => d.start({ without: ['pageSize'], instead: { queuePlace: () => d.poke('QueuePFN', Number(AT.ring)) } }),
  },
  { rule: 'page-size-power', breaks: (d) => d.start({ instead: { pageSize: () => d.poke('GuestPageSize', 0x3000) } }) },
  {
    rule: 'queue-changed-live',
    transport: 'modern',
    breaks: (d) => d.start().poke('QueueNum', 4),
    keeps: (d) => {
      d.start().poke('QueueReady', 0);
      d.poke('QueueNum', 4);
    },
  },
  { rule: 'queue-max-read-live', breaks: (d) => d.start().peek('QueueNumMax') },
  { rule: 'queue-missing', breaks: (d) => d.start({ without: ['queuePlace'] }).notify() },
  {
    rule: 'queue-misaligned',
    transport: 'modern',
    breaks: (d) => d.start({ instead: { queuePlace: () => d.placeQueue(AT.ring + 8n, d.availableRing, d.usedRing) } }).notify(),
    keeps: (d) => d.start({ instead: { queuePlace: () => d.placeQueue(AT.ring + 16n, d.availableRing + 2n, d.usedRing + 4n) } }).notify(),
  },
  {
    // As a whole: the device reads zeroes there, and the driver waits.
    rule: 'queue-outside-memory',
    breaks: (d) => d.start({ instead: { queuePlace: () => d.poke('QueuePFN', Number(AT.ring)) } }),
  },
  {
    rule: 'queue-outside-memory',
    breaks: (d) => d.start({ queueSize: 1024, instead: { queuePlace: () => d.poke('QueuePFN', 0x800ff) } }),
    // There is a different rule for buffers outside memory.
    keeps: (d) => d.start().chain({ type: 0 }).describe(1, { address: 0n, length: 8192, flags: 3, next: 2 }).run(),
  },
  {
    rule: 'used-ring-not-zeroed',
    breaks: (d) => {
      d.start().memory.poke(d.usedRing + 2n, 2, 7);
      d.request({ type: 0 });
    },
  },
];
