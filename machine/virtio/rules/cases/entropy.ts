import { AT } from '../../../testkit/mock-driver.ts';
import { EntropyDevice } from '../../rng.ts';
import type { RuleCase } from './case.ts';

const WRITE = 2;

export const ENTROPY_CASES: readonly RuleCase[] = [
  {
    rule: 'entropy-buffer-readable',
    device: () => new EntropyDevice(1, 'legacy'),
    breaks: (d) => d.start().describe(0, { address: AT.data, length: 32 }).run(),
    keeps: (d) => d.start().describe(0, { address: AT.data, length: 32, flags: WRITE }).run(),
  },
];
