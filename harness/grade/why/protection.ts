/** An access to memory that physical memory protection (PMP) refuses: where no firmware has set it up, a kernel in M mode has to. */
import { type ExceptionEvidence, type ExplainedException, isJump } from '../../evidence/exception.ts';

const [FETCH, LOAD, STORE] = [1, 5, 7];
const VERBS: Readonly<Record<number, string>> = { [FETCH]: 'execute', [LOAD]: 'read', [STORE]: 'write' };

/** Null if that is not what it was. */
export function protection({ cause, mode, value }: ExceptionEvidence, explained: ExplainedException | null): string | null {
  const verb = VERBS[cause];
  if (explained === null || verb === undefined || mode === 'M') return null;
  return (
    `physical memory protection (PMP) does not let ${mode} mode ${verb} what is at ${value}: unless an entry of it allows an address, only M mode ` +
    'reaches it. Before M mode goes to S mode it must allow all memory, such as by pmpaddr0 = 0x3fffffffffffff and pmpcfg0 = 0xf (TOR, R, W, X)'
  );
}

/** Whether the instruction is there and PMP alone keeps it from being executed. Where the code of a user program is, the kernel's file does not say. */
export function isProtectedCode(taken: ExceptionEvidence, explained: ExplainedException | null): boolean {
  return taken.cause === FETCH && taken.mode === 'S' && isJump(taken) && explained !== null && explained.there === null;
}
