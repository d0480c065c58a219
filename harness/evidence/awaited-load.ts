/** The load by which a kernel seems to wait for something, in the loop that it was in at the end: of an original, where it polls a copy. */
import type { Evidence } from './evidence.ts';
import type { LoopLoadEvidence } from './loop.ts';

export function awaitedLoad({ loop, explanations }: Evidence): LoopLoadEvidence | undefined {
  const explained = explanations?.loop ?? null;
  return explained?.copied?.load ?? explained?.polled ?? loop?.loads[0] ?? explained?.hoisted?.load;
}
