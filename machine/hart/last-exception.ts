/** The exception that came last: what explains a kernel that does not survive it. Calls are none, nor is what a user program does. */
import { EXCEPTION, PRIVILEGE } from './cause.ts';
import type { HartState } from './state.ts';

/** An exception as the hart took it. */
export interface TakenException {
  readonly pc: bigint;
  readonly cause: number;
  readonly tval: bigint;
  /** Privilege mode that it came from (cause.ts). */
  readonly privilege: number;
  /** Instructions retired before it, and guest time in nanoseconds. */
  readonly instructions: bigint;
  readonly time: number;
  /** The next exception, where it came before any instruction retired: the trap vector itself faulted. */
  nested: { readonly pc: bigint; readonly cause: number; readonly tval: bigint } | undefined;
  /** Traps that had been taken and not returned from before it; and whether it was returned from since. */
  readonly depth: number;
  returned: boolean;
}

/** What comes after `last`, by an exception that is about to be taken. */
export function noteException(
  last: TakenException | undefined,
  state: HartState,
  taken: Pick<TakenException, 'cause' | 'tval' | 'instructions' | 'time' | 'depth'>,
): TakenException | undefined {
  const privilege = state.small('privilege');
  const { cause, tval } = taken;
  if (privilege === PRIVILEGE.user || (cause >= EXCEPTION.ecallFromU && cause <= EXCEPTION.ecallFromM)) return last;
  const pc = state.get('pc');
  if (last?.instructions !== taken.instructions) return { ...taken, pc, privilege, nested: undefined, returned: false };
  last.nested ??= { pc, cause, tval };
  return last;
}
