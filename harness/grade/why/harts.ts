/** What each of several harts does at the end, and what it waits for: in a deadlock each of them names a lock, its place, and since when another one has the lock. */
import type { Evidence, HartAtEnd } from '../../evidence/evidence.ts';
import { triedLock } from '../../evidence/tried-lock.ts';
import type { Detail } from '../../result/result.ts';
import { stays } from './awaited.ts';
import { nameOf } from './loop.ts';
import { text } from './text.ts';

export function harts({ hartsAtEnd = [], explanations }: Evidence): Detail[] {
  const explained = explanations?.harts ?? [];
  return hartsAtEnd.flatMap((hart, number): Detail[] => {
    const about = explained[number];
    if (about === undefined || hart.activity === 'stopped') return [];
    const line = text(`hart ${number} ${doing(hart, about.symbol)}`);
    const at = about.stack.places.length === 0 ? [] : [{ kind: 'code', text: `hart ${number} is at`, stack: about.stack } as const];
    const { holder } = about;
    if (holder === undefined) return [line, ...at];
    const who = holder.hart === number ? `hart ${number} holds it itself, since` : `hart ${holder.hart} holds it since`;
    return [line, ...at, { kind: 'code', text: who, stack: holder.stack }];
  });
}

function doing(hart: HartAtEnd, symbol: string | null): string {
  const { activity, loop } = hart;
  if (activity !== 'runs') return 'waits for an interrupt';
  const load = loop?.loads[0];
  if (loop === null) return 'runs, and no loop that changes nothing was found';
  if (load === undefined || !load.decides) return 'is in a loop that depends on nothing that it loads';
  const polls = `${nameOf(load.what, symbol)} at ${load.address}, ${stays(load)}`;
  return triedLock(hart) !== undefined ? `tries to take a lock, as it seems: ${polls}` : `polls ${polls}`;
}
