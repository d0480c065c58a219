/** The dialogue of a scenario. Apart from dialogue.ts, so that `bootgrade run`, which knows no expressions, does not load what compiles them. */
import type { Scenario } from '../vocabulary/scenario.ts';
import { Dialogue } from './dialogue.ts';
import { LineWatch } from './line-watch.ts';

/** What a scenario waits for and types. */
export function dialogueOf({ until, keys }: Scenario): Dialogue {
  const encoder = new TextEncoder();
  const { console, matches } = until ?? { console: [], matches: [], reaches: [] };
  return new Dialogue(
    { console, lines: matches.length === 0 ? undefined : new LineWatch(matches) },
    keys.map(({ when, after, type }) => ({ when, after, type: encoder.encode(type) })),
  );
}
