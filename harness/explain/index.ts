/**
 * Why a run went wrong: it is repeated, watched and stopped where something is to be explained (architecture.md, decision 10).
 * The answers become part of the run's evidence. Nothing here decides a grade, and debug information that is broken or hostile
 * costs its lines, not the grade.
 */

import type { CodeStack, StoreExplanation } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations, LoopEvidence, PrintQuestion, StoreQuestion } from '../evidence/explanation.ts';
import { storeKey } from '../evidence/explanation.ts';
import { panicOffset } from '../evidence/panic.ts';
import { savedSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import { KernelCode } from './code.ts';
import { DriverWatch, hasRequests } from './drivers.ts';
import { explainEntry } from './entry.ts';
import { explainException, followException } from './exception.ts';
import { FindingPlaces, placedFindings } from './findings.ts';
import { AROUND, heldIn } from './held-in.ts';
import { explainInterrupts, explainStorm, isWorthAsking, lastOfStorm } from './interrupts.ts';
import { isWorthTrying, tryJoined } from './joined.ts';
import { kernelFile } from './kernel-file.ts';
import { lastInterrupt } from './last-interrupt.ts';
import { explainLoop, loopAlone, loopBegins, overwrittenLoop } from './loop.ts';
import { explainProbe, isProbing } from './probe.ts';
import { type Budget, MOST_REPEATED, Replay, type ReplayedRun } from './replay.ts';
import type { SourceLines } from './source-files.ts';
import { type AnsweredStore, StoreWatch, WINDOW } from './stores.ts';
import { explainUnset, mayBeUnset } from './unset.ts';
import { isWorthNaming, TRACED, TRACED_FAR, ValueTrace } from './value-origins.ts';
import { explainWrapped, wrappedBuffer } from './wrapped-buffer.ts';

/** Questions that are answered: one for each wrong property of a few checks. */
const MOST_QUESTIONS = 64;

/** The note on a place that lies too far into the run. */
const TOO_FAR = 'the run was too long to be repeated up to here';

export interface Asked {
  readonly stores: readonly StoreQuestion[];
  readonly prints: readonly PrintQuestion[];
  /** Whether to look where the kernel was in the end, where neither a loop nor an exception says so. */
  readonly end: boolean;
  /** Whether to look for races in a run that was not watched for them. */
  readonly races: boolean;
}

/**
 * Answers what was asked, and explains the stop and the findings as far as there is something to explain; null if there is nothing.
 * `sources`: what was handed in beside the kernel; null if that is not at hand.
 */
export function explain(run: ReplayedRun, evidence: Evidence, asked: Asked, sources: SourceLines | null = null): Explanations | null {
  const panicAt = panicOffset(evidence);
  const { exception } = evidence;
  // A run that the host's guard ended must not take its time twice.
  if ('problem' in run.kernel || evidence.stop.reason === 'host-limit') return null;
  const questions = asked.stores;
  const gaveUp = panicAt !== null || exception !== null;
  const loop = evidence.loop?.sleeps === true && (gaveUp || !asked.end) ? null : evidence.loop;
  const findings = placedFindings(run, evidence, { watch: asked.races });
  // Notes alone are not worth a repeated run.
  const isGrave = findings.some(({ severity }) => severity !== 'note');
  const refused = asked.end && !gaveUp ? evidence.refusedCall : undefined;
  const isQuiet = panicAt === null && exception === null && loop === null && !isGrave && refused === undefined;
  const printed = new Set(asked.prints.slice(0, MOST_QUESTIONS).map(({ byte }) => byte));
  const end = asked.end && !gaveUp && loop === null ? savedSnapshot(evidence) : null;
  const { interrupts } = evidence;
  const awaits = asked.end && !gaveUp && interrupts !== null && isWorthAsking(interrupts);
  const storm = awaits ? lastOfStorm(interrupts) : undefined;
  // To a storm that lasted until the limit the way is long, and watching makes it longer: the handler is what to name then.
  const isLong = storm !== undefined && evidence.stop.reason === 'limit';
  const watchesDrivers = asked.end && exception === null && hasRequests(evidence) && !isLong;
  const isAskedNothing = isQuiet && end === null && questions.length === 0 && printed.size === 0 && !awaits;
  const experiments = asked.races && !asked.end && !gaveUp && isWorthTrying(run, evidence);
  const unset = asked.end && mayBeUnset(run, evidence);
  const wraps = asked.end || asked.races ? wrappedBuffer(evidence) : null;
  if (isAskedNothing && !watchesDrivers && !experiments && wraps === null && !unset) return null;
  const code = new KernelCode(kernelFile(run.kernel.debug ?? run.kernel.bytes), sources);
  const stores: Record<string, StoreExplanation> = {};
  const prints: Record<string, CodeStack> = {};
  const explanations: Unfinished<Explanations> = {
    stores,
    prints,
    panic: null,
    exception: null,
    entry: explainEntry(run.kernel.bytes, code),
    loop: null,
    interrupts: null,
    drivers: [],
    interrupted: null,
    end: null,
    findings: [],
  };
  const places = new FindingPlaces(findings);
  if (end !== null) explanations.end = code.stack(end);
  const budget: Budget = { left: MOST_REPEATED };
  let panicked: number | undefined;
  const replay = new Replay(run, budget, {
    // A run that ends in a storm costs too much to go that way again.
    backTo: storm === undefined ? backTo(evidence, questions) : [storm.time],
    printed: (before, machine) => {
      if (before === panicAt) {
        explanations.panic = code.stack(snapshotOf(machine));
        panicked ??= machine.now();
      }
      if (printed.has(before)) prints[before] = code.stack(snapshotOf(machine));
    },
  });
  const drivers = watchesDrivers ? new DriverWatch(replay, evidence, code) : undefined;
  const watch = new StoreWatch(replay, questions.slice(0, MOST_QUESTIONS));
  const stops: Stop[] = watch.times.flatMap((time) => [
    { time: time - WINDOW, act: () => watch.renew() },
    { time, act: () => Object.assign(stores, watch.answers(time, code)) },
  ]);
  for (const time of drivers?.times ?? []) stops.push({ time, act: () => drivers!.look() });
  if (panicAt !== null || printed.size > 0) stops.push({ time: evidence.time, act: () => undefined });
  if (exception !== null) {
    const before = Math.max(0, exception.time - 1);
    stops.push({ time: before, act: () => (explanations.exception = explainException(replay, exception, code)) });
  }
  if (refused !== undefined) {
    const look = () => (explanations.refusedCall = code.stack(snapshotOf(replay.machine)));
    stops.push({ time: refused.time - 1, act: look });
  }
  for (const time of places.times) stops.push({ time, act: () => places.look(replay, code) });
  const isReached = stops
    .sort((a, b) => a.time - b.time)
    .every(({ time, act }) => {
      const isThere = replay.runTo(time);
      if (isThere) act();
      return isThere;
    });
  const wasWatched = drivers !== undefined && isReached && replay.runTo(evidence.time);
  if (panicAt !== null) explanations.panic ??= NOWHERE;
  if (exception && explanations.exception) {
    explanations.exception = followException(replay, exception, { explained: explanations.exception, evidence }, code);
  }
  explanations.findings = places.answers(code);
  if (panicAt !== null && exception === null) {
    explanations.interrupted = lastInterrupt(replay, { time: evidence.time, unreturned: 0 }, { evidence, code });
  }
  if (asked.end && panicked !== undefined && isProbing(evidence)) {
    const probe = explainProbe(replay, panicked, evidence, code);
    if (probe !== null) explanations.probe = probe;
  }
  // The loop is stepped through, after which the machine cannot go on as it was. What comes last is the least if the budget is used up.
  if (loop !== null) explanations.loop = loopOf(replay, loop, code, evidence);
  if (storm !== undefined) explanations.interrupts = explainStorm(replay, storm, interrupts!, code);
  else if (awaits) explanations.interrupts = explainInterrupts(replay, evidence, { found: interrupts, loop: explanations.loop }, code);
  if (wasWatched) explanations.drivers = drivers.answers(code);
  if (isAskedNothing && explanations.drivers.length === 0 && !experiments && wraps === null && !unset) return null;
  if (wraps !== null) {
    const wrapped = explainWrapped(replay, wraps, code);
    if (wrapped !== null) explanations.wrapped = wrapped;
  }
  if (unset) {
    const found = explainUnset(replay, run, evidence, code);
    if (found !== null) explanations.unset = found;
  }
  addOrigins(stores, watch.answered, replay, code);
  replay.release();
  const joined = experiments ? tryJoined(run, evidence, budget, code) : null;
  if (joined !== null) explanations.joined = joined;
  else if (isAskedNothing && explanations.drivers.length === 0 && explanations.wrapped === undefined && explanations.unset === undefined)
    return null;
  const excerpts = code.excerpts();
  return {
    ...explanations,
    ...(excerpts.length === 0 ? {} : { sources: excerpts }),
    ...(code.remedy === null ? {} : { remedy: code.remedy }),
  };
}

/** How far before a question's time a store is likely to be followed back: most are made just before the request. */
const BEFORE = 2 * TRACED_FAR;

/** Guest times to which a repeated run likely goes back: before each place that is followed back, and to where the last loop may begin. */
function backTo(evidence: Evidence, questions: readonly StoreQuestion[]): number[] {
  const { exception, loop, time } = evidence;
  const end = exception?.time ?? (panicOffset(evidence) === null ? undefined : time);
  const followed = [...questions.map(({ before }) => before), ...(end === undefined ? [] : [end])];
  return [...followed.map((time) => time - BEFORE), ...(loop === null ? [] : [loop.lastEffect])].filter((time) => time > 0);
}

/** Stores whose values are followed back: each is a stretch of the run that is executed instruction by instruction. */
const MOST_TRACED = 8;
/** Of these, so many are followed further back. */
const MOST_TRACED_FAR = 2;

/** Adds to the stores where their values were made, as far as the report does not name that line anyway. */
function addOrigins(stores: Record<string, StoreExplanation>, answered: readonly AnsweredStore[], replay: Replay, code: KernelCode): void {
  const near = [...answered].sort((a, b) => a.time - b.time).slice(0, MOST_TRACED);
  const far = followStores(stores, near, { replay, code, reach: TRACED });
  followStores(stores, far.slice(0, MOST_TRACED_FAR), { replay, code, reach: TRACED_FAR });
}

/** Returns the stores whose values come from further back than was looked. `reach`: how far that is. */
function followStores(
  stores: Record<string, StoreExplanation>,
  answered: readonly AnsweredStore[],
  { replay, code, reach }: { readonly replay: Replay; readonly code: KernelCode; readonly reach: number },
): AnsweredStore[] {
  let trace: ValueTrace | undefined;
  let last = 0;
  const further: AnsweredStore[] = [];
  for (const one of answered) {
    const { question, time, pc } = one;
    const store = stores[storeKey(question)];
    if (store?.by !== 'kernel') continue;
    // Stores that lie close together share what comes before them.
    if (trace === undefined || time - last > reach) {
      replay.goBefore(time - reach);
      if (!replay.runTo(time - reach)) break;
      trace = new ValueTrace(replay);
    }
    last = time;
    trace.goTo(time);
    if (replay.machine.debug.pc() !== pc) continue;
    const range = { address: BigInt(question.address), length: question.length };
    const found = trace.origins(range, code);
    if (found === undefined) continue;
    if (found.origins.some(({ isLoaded }) => isLoaded)) further.push(one);
    const origins = found.origins.filter((origin) => isWorthNaming(origin, store.stack)).map(({ origin }) => origin);
    const first = range.address - (range.address % BigInt(AROUND));
    const around = replay.machine.debug.readMemory(first, AROUND) ?? new Uint8Array();
    const variable = heldIn({ stack: store.stack, value: found.value, around }, code);
    stores[storeKey(question)] = {
      ...store,
      ...(origins.length === 0 ? {} : { origins }),
      ...(variable === null ? {} : { heldIn: variable }),
    };
  }
  return further;
}

/** What is being put together part by part. */
type Unfinished<Whole> = { -readonly [Part in keyof Whole]: Whole[Part] };

/** A place that the repeated run did not reach. */
const NOWHERE: CodeStack = { places: [], leftOut: 0, notes: [TOO_FAR] };

interface Stop {
  /** Guest time in nanoseconds. */
  readonly time: number;
  readonly act: () => unknown;
}

function loopOf(replay: Replay, loop: LoopEvidence, code: KernelCode, evidence: Evidence): Explanations['loop'] {
  const overwritten = overwrittenLoop(replay, loop, code, evidence);
  if (overwritten !== null) return overwritten;
  const begins = loopBegins(replay, loop);
  replay.goBefore(begins);
  if (!replay.runTo(begins)) return { ...loopAlone(loop, code), since: null };
  const found = explainLoop(replay, loop, code, evidence);
  const atEnd = loop.sleeps && found?.since === null ? savedSnapshot(evidence) : null;
  return found === null || atEnd === null ? found : { ...found, stack: code.stack(atEnd) };
}
