/** A few lines of a source file, with the one that is meant marked. */
import type { SourceCode } from '../evidence/code-place.ts';
import { printable } from '../evidence/printable.ts';
import { fixed, type Line } from './lines.ts';
import type { Colors } from './words.ts';

/** Characters of a source line. */
const LONGEST_LINE = 120;
/** Columns that a tab goes on to. */
const TAB = 4;

/** Without the indentation that all of them have. */
export function excerptLines({ first, lines }: SourceCode, marked: number | null, colors: Colors): Line[] {
  const texts = lines.map(withoutTabs);
  const indents = texts.filter((text) => text.trim() !== '').map((text) => text.length - text.trimStart().length);
  const indent = Math.min(...indents);
  const width = String(first + lines.length - 1).length;
  return texts.map((text, index) => {
    const number = first + index;
    const isCulprit = number === marked;
    const line = `  ${isCulprit ? '>' : ' '} ${String(number).padStart(width)} | ${printable(text.slice(indent), LONGEST_LINE)}`.trimEnd();
    return { ...fixed(isCulprit ? colors.bold(line) : colors.dim(line)), code: isCulprit ? 'culprit' : 'around' };
  });
}

function withoutTabs(line: string): string {
  let column = 0;
  return line
    .split(/(\t)/)
    .map((part) => {
      const text = part === '\t' ? ' '.repeat(TAB - (column % TAB)) : part;
      column += text.length;
      return text;
    })
    .join('');
}
