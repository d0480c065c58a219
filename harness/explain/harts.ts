/** Where each of several harts was at the end of a run: from its evidence alone, since a run of several harts is not repeated. */
import type { HartAtEnd } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { snapshotAtEnd } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';

export function explainHarts(harts: readonly HartAtEnd[], code: KernelCode): Explanations {
  return {
    stores: {},
    prints: {},
    panic: null,
    exception: null,
    entry: null,
    loop: null,
    interrupts: null,
    drivers: [],
    interrupted: null,
    end: null,
    findings: [],
    harts: harts.map((hart) => {
      const load = hart.loop?.loads[0];
      return {
        stack: code.stack(snapshotAtEnd(hart)),
        symbol: load?.what.kind === 'memory' ? code.variableAt(BigInt(load.address)) : null,
      };
    }),
  };
}
