/**
 * A part of the console compared as a whole with the text that is expected. Line ends are LF, blanks at the end of a line do not count, nor do
 * empty lines at the beginning and at the end: nobody sees them, and kernels and editors differ in them.
 */
import { printable } from '../evidence/printable.ts';
import { linesApart } from './console-difference.ts';
import { type ConsoleLine, lineNumber, type Shown } from './console-text.ts';
import { failed, PASSED, type Verdict } from './kind.ts';

export function equals(expected: string, part: Shown): Verdict {
  const first = lineNumber(part, part.start);
  const found = trimmed(part.text.split('\n').map((text, index): ConsoleLine => ({ number: first + index, text: text.trimEnd() })));
  const wanted = trimmed(expected.split('\n').map((text, index): ConsoleLine => ({ number: index + 1, text: text.trimEnd() })));
  const texts = wanted.map(({ text }) => text);
  if (found.length === texts.length && found.every(({ text }, index) => text === texts[index])) return PASSED;
  if (found.length === 0) {
    return failed('there is no output', [
      {
        kind: 'expected',
        text: `${texts.length === 1 ? 'one line' : `${texts.length} lines`}, which begin with "${printable(texts[0] ?? '')}"`,
      },
      { kind: 'found', text: 'nothing: this part of the console is empty' },
    ]);
  }
  const { at, detail } = linesApart(found, texts);
  const reason =
    at < texts.length ? `the output differs from what is expected in its line ${at + 1}` : 'the output has more lines than expected';
  return failed(reason, [detail]);
}

/** Without the empty lines at both ends. */
function trimmed(lines: readonly ConsoleLine[]): ConsoleLine[] {
  const first = lines.findIndex(({ text }) => text !== '');
  const last = lines.findLastIndex(({ text }) => text !== '');
  return first === -1 ? [] : lines.slice(first, last + 1);
}
