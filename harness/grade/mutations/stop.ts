/** Why the machine stopped, changed. */
import type { Evidence, Stop } from '../../evidence/evidence.ts';
import type { Mutation } from './kind.ts';

const STOPS: readonly Stop[] = [
  { reason: 'poweroff' },
  { reason: 'reset' },
  { reason: 'exit', code: 1 },
  { reason: 'idle' },
  { reason: 'waiting-for-input' },
  { reason: 'hang' },
  { reason: 'trap-loop' },
  { reason: 'limit', limit: 'its limit' },
];

export function stopMutations(evidence: Evidence): Mutation[] {
  return STOPS.filter(({ reason }) => reason !== evidence.stop.reason).map((stop) => ({
    name: `stop=${stop.reason}`,
    what: `the machine stopped with ${stop.reason}`,
    evidence: { ...evidence, stop },
  }));
}
