/** Where each of several harts was at the end of a run: from its evidence alone, since a run of several harts is not repeated. */

import type { HartAtEnd } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { NO_EXPLANATIONS } from '../evidence/no-explanations.ts';
import { snapshotAtEnd } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';

export function explainHarts(harts: readonly HartAtEnd[], code: KernelCode): Explanations {
  return {
    ...NO_EXPLANATIONS,
    harts: harts.map((hart) => {
      const load = hart.loop?.loads[0];
      return {
        stack: code.stack(snapshotAtEnd(hart)),
        symbol: load?.what.kind === 'memory' ? code.variableAt(BigInt(load.address)) : null,
      };
    }),
  };
}
