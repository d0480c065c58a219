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

type Expected<Name extends CheckKindName> = Parameters<(typeof checkKinds)[Name]['evaluate']>[0];

/** A kind and what it expects. */
export type CheckSpec = { [Name in CheckKindName]: { kind: Name; expected: Expected<Name> } }[CheckKindName];

export const checkKindNames = Object.keys(checkKinds) as CheckKindName[];

/** Evaluates a check. Pure. */
export function evaluate({ kind: name, expected }: CheckSpec, context: CheckContext): Verdict {
  // The table pairs each kind with its own expectation, which a lookup by a union cannot express.
  const kind = checkKinds[name] as unknown as CheckKind<z.ZodType, CheckSpec['expected']>;
  return kind.evaluate(expected, context);
}
