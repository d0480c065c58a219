/**
 * An experiment after a run that ended well: two requests that were under way together are done at once, with one interrupt for both, as QEMU's
 * device does when both are ready within one look. A driver that takes one element of the used ring for each interrupt then waits for ever.
 */
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { panicOf } from '../evidence/panic.ts';
import { describeStop } from '../evidence/stop.ts';
import { runScenario } from '../run/scenario.ts';
import type { KernelCode } from './code.ts';
import { explainInterrupts } from './interrupts.ts';
import { type Budget, Replay, type ReplayedRun } from './replay.ts';

/** Longer runs are not repeated for this, in instructions. */
const LONGEST = 500_000_000;

type Joined = NonNullable<Explanations['joined']>;

export function isWorthTrying({ scenario }: ReplayedRun, evidence: Evidence): boolean {
  return scenario.faults.length === 0 && evidence.instructions <= LONGEST && pairOf(evidence) !== null;
}

/** Null if the kernel comes to the same end, or there is nothing to try. */
export function tryJoined(run: ReplayedRun, evidence: Evidence, budget: Budget, code: KernelCode): Joined | null {
  const pair = pairOf(evidence);
  if (pair === null) return null;
  const scenario = {
    ...run.scenario,
    faults: [{ drive: pair.drive, type: null, nth: pair.nth, fault: { kind: 'interrupt-joined' } as const }],
  };
  const changed = { ...run, scenario };
  const other = runScenario(scenario, run.images, run.kernel, run.host);
  const [found, was] = [panicOf(other), panicOf(evidence)];
  if ((other.stop.reason === evidence.stop.reason && found?.message === was?.message) || other.stop.reason === 'host-limit') return null;
  const joined = { drive: pair.drive, requests: pair.numbers, stop: describeStop(other.stop), ring: null, place: null };
  const { interrupts } = other;
  const used = interrupts?.lines.find(({ drive }) => drive === pair.drive)?.used;
  if (interrupts === null || used === null || used === undefined) return joined;
  const replay = new Replay(changed, budget, { backTo: [], printed: () => undefined });
  const { looked, handlers } = explainInterrupts(replay, other, { found: interrupts, loop: null }, code);
  replay.release();
  const elements = looked.find(({ drive }) => drive === pair.drive)?.elements;
  const look = handlers.flatMap(({ steps }) => steps).find((step) => step.kind === 'looked' && step.drive === pair.drive);
  return {
    ...joined,
    ring: elements === undefined ? null : { index: used.index, looked: elements },
    place: look?.kind === 'looked' ? look.place : null,
  };
}

/** The first request that was still under way when the next one was made. */
function pairOf({
  devices,
  requests,
}: Evidence): { readonly drive: string; readonly nth: number; readonly numbers: [number, number] } | null {
  for (const { drive, interruptsRaised } of devices) {
    const own = interruptsRaised === 0 ? [] : requests.filter((one) => one.drive === drive);
    const at = own.findIndex(
      ({ completion }, index) =>
        completion !== null && own[index]!.number === index + 1 && (own[index + 1]?.time ?? Infinity) < completion.time,
    );
    if (at >= 0) return { drive, nth: at + 1, numbers: [own[at]!.number, own[at + 1]!.number] };
  }
  return null;
}
