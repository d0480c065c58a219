import { memoryDisk } from '../../block/memory-disk.ts';
import { FEATURE } from '../../features.ts';
import type { RuleCase } from './case.ts';

export const FEATURE_CASES: readonly RuleCase[] = [
  { rule: 'feature-not-offered', breaks: (d) => d.start({ features: 1n << 12n }), keeps: (d) => d.start({ features: FEATURE.FLUSH }) },
  { rule: 'feature-not-offered', breaks: (d) => d.start({ features: FEATURE.VERSION_1 }) },
  { rule: 'features-unread', breaks: (d) => d.start({ without: ['readFeatures'] }) },
  { rule: 'features-unwritten', breaks: (d) => d.start({ without: ['writeFeatures'] }) },
  { rule: 'device-features-unselected', breaks: (d) => d.start({ instead: { readFeatures: () => d.peek('HostFeatures') } }) },
  { rule: 'driver-features-unselected', breaks: (d) => d.start({ instead: { writeFeatures: () => d.poke('GuestFeatures', 0) } }) },
  {
    rule: 'features-written-late',
    breaks: (d) => d.start().acceptFeatures(0n),
    keeps: (d) => {
      d.start();
      d.start({ features: FEATURE.FLUSH });
    },
  },
  { rule: 'features-written-late', transport: 'modern', breaks: (d) => d.start({ instead: { readConfig: () => d.acceptFeatures(0n) } }) },
  { rule: 'version-1-declined', transport: 'modern', breaks: (d) => d.start({ instead: { writeFeatures: () => d.acceptFeatures(0n) } }) },
  {
    rule: 'read-only-declined',
    device: () => ({ ...memoryDisk(65536), readOnly: true }),
    breaks: (d) => d.start(),
    keeps: (d) => d.start({ features: FEATURE.RO }),
  },
  {
    rule: 'flush-unused',
    breaks: (d) => d.start({ features: FEATURE.FLUSH }).request({ type: 1 }),
    keeps: (d) => d.start({ features: FEATURE.FLUSH }).request({ type: 1 }).request({ type: 4, length: 512 }),
  },
];
