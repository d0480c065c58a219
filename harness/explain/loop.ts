/** Since when a kernel has been in its last loop, and where in its source that is. */
import type { CodeStack, Explanations, LoopEvidence } from '../evidence/explanation.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';

/** Instructions after the last effect within which the loop is looked for, one by one. */
const LOOKED_AT = 400_000;

/** To be called when the run has come to `lastEffect`; the machine cannot be used for anything else after it. */
export function explainLoop({ machine }: Replay, loop: LoopEvidence, code: KernelCode): Explanations['loop'] {
  const polled = loop.loads[0];
  const alone = loopAlone(loop, code);
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
      return { ...alone, since, stack: code.stack(snapshotOf(machine)) };
    }
    if (!machine.debug.step()) break;
  }
  return { ...alone, since: null };
}

/** What is known of a loop without running to it: the line of the load that is waited for, without its calls. */
export function loopAlone(
  { loads: [polled] }: LoopEvidence,
  code: KernelCode,
): { readonly stack: CodeStack; readonly symbol: string | null } {
  const symbol = polled?.what.kind === 'memory' ? code.variableAt(BigInt(polled.address)) : null;
  const places = polled === undefined ? [] : [code.place(BigInt(polled.pc))];
  return { stack: { places, leftOut: 0, notes: [] }, symbol };
}
