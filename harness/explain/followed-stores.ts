/** Stores to blame are followed back to where the values that they store were made. */
import type { StoreExplanation } from '../evidence/code-place.ts';
import { storeKey } from '../evidence/explanation.ts';
import type { KernelCode } from './code.ts';
import { AROUND, heldIn } from './held-in.ts';
import type { Replay } from './replay.ts';
import type { AnsweredStore } from './stores.ts';
import { isWorthNaming, TRACED, TRACED_FAR, ValueTrace } from './value-origins.ts';

/** Stores whose values are followed back: each is a stretch of the run that is executed instruction by instruction. */
const MOST_TRACED = 8;
/** Of these, so many are followed further back. */
const MOST_TRACED_FAR = 2;

/** Adds to the stores where their values were made, as far as the report does not name that line anyway. */
export function addOrigins(
  stores: Record<string, StoreExplanation>,
  answered: readonly AnsweredStore[],
  replay: Replay,
  code: KernelCode,
): void {
  const { instructionTime } = replay;
  const near = [...answered].sort((a, b) => a.time - b.time).slice(0, MOST_TRACED);
  const far = followStores(stores, near, { replay, code, reach: TRACED * instructionTime });
  followStores(stores, far.slice(0, MOST_TRACED_FAR), { replay, code, reach: TRACED_FAR * instructionTime });
}

/** Returns the stores whose values come from further back than was looked. `reach`: how far that is, in guest nanoseconds. */
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
