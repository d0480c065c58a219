/**
 * Lines of a report before they are laid out: a sentence may be wrapped to a terminal's width, and goes on below its own beginning;
 * code and tables stay as they are, since a line of theirs that is broken cannot be read any more, and a row of a hex dump becomes two lines.
 */
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

export interface Line {
  /** Stands before the text, and is never broken. */
  readonly lead: string;
  readonly text: string;
  /** Columns by which the lines are indented that the text is continued on; null: it is never wrapped. */
  readonly hang: number | null;
  /** What may stand instead of a text that is never wrapped, where that is wider than the terminal: the widest first. */
  readonly narrower?: readonly (readonly string[])[];
  /** A line of a source file; `culprit`: the one that is to blame among those around it. */
  readonly code?: 'around' | 'culprit';
}

/** Text that may be wrapped. It is continued below its first word, unless `hang` says where. */
export function sentence(text: string, lead = '', hang: number = stringWidth(lead)): Line {
  return { lead, text, hang };
}

export function fixed(text: string, narrower: Line['narrower'] = []): Line {
  return { lead: '', text, hang: null, ...(narrower.length === 0 ? {} : { narrower }) };
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
  return lines.flatMap((line) => {
    if (width === null) return [plain(line)];
    return line.hang === null ? narrowed(line, width) : wrapped(line, line.hang, width);
  });
}

/** The first form of a line that fits; the narrowest where none does. */
function narrowed({ lead, text, narrower = [] }: Line, width: number): string[] {
  const forms = [[text], ...narrower].map((form) => form.map((part) => `${lead}${part}`.trimEnd()));
  return forms.find((form) => form.every((part) => stringWidth(part) <= width)) ?? forms.at(-1)!;
}

function wrapped({ lead, text }: Line, hang: number, width: number): string[] {
  const indent = hang <= width / 2 ? hang : Math.min(hang, NARROW_HANG);
  // What the lead takes of the first line beyond the indentation of the others is filled up while the text is wrapped.
  const filler = 'x'.repeat(Math.max(0, stringWidth(lead) - indent));
  const [first = '', ...rest] = wrapAnsi(`${filler}${text}`, width - indent).split('\n');
  return [`${lead}${first.slice(filler.length)}`.trimEnd(), ...rest.map((part) => `${' '.repeat(indent)}${part}`)];
}
