/** What a run has cost the host, in words: for a run that its meter of work has ended. */

import { WORK_PRICES, type WorkDone, type WorkKind } from '../../machine/index.ts';
import { groupedDigits } from '../bytes/grouped-digits.ts';

/** E.g. "8,000,000,000 units of work, 73% of it for traps,"; stands between "the limit of" and "was reached". */
export function workInWords(limit: number, { units, counts }: WorkDone): string {
  const parts = (Object.entries(counts) as [WorkKind, number][]).map(([kind, count]) => ({
    kind,
    part: (count * WORK_PRICES[kind]) / units,
  }));
  const [most] = parts.sort((a, b) => b.part - a.part);
  const whole = `${groupedDigits(limit)} units of work`;
  return most === undefined ? whole : `${whole}, ${Math.floor(100 * most.part)}% of it for ${most.kind.replaceAll('-', ' ')},`;
}
