import type { RuleCase } from './case.ts';

export const NOTIFICATION_CASES: readonly RuleCase[] = [
  {
    rule: 'notify-missing',
    breaks: (d) => d.start().chain({ type: 0 }).offer(),
    keeps: (d) => d.start().chain({ type: 0 }).offer().offer(3).notify(),
  },
  { rule: 'ring-memory-reused', breaks: (d) => d.start().request({ type: 0 }).memory.bytes.fill(0x5a) },
  { rule: 'notify-without-chain', breaks: (d) => d.start().chain({ type: 0 }).notify().offer() },
  { rule: 'notify-unknown-queue', breaks: (d) => d.start().poke('QueueNotify', 1) },
  { rule: 'interrupt-unacknowledged', breaks: (d) => d.start().chain({ type: 0 }).run() },
  {
    rule: 'interrupt-status-unread',
    breaks: (d) => d.start().chain({ type: 0 }).run().write('InterruptACK', 1),
  },
  {
    rule: 'interrupt-not-pending',
    breaks: (d) => {
      d.start().chain({ type: 0 }).run().peek('InterruptStatus');
      d.poke('InterruptACK', 3);
    },
  },
  { rule: 'interrupt-bits-undefined', breaks: (d) => d.start().poke('InterruptACK', 0xff) },
];
