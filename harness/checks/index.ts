/** The kinds of check: one line each. */
import type { z } from 'zod';
import { consoleCheck } from './console.ts';
import { deviceCheck } from './device.ts';
import { findingsCheck } from './findings.ts';
import { imageCheck } from './image.ts';
import type { CheckContext, CheckKind, Verdict } from './kind.ts';
import { requestCheck } from './request.ts';
import { stopCheck } from './stop.ts';

export const checkKinds = {
  console: consoleCheck,
  request: requestCheck,
  image: imageCheck,
  stop: stopCheck,
  device: deviceCheck,
  findings: findingsCheck,
};

export type CheckKindName = keyof typeof checkKinds;

type Expected<Name extends CheckKindName> = z.output<(typeof checkKinds)[Name]['schema']>;

/** A kind and what it expects. */
export type CheckSpec = { [Name in CheckKindName]: { kind: Name; expected: Expected<Name> } }[CheckKindName];

export const checkKindNames = Object.keys(checkKinds) as CheckKindName[];

/** Evaluates the context's check. Pure. */
export function evaluate(context: CheckContext): Verdict {
  // The table pairs each kind with its own expectation, which a lookup by a union cannot express.
  const kind = checkKinds[context.check.kind] as unknown as CheckKind<z.ZodType<CheckSpec['expected']>>;
  return kind.evaluate(context.check.expected, context);
}
