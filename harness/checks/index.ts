/** The kinds of check: one line each. */
import type { z } from 'zod';
import { type Explanations, storeKey } from '../evidence/explanation.ts';
import type { Detail } from '../result/result.ts';
import { consoleCheck } from './console.ts';
import { deviceCheck } from './device.ts';
import { findingsCheck } from './findings.ts';
import { imageCheck } from './image.ts';
import type { CheckContext, CheckKind, Question, Verdict } from './kind.ts';
import { requestCheck } from './request.ts';
import { requestsCheck } from './requests.ts';
import { stopCheck } from './stop.ts';

export const checkKinds = {
  console: consoleCheck,
  request: requestCheck,
  requests: requestsCheck,
  image: imageCheck,
  stop: stopCheck,
  device: deviceCheck,
  findings: findingsCheck,
};

export type CheckKindName = keyof typeof checkKinds;

type Expected<Name extends CheckKindName> = Parameters<(typeof checkKinds)[Name]['evaluate']>[0];

/** A kind and what it expects. */
export type CheckSpec = { [Name in CheckKindName]: { kind: Name; expected: Expected<Name> } }[CheckKindName];

export const checkKindNames = Object.keys(checkKinds) as CheckKindName[];

/** Evaluates a check; the details end with the answers to its questions, as far as the evidence has them. Pure. */
export function evaluate({ kind: name, expected }: CheckSpec, context: CheckContext): Verdict {
  // The table pairs each kind with its own expectation, which a lookup by a union cannot express.
  const kind = checkKinds[name] as unknown as CheckKind<z.ZodType, CheckSpec['expected']>;
  const verdict = kind.evaluate(expected, context);
  if (verdict.outcome === 'passed') return verdict;
  const { explanations } = context.evidence;
  return { ...verdict, details: [...verdict.details, ...verdict.questions.map((question) => answerTo(question, explanations))] };
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
