/** Since when a kernel has been in its last loop, and where in its source that is. */
import type { Explanations, LoopEvidence } from '../evidence/explanation.ts';
import type { KernelCode } from './code.ts';
import { type Replay, snapshotOf } from './replay.ts';

/** Instructions after the last effect within which the loop is looked for, one by one. */
const LOOKED_AT = 400_000;

/** To be called when the run has come to `lastEffect`; the machine cannot be used for anything else after it. */
export function explainLoop({ machine }: Replay, loop: LoopEvidence, code: KernelCode): Explanations['loop'] {
  const polled = loop.loads[0];
  const symbol = polled?.what.kind === 'memory' ? code.variableAt(BigInt(polled.address)) : null;
  const inLoop = new Set(loop.instructions.map(({ pc }) => BigInt(pc)));
  let since = Number(machine.instructions());
  let rounds = 0;
  for (let step = 0; step < LOOKED_AT; step++) {
    if (inLoop.has(machine.debug.pc())) rounds++;
    else {
      rounds = 0;
      since = Number(machine.instructions()) + 1;
    }
    // A whole round without leaving it; then on to the load that is waited for, to show its line.
    if (rounds > loop.period && (polled === undefined || machine.debug.pc() === BigInt(polled.pc))) {
      return { since, stack: code.stack(snapshotOf(machine)), symbol };
    }
    if (!machine.debug.step()) break;
  }
  const places = polled === undefined ? [] : [{ address: polled.pc, frames: code.framesAt(BigInt(polled.pc)) }];
  return { since: null, stack: { places, notes: [] }, symbol };
}
