/**
 * What a run typed at the console: evidence has what the kernel printed, and from that it follows which keys of the rubric were sent. Left out: the
 * first keys that wait for a time, and all after them, since evidence does not say when a text was shown.
 */
import { binaryOfBase64, binaryOfText } from '../bytes/binary.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { ScenarioResult } from '../result/result.ts';
import type { Scenario } from '../vocabulary/scenario.ts';

/** Texts that are kept, and characters of one. */
const MOST_TEXTS = 100;
const LONGEST = 200;

export function typedIn({ keys }: Pick<Scenario, 'keys'>, { console }: Pick<Evidence, 'console'>): NonNullable<ScenarioResult['typed']> {
  if (keys.length === 0) return [];
  const shown = binaryOfBase64(console);
  const typed: { after: string; text: string }[] = [];
  let at = 0;
  for (const { when, after, type } of keys.slice(0, MOST_TEXTS)) {
    if (when === null || after > 0) break;
    const awaited = binaryOfText(when);
    const found = shown.indexOf(awaited, at);
    if (found === -1) break;
    at = found + awaited.length;
    typed.push({ after: cut(when), text: cut(type) });
  }
  return typed;
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : text.slice(0, LONGEST);
}
