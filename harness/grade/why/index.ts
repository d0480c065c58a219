/**
 * Why a kernel came to its end, from the evidence alone: its panic, its last exception, the loop that it was in. With explanations
 * (harness/explain) these name source lines. Pure.
 */
import type { Evidence } from '../../evidence/evidence.ts';
import type { Detail } from '../../result/result.ts';
import { answers } from './answers.ts';
import { end } from './end.ts';
import { entry } from './entry.ts';
import { exception } from './exception.ts';
import { gaveUp } from './gave-up.ts';
import { handlerRegisters } from './handler-registers.ts';
import { harts } from './harts.ts';
import { interrupts } from './interrupts.ts';
import { loop } from './loop.ts';
import { misread } from './misread.ts';
import { overlaps } from './overlaps.ts';
import { overwritten } from './overwritten.ts';
import { panic } from './panic.ts';
import { probing } from './probing.ts';
import { queueUse } from './queue-use.ts';
import { refusedCall } from './refused-call.ts';
import { secondLook } from './second-look.ts';
import { sleep } from './sleep.ts';
import { statusPlace } from './status-place.ts';
import { unset } from './unset.ts';

/** In the order in which a report shows them. */
const PARTS: readonly ((evidence: Evidence) => readonly Detail[])[] = [
  entry,
  panic,
  gaveUp,
  statusPlace,
  misread,
  answers,
  queueUse,
  overlaps,
  exception,
  overwritten,
  loop,
  harts,
  refusedCall,
  interrupts,
  handlerRegisters,
  sleep,
  end,
  probing,
  secondLook,
  unset,
];

export function whyStopped(evidence: Evidence): Detail[] {
  return PARTS.flatMap((part) => part(evidence));
}
