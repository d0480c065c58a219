/** What each of several harts does at the end, and what it waits for: in a deadlock each of them names a lock and a place. Left out: which hart holds it. */
import type { Evidence, HartAtEnd } from '../../evidence/evidence.ts';
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
    return about.stack.places.length === 0 ? [line] : [line, { kind: 'code', text: `hart ${number} is at`, stack: about.stack }];
  });
}

function doing({ activity, loop }: HartAtEnd, symbol: string | null): string {
  if (activity !== 'runs') return 'waits for an interrupt';
  const load = loop?.loads[0];
  if (loop === null) return 'runs, and no loop that changes nothing was found';
  if (load === undefined || !load.decides) return 'is in a loop that depends on nothing that it loads';
  const takes = /^(?:amoswap|lr)/.test(loop.instructions.find(({ pc }) => pc === load.pc)?.text ?? '');
  const polls = `${nameOf(load.what, symbol)} at ${load.address}, ${stays(load)}`;
  return takes && BigInt(load.value) !== 0n ? `tries to take a lock, as it seems: ${polls}` : `polls ${polls}`;
}
