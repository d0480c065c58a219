/** The kinds of check: one line each. */
import type { z } from 'zod';
import { type Explanations, storeKey } from '../evidence/explanation.ts';
import type { Detail } from '../result/result.ts';
import type { FactAsks } from '../vocabulary/facts.ts';
import type { RequestInterest } from '../vocabulary/request-interest.ts';
import { buildCheck } from './build.ts';
import { consoleCheck } from './console.ts';
import { countsCheck } from './counts.ts';
import { deviceCheck } from './device.ts';
import { fileCheck } from './file.ts';
import { findingsCheck } from './findings.ts';
import { imageCheck } from './image.ts';
import type { CheckContext, CheckKind, HandInCheckKind, HandInContext, Question, Verdict } from './kind.ts';
import { memoryCheck } from './memory.ts';
import { racesCheck } from './races.ts';
import { reachedCheck } from './reached.ts';
import { requestCheck } from './request.ts';
import { interestInOne } from './request-select.ts';
import { interestInSeveral, requestsCheck } from './requests.ts';
import { scriptCheck } from './script.ts';
import { stopCheck } from './stop.ts';

/** About a run. */
export const runCheckKinds = {
  console: consoleCheck,
  request: requestCheck,
  requests: requestsCheck,
  image: imageCheck,
  stop: stopCheck,
  device: deviceCheck,
  findings: findingsCheck,
  counts: countsCheck,
  memory: memoryCheck,
  reached: reachedCheck,
  races: racesCheck,
  script: scriptCheck,
};

/** About what was handed in: no run is needed. */
export const handInCheckKinds = {
  file: fileCheck,
  build: buildCheck,
};

export const checkKinds = { ...runCheckKinds, ...handInCheckKinds };

export type CheckKindName = keyof typeof checkKinds;

type Expected<Name extends CheckKindName> = Parameters<(typeof checkKinds)[Name]['evaluate']>[0];

/** A kind and what it expects. */
type SpecOf<Names extends CheckKindName> = { [Name in Names]: { kind: Name; expected: Expected<Name> } }[Names];
export type RunCheckSpec = SpecOf<keyof typeof runCheckKinds>;
export type HandInCheckSpec = SpecOf<keyof typeof handInCheckKinds>;
export type CheckSpec = RunCheckSpec | HandInCheckSpec;

export const checkKindNames = Object.keys(checkKinds) as CheckKindName[];

/** Evaluates a check; the details end with the answers to its questions, as far as the evidence has them. Pure. */
export function evaluate({ kind: name, expected }: RunCheckSpec, context: CheckContext): Verdict {
  // The table pairs each kind with its own expectation, which a lookup by a union cannot express.
  const kind = runCheckKinds[name] as unknown as CheckKind<z.ZodType, RunCheckSpec['expected']>;
  const verdict = kind.evaluate(expected, context);
  if (verdict.outcome !== 'failed') return verdict;
  const { explanations } = context.evidence;
  return { ...verdict, details: [...verdict.details, ...verdict.questions.map((question) => answerTo(question, explanations))] };
}

/** Evaluates a check of what was handed in. Pure. */
export function evaluateHandIn({ kind: name, expected }: HandInCheckSpec, context: HandInContext): Verdict {
  // As in `evaluate`.
  const kind = handInCheckKinds[name] as unknown as HandInCheckKind<z.ZodType>;
  return kind.evaluate(expected, context);
}

/** Whether checks of the kind are about what was handed in, and not about a run. */
export function isHandInKind(name: CheckKindName): name is keyof typeof handInCheckKinds {
  return Object.hasOwn(handInCheckKinds, name);
}

/** What a run has to record for a check besides what every run does. */
export function asksOf(check: CheckSpec): Partial<FactAsks> {
  if (isHandInSpec(check)) return {};
  const kind = runCheckKinds[check.kind] as unknown as CheckKind<z.ZodType, RunCheckSpec['expected']>;
  return kind.asks?.(check.expected) ?? {};
}

function isHandInSpec(check: CheckSpec): check is HandInCheckSpec {
  return isHandInKind(check.kind);
}

/** What a check asks of requests, which is known before the run: it keeps a bounded number of them. */
export function interestsOf({ kind, expected }: CheckSpec): RequestInterest[] {
  switch (kind) {
    case 'request':
      return [interestInOne(expected)];
    case 'requests':
      return [interestInSeveral(expected)];
    default:
      return [];
  }
}

/** Whether a check is about what a driver does to a device, so that reports show that first. */
export function isAboutDevices({ kind, expected }: CheckSpec): boolean {
  switch (kind) {
    case 'request':
    case 'requests':
    case 'device':
    case 'findings':
      return true;
    case 'image':
      return !('file-system' in expected);
    case 'console':
    case 'stop':
    case 'counts':
    case 'memory':
    case 'reached':
    case 'races':
    case 'script':
    case 'file':
    case 'build':
      return false;
  }
}

/** What a repeated run has found out, as a detail. */
export function answerTo({ about, text, question }: Question, explanations: Explanations | null): Detail {
  switch (about) {
    case 'store':
      return { kind: 'origin', text, question, stored: explanations?.stores[storeKey(question)] ?? null };
    case 'print':
      return { kind: 'printed', text, question, stack: explanations?.prints[question.byte] ?? null };
  }
}
