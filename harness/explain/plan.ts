/** What there is to explain about a run, as far as its evidence tells: decided before the run is repeated, since most runs need no second one. */
import type { Evidence } from '../evidence/evidence.ts';
import type { PrintQuestion, StoreQuestion } from '../evidence/explanation.ts';
import type { LoopEvidence } from '../evidence/loop.ts';
import { panicOffset } from '../evidence/panic.ts';
import { savedSnapshot } from '../run/hart-snapshot.ts';
import { hasRequests } from './drivers.ts';
import { placedFindings } from './findings.ts';
import { isWorthAsking, lastOfStorm } from './interrupts.ts';
import { isWorthTrying } from './joined.ts';
import { isProbing } from './probe.ts';
import type { ReplayedRun } from './replay.ts';
import { mayBeUnset } from './unset.ts';
import { wrappedBuffer } from './wrapped-buffer.ts';

/** Questions that are answered: one for each wrong property of a few checks. */
const MOST_QUESTIONS = 64;

export interface Asked {
  readonly stores: readonly StoreQuestion[];
  readonly prints: readonly PrintQuestion[];
  /** Whether to look where the kernel was in the end, where neither a loop nor an exception says so. */
  readonly end: boolean;
  /** Whether to look for races in a run that was not watched for them. */
  readonly races: boolean;
  /** Rules that the course's own code breaks: to say where is not worth a repeated run, which a submission that passes mostly needs for nothing else. */
  readonly accepted: readonly string[];
}

export interface Plan {
  readonly stores: readonly StoreQuestion[];
  /** Offsets of the bytes of the console for which it is asked where they were printed. */
  readonly printed: ReadonlySet<number>;
  /** Where on the console the kernel says that it panics. */
  readonly panicAt: number | null;
  readonly exception: Evidence['exception'];
  readonly loop: LoopEvidence | null;
  readonly findings: ReturnType<typeof placedFindings>;
  /** A call of the firmware that was refused. */
  readonly refused: Evidence['refusedCall'];
  /** The hart at the end of the run, where that is to be explained. */
  readonly end: ReturnType<typeof savedSnapshot>;
  /** Interrupts that may be why the kernel waits; null if they are not. */
  readonly interrupts: Evidence['interrupts'];
  readonly storm: ReturnType<typeof lastOfStorm>;
  readonly watchesDrivers: boolean;
  readonly wraps: ReturnType<typeof wrappedBuffer>;
  readonly looksForUnset: boolean;
  readonly looksForProbe: boolean;
  /** Whether to see how the kernel does where two requests are done at once. */
  readonly triesJoined: boolean;
  /** Whether there are questions, or a stop that needs an explanation. Else what is found is worth telling only if it is something. */
  readonly isAsked: boolean;
}

/** Null if nothing is to be explained. With several harts a run that stops at other times is a different run, so none is repeated. */
export function planOf(run: ReplayedRun, evidence: Evidence, asked: Asked): Plan | null {
  if (run.scenario.machine.harts > 1) return null;
  const { exception } = evidence;
  const panicAt = panicOffset(evidence);
  const gaveUp = panicAt !== null || exception !== null;
  const waits = asked.end && !gaveUp;
  const loop = evidence.loop?.sleeps === true && !waits ? null : evidence.loop;
  const findings = placedFindings(run, evidence, { watch: asked.races });
  const refused = waits ? evidence.refusedCall : undefined;
  const end = waits && loop === null ? savedSnapshot(evidence) : null;
  const interrupts = waits && evidence.interrupts !== null && isWorthAsking(evidence.interrupts) ? evidence.interrupts : null;
  const storm = interrupts === null ? undefined : lastOfStorm(interrupts);
  const questions = asked.stores.length + asked.prints.length;
  // Notes alone are not worth a repeated run.
  const isGrave = findings.some(({ severity, rule }) => severity !== 'note' && !asked.accepted.includes(rule));
  const isStop = gaveUp || loop !== null || refused !== undefined || end !== null || interrupts !== null;
  const plan: Plan = {
    stores: asked.stores.slice(0, MOST_QUESTIONS),
    printed: new Set(asked.prints.slice(0, MOST_QUESTIONS).map(({ byte }) => byte)),
    panicAt,
    exception,
    loop,
    findings,
    refused,
    end,
    interrupts,
    storm,
    // To a storm that lasted until the limit the way is long, and watching makes it longer: the handler is what to name then.
    watchesDrivers: asked.end && exception === null && hasRequests(evidence) && !(storm !== undefined && evidence.stop.reason === 'limit'),
    wraps: asked.end || asked.races ? wrappedBuffer(evidence) : null,
    looksForUnset: asked.end && mayBeUnset(run, evidence),
    looksForProbe: asked.end && isProbing(evidence),
    triesJoined: asked.races && !asked.end && !gaveUp && isWorthTrying(run, evidence),
    isAsked: questions > 0 || isStop || isGrave,
  };
  const looks = plan.watchesDrivers || plan.triesJoined || plan.wraps !== null || plan.looksForUnset;
  return plan.isAsked || looks ? plan : null;
}
