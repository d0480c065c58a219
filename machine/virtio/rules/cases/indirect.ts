import type { ConformingDriver } from '../../../testkit/conforming-driver.ts';
import { AT } from '../../../testkit/mock-driver.ts';
import { FEATURE } from '../../features.ts';
import type { RuleCase } from './case.ts';

const [NEXT, WRITE, INDIRECT] = [1, 2, 4] as const;

interface Table {
  readonly features?: bigint;
  readonly flags?: number;
  readonly length?: number;
  readonly inside?: number;
}

function table(
  d: ConformingDriver,
  { features = FEATURE.INDIRECT_DESC, flags = INDIRECT, length = 48, inside = 0 }: Table = {},
): ConformingDriver {
  d.start({ features }).chain({ type: 0 }, AT.table);
  d.describe(2, { address: AT.status, length: 1, flags: WRITE | inside }, AT.table);
  return d.describe(0, { address: AT.table, length, flags }).run();
}

const kept = (d: ConformingDriver) => table(d);

export const INDIRECT_CASES: readonly RuleCase[] = [
  { rule: 'indirect-not-accepted', breaks: (d) => table(d, { features: 0n }), keeps: kept },
  { rule: 'indirect-nested', breaks: (d) => table(d, { inside: INDIRECT }), keeps: kept },
  { rule: 'indirect-and-next', breaks: (d) => table(d, { flags: INDIRECT | NEXT }), keeps: kept },
  { rule: 'indirect-table-length', breaks: (d) => table(d, { length: 40 }), keeps: kept },
  { rule: 'indirect-table-length', breaks: (d) => table(d, { length: 0 }), keeps: kept },
  { rule: 'indirect-writable', breaks: (d) => table(d, { flags: INDIRECT | WRITE }), keeps: kept },
  {
    rule: 'indirect-not-first',
    breaks: (d) =>
      d
        .start({ features: FEATURE.INDIRECT_DESC })
        .chain({ type: 0 })
        .describe(2, { address: AT.table, length: 16, flags: INDIRECT | WRITE })
        .run(),
    keeps: kept,
  },
];
