/** What the kernel printed, as text that can do nothing: every control shows as an escape, dimmed. */
import { withPlainLineEnds } from '../../evidence/line-ends.ts';
import { printable } from '../../evidence/printable.ts';
import { count } from '../words.ts';
import { escapeHtml, html, type Markup, trusted } from './markup.ts';

/** Characters shown of a long console: most from its end, where things went wrong. */
const FIRST = 32 * 1024;
const LAST = 96 * 1024;
/** Longer lines are cut. */
const LONGEST_LINE = 4000;

/** `base64`: as evidence has it, any bytes. */
export function consoleText(base64: string): Markup {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const text = new TextDecoder().decode(withPlainLineEnds(bytes));
  if (text === '') return html`<p class="dim">The kernel printed nothing.</p>`;
  const cut = text.length - FIRST - LAST;
  const pieces = cut > 0 ? [text.slice(0, FIRST), text.slice(-LAST)] : [text];
  return html`${pieces.map((piece, index) => [index === 1 ? gap(cut) : null, block(piece)])}`;
}

function gap(characters: number): Markup {
  return html`<p class="dim">… ${count(characters, 'character')} left out …</p>`;
}

/** Focusable, so that the keyboard can scroll it. */
function block(text: string): Markup {
  const lines = text.split('\n').map((line) => dimEscapes(escapeHtml(printable(line, LONGEST_LINE))));
  return html`<pre tabindex="0" role="group" aria-label="Console">${trusted(lines.join('\n'))}</pre>`;
}

/** Of escaped text: `\x1b[32m` and other escapes step back behind what is meant to be read. */
function dimEscapes(text: string): string {
  return text.replace(/(?:\\(?:x1b(?:\[[0-9;]*[A-Za-z])?|x[0-9a-f]{2}|u\{[0-9a-f]+\}|[rt]))+/g, '<span class="dim">$&</span>');
}
