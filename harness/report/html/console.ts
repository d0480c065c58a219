/** What the kernel printed, as harmless text: every control character is shown as a dimmed escape. */
import { printable } from '../../evidence/printable.ts';
import type { ConsoleExcerpt } from '../run-excerpt.ts';
import { count } from '../words.ts';
import { escapeHtml, html, type Markup, trusted } from './markup.ts';

/** Longer lines are cut. */
const LONGEST_LINE = 4000;

/** Escapes of one piece of console that are dimmed: a console of nothing else would become ten times as long. */
const MOST_DIMMED = 2000;

export function consoleText({ head, leftOut, tail }: ConsoleExcerpt): Markup {
  if (head === '') return html`<p class="dim">The kernel printed nothing.</p>`;
  if (leftOut === 0) return block(head);
  return html`${block(head)}<p class="dim">… ${count(leftOut, 'byte')} left out …</p>${block(tail)}`;
}

/** Focusable, so that the keyboard can scroll it. */
function block(text: string): Markup {
  const lines = text.split('\n').map((line) => escapeHtml(printable(line, LONGEST_LINE)));
  return html`<pre tabindex="0" role="group" aria-label="Console">${trusted(dimEscapes(lines.join('\n')))}</pre>`;
}

/** Of escaped text: `\x1b[32m` and other escapes are dimmed, so that the text stands out. */
function dimEscapes(text: string): string {
  let dimmed = 0;
  return text.replace(/(?:\\(?:x1b(?:\[[0-9;]*[A-Za-z])?|x[0-9a-f]{2}|u\{[0-9a-f]+\}|[rt]))+/g, (escapes) =>
    ++dimmed > MOST_DIMMED ? escapes : `<span class="dim">${escapes}</span>`,
  );
}
