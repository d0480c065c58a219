/** What the kernel printed, as harmless text: every control character is shown as a dimmed escape, and what was typed stands out. */
import { printable } from '../../evidence/printable.ts';
import type { ScenarioResult } from '../../result/result.ts';
import type { ConsoleExcerpt } from '../run-excerpt.ts';
import { count } from '../words.ts';
import { escapeHtml, html, type Markup, trusted } from './markup.ts';

/** Longer lines are cut. */
const LONGEST_LINE = 4000;

/** Escapes of one piece of console that are dimmed: a console of nothing else would become ten times as long. */
const MOST_DIMMED = 2000;

type Typed = NonNullable<ScenarioResult['typed']>;

/** `most`: characters of markup. It begins scrolled to its end, where things went wrong. */
export function consoleText(excerpt: ConsoleExcerpt, typed: Typed, most: number): Markup {
  if (excerpt.head === '') return html`<p class="dim">The kernel printed nothing.</p>`;
  const { head, leftOut, isCounted, tail } = fitted(excerpt, most);
  const marks = new Marks(typed);
  const blocks = [block(marks.of(head))];
  if (leftOut > 0) {
    blocks.push(html`<p class="dim">… ${isCounted ? '' : 'about '}${count(leftOut, 'byte')} left out …</p>`, block(marks.of(tail)));
  }
  const silent = leftOut > 0 ? [] : marks.unseen;
  return html`${marks.any ? html`<p class="dim">What was typed is in bold.</p>` : null}
<div class="console" tabindex="0" role="group" aria-label="Console"><div>${blocks}</div></div>
${silent.length === 0 ? null : html`<p class="dim">Typed, but not shown by the kernel: ${silent.map((text) => html`<code>${text}</code> `)}</p>`}`;
}

interface Fitted extends ConsoleExcerpt {
  /** Whether `leftOut` is exact. */
  readonly isCounted: boolean;
}

/** A quarter of what is shown is from the beginning. */
function fitted({ head, leftOut, tail }: ConsoleExcerpt, most: number): Fitted {
  const [ofHead, ofTail] = [Math.floor(most / 4), Math.floor((3 * most) / 4)];
  if (leftOut === 0 && written(head) <= most) return { head, leftOut, tail, isCounted: true };
  const from = leftOut === 0 ? head : tail;
  const first = fitting(head, ofHead, 'start');
  const last = fitting(leftOut === 0 ? from.slice(first.length) : from, ofTail, 'end');
  const cut = head.length + tail.length - first.length - last.length;
  if (cut === 0) return { head, leftOut, tail, isCounted: true };
  return { head: first, leftOut: leftOut + cut, tail: last, isCounted: false };
}

/** Characters that lines become, markup of their escapes included. */
function written(lines: string): number {
  if (!ASCII.test(lines)) return lineMarkup(lines).length;
  return lines.length + (LONGEST_ENTITY - 1) * (lines.match(ENTITIES)?.length ?? 0);
}

/** Text without escapes needs no rendering to be counted. */
const ASCII = /^[\n -~]*$/;
const ENTITIES = /[&<>"']/g;
const LONGEST_ENTITY = 6;

/** Characters that one character becomes at most. */
const LONGEST_ESCAPE = 10;

/** As many lines of the text's start or end as fit; where not even one does, a part of it. */
function fitting(text: string, most: number, end: 'start' | 'end'): string {
  const lines = text.split('\n');
  if (end === 'end') lines.reverse();
  let [length, room] = [0, most];
  for (const line of lines) {
    room -= written(line) + 1;
    if (room < 0) break;
    length += line.length + 1;
  }
  if (length === 0) length = Math.floor(most / LONGEST_ESCAPE);
  return end === 'start' ? text.slice(0, length) : text.slice(Math.max(0, text.length - length));
}

interface Piece {
  readonly text: string;
  readonly isTyped: boolean;
}

/** Finds what was typed where the kernel echoed it: each text after the prompt that it was an answer to. */
class Marks {
  readonly unseen: string[] = [];
  any = false;
  #left: Typed;

  constructor(typed: Typed) {
    this.#left = typed;
  }

  of(text: string): Piece[] {
    const pieces: Piece[] = [];
    let at = 0;
    const left: Typed[number][] = [];
    this.unseen.length = 0;
    for (const one of this.#left) {
      const line = one.text.split('\n')[0]!;
      const prompt = line === '' ? -1 : text.indexOf(one.after + line, at);
      if (prompt === -1) {
        left.push(one);
        if (line !== '') this.unseen.push(line);
        continue;
      }
      const start = prompt + one.after.length;
      pieces.push({ text: text.slice(at, start), isTyped: false }, { text: line, isTyped: true });
      at = start + line.length;
      this.any = true;
    }
    this.#left = left;
    return [...pieces, { text: text.slice(at), isTyped: false }];
  }
}

function block(pieces: readonly Piece[]): Markup {
  return html`<pre>${pieces.map(({ text, isTyped }) => (isTyped ? html`<b>${trusted(lineMarkup(text))}</b>` : trusted(lineMarkup(text))))}</pre>`;
}

function lineMarkup(text: string): string {
  const lines = text.split('\n').map((line) => escapeHtml(printable(line, LONGEST_LINE)));
  return dimEscapes(lines.join('\n'));
}

/** Of escaped text: `\x1b[32m` and other escapes are dimmed, so that the text stands out. */
function dimEscapes(text: string): string {
  let dimmed = 0;
  return text.replace(/(?:\\(?:x1b(?:\[[0-9;]*[A-Za-z])?|x[0-9a-f]{2}|u\{[0-9a-f]+\}|[rt]))+/g, (escapes) =>
    ++dimmed > MOST_DIMMED ? escapes : `<span class="dim">${escapes}</span>`,
  );
}
