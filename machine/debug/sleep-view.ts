/**
 * What a kernel would do if the WFI in which it waits ended, as an interrupt makes it end. Most kernels wait in a loop: they look at something,
 * and go to sleep again. What such a round loads is what they wait for. A kernel that does not come back to its WFI waits for the interrupt
 * itself, or what it waits for has come already.
 */
import type { HartState } from '../layout/state.ts';
import { type LoopLoad, type LoopView, type LoopViewPort, viewLoop } from './loop-view.ts';

/** Instructions within which a kernel has to come back to its WFI. */
const ROUND = 50_000;
/** Other WFIs that may lie between: compilers write a loop out twice. */
const MOST_WAITS = 8;
/** Instructions after the WFI whose loads may be what it was meant to wait for. */
const AHEAD = 256;

export type SleepView =
  /** The round from one WFI to the next. */
  | { readonly comesBack: true; readonly round: LoopView }
  /** What it loads next. */
  | { readonly comesBack: false; readonly loads: readonly LoopLoad[] };

export interface SleepPort extends LoopViewPort {
  readonly state: HartState;
  /** Whether the hart waits in WFI. `step` ends that. */
  waits(): boolean;
}

/** Of a hart that waits: it is woken, and run on. */
export function viewSleep(port: SleepPort): SleepView {
  const { state } = port;
  const start = state.get('pc');
  const begin = port.now();
  const isBack = () => port.waits() && state.get('pc') === start;
  const ahead = viewLoop({ ...port, step: (budget) => (isBack() && port.now() > begin ? false : port.step(budget)) }, AHEAD / 2);
  for (let waits = 0; !isBack() && waits < MOST_WAITS && port.now() - begin < ROUND; waits += port.waits() ? 1 : 0) {
    const before = port.now();
    port.step(Math.min(1000, ROUND - (before - begin)));
    if (port.now() === before) break;
  }
  if (!isBack()) return { comesBack: false, loads: ahead.loads };
  return { comesBack: true, round: viewLoop(port, port.now() - begin) };
}
