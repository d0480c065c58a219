/** What the kernel printed in a run, for a terminal: harmless, and bounded as in the page of a submission. */
import { printable } from '../evidence/printable.ts';
import type { RunExcerpt } from './run-excerpt.ts';
import { type Colors, clean, count } from './words.ts';

/** Longer lines are cut. */
const LONGEST_LINE = 4000;

/** All runs, one below the other, ending in a line end. */
export function terminalConsoles(runs: readonly RunExcerpt[], colors: Colors): string {
  const parts = runs.map(({ scenario, console: { head, leftOut, tail } }) => {
    const title = colors.bold(runs.length === 1 ? 'console' : `console of ${clean(scenario)}`);
    const rest = leftOut === 0 ? [] : [colors.dim(`… ${count(leftOut, 'byte')} left out …`), ...linesOf(tail)];
    return [`${title}${head === '' ? ': the kernel printed nothing' : ''}`, ...linesOf(head), ...rest].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => ` ${printable(line, LONGEST_LINE)}`);
}
