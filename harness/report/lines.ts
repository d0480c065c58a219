/**
 * Lines of a report before they are laid out: a sentence may be wrapped to a terminal's width, and goes on below its own beginning;
 * code, tables and hex dumps stay as they are, since a line of theirs that is broken cannot be read any more.
 */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

export interface Line {
  /** Stands before the text, and is never broken. */
  readonly lead: string;
  readonly text: string;
  /** Columns by which the lines are indented that the text is continued on; null: it is never wrapped. */
  readonly hang: number | null;
  /** A line of a source file; `culprit`: the one that is to blame among those around it. */
  readonly code?: 'around' | 'culprit';
}

/** Text that may be wrapped. It is continued below its first word, unless `hang` says where. */
export function sentence(text: string, lead = '', hang: number = stringWidth(lead)): Line {
  return { lead, text, hang };
}

export function fixed(text: string): Line {
  return { lead: '', text, hang: null };
}

export function indented({ lead, hang, ...line }: Line, columns: number): Line {
  return { ...line, lead: `${' '.repeat(columns)}${lead}`, hang: hang === null ? null : hang + columns };
}

/** The line where nothing is wrapped. */
export function plain({ lead, text }: Line): string {
  return `${lead}${text}`.trimEnd();
}

/** Columns of an indentation that is used instead of one that would leave less than half of the width. */
const NARROW_HANG = 8;

/** `width`: the terminal's columns; null: lines are as long as they are. */
export function laidOut(lines: readonly Line[], width: number | null): string[] {
  return lines.flatMap((line) => (width === null || line.hang === null ? [plain(line)] : wrapped(line, line.hang, width)));
}

function wrapped({ lead, text }: Line, hang: number, width: number): string[] {
  const indent = hang <= width / 2 ? hang : Math.min(hang, NARROW_HANG);
  // What the lead takes of the first line beyond the indentation of the others is filled up while the text is wrapped.
  const filler = 'x'.repeat(Math.max(0, stringWidth(lead) - indent));
  const [first = '', ...rest] = wrapAnsi(`${filler}${text}`, width - indent).split('\n');
  return [`${lead}${first.slice(filler.length)}`.trimEnd(), ...rest.map((part) => `${' '.repeat(indent)}${part}`)];
}
