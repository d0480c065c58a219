/**
 * HTML by tagged templates: what is put into one is text, whoever wrote it. It is made printable first (a kernel's escape
 * sequences, controls and direction marks become visible), then escaped, for elements and quoted attributes alike.
 */
import { clean } from '../words.ts';

/** A piece of finished HTML: only `html` and `trusted` make one. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Value = Markup | string | number | null | readonly Value[];

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, index) => (index === 0 ? part : `${markupOf(values[index - 1]!)}${part}`)).join(''));
}

/** Our own constant text: a style sheet, a script. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function markupOf(value: Value): string {
  if (value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(markupOf).join('');
  return typeof value === 'number' ? String(value) : escapeHtml(clean(value));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
