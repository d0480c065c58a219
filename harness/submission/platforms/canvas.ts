/**
 * Canvas: what "Download Submissions" of an assignment packs.
 *
 * Files of all students lie beside each other: `doejane_LATE_123_456_kernel.elf` has the student's sortable name without anything but
 * letters, digits and `_`, LATE where Canvas counts the submission as late, the student's id, which the gradebook has in its column
 * ID, the file's id, and the file's own name. A text or a link that was handed in is `doejane_123_text.html` or `…_link.html`. With anonymous
 * grading `anon_x1Y2z` stands for name and id, and no gradebook's row can be found. A name that was handed in before gets `-1`,
 * `-2` and so on before its ending. For a group there is one member's id, and the group's name.
 * Reference: instructure/canvas-lms, lib/content_zipper.rb (get_filename, sanitize_user_name), app/models/attachment.rb
 * (make_unique_filename). It holds the last attempt only, and no time.
 */
import { matchesName } from '../../vocabulary/path-pattern.ts';
import { type ExportEntry, type Exported, grouped, type Part, type Person, type Platform, person } from './exported.ts';

/** The student's id and the file's: Canvas itself looks for the first two numbers when a teacher uploads the files again. */
const NUMBERS = /_(\d+)_(\d+)_/;
const TYPED = /_(\d+)_(?:text|link)\.html$/;
const ANONYMOUS = /^(LATE_)?anon_([A-Za-z0-9]+)_(?:\d+_|(?:text|link)\.html$)/;
const LATE = '_LATE';

interface Piece {
  /** Of the submission. */
  readonly name: string;
  readonly person: Person;
  readonly late: boolean;
  readonly part: Part;
}

function pieceOf({ name: entry, kind }: ExportEntry): Piece | undefined {
  if (kind !== 'file') return undefined;
  const [anonymous, lateMark, anonymousId = ''] = ANONYMOUS.exec(entry) ?? [];
  if (anonymous !== undefined) {
    const as = anonymous.endsWith('_') ? entry.slice(anonymous.length) : anonymous.slice(anonymous.lastIndexOf('_') + 1);
    const name = `anon_${anonymousId}`;
    return { name, person: person({ id: name }), late: lateMark !== undefined, part: { entry, as } };
  }
  const found = NUMBERS.exec(entry) ?? TYPED.exec(entry);
  if (found === null || found.index === 0) return undefined;
  const [marks, id = ''] = found;
  const before = entry.slice(0, found.index);
  const late = before.endsWith(LATE);
  const name = late ? before.slice(0, -LATE.length) : before;
  const as = marks.endsWith('_') ? entry.slice(found.index + marks.length) : marks.slice(marks.lastIndexOf('_') + 1);
  // Canvas leaves letters, digits and `_` of a name, in lower case.
  if (as === '' || name === '' || name !== name.toLowerCase() || !/^[\p{L}\p{M}\p{N}_]+$/u.test(name)) return undefined;
  return { name: `${name}_${id}`, person: person({ id, name, ids: { ID: id } }), late, part: { entry, as } };
}

/** Names of other files may look alike, so most of what lies there has to. */
function recognise({ entries }: { readonly entries: readonly ExportEntry[] }): Exported {
  const pieces = entries.flatMap((entry) => pieceOf(entry) ?? []);
  if (pieces.length * 2 <= entries.length) return { attempts: [], extras: [] };
  const attempts = grouped(pieces, ({ name }) => name).map((group) => ({
    platform: 'canvas' as const,
    name: group[0]!.name,
    people: [group[0]!.person],
    time: null,
    markedLate: group.some(({ late }) => late),
    attempt: null,
    parts: group.map(({ part }) => part),
  }));
  return { attempts, extras: [] };
}

export const canvas: Platform = { recognise };

/**
 * The parts under the names by which the rubric knows them: Canvas calls `kernel.elf` that was handed in before `kernel-1.elf`. A name that a pattern
 * matches as it is may be the student's own, so it stays.
 */
export function withoutNumbers(parts: readonly Part[], patterns: readonly string[]): Part[] {
  const isWanted = (file: string) => patterns.some((pattern) => matchesName(pattern.slice(pattern.lastIndexOf('/') + 1), file));
  const taken = new Set(parts.map(({ as }) => as));
  return parts.map((part) => {
    const as = withoutNumber(part.as);
    if (isWanted(part.as) || !isWanted(as) || taken.has(as)) return part;
    taken.add(as);
    return { ...part, as };
  });
}

/** A file's name without the number that Canvas gives to a name that was handed in before: `kernel-1.elf` was `kernel.elf`. */
export function withoutNumber(file: string): string {
  const dot = file.lastIndexOf('.');
  const [stem, ending] = dot < 0 ? [file, ''] : [file.slice(0, dot), file.slice(dot)];
  const dash = stem.lastIndexOf('-');
  return dash > 0 && /^[1-9]\d?$/.test(stem.slice(dash + 1)) ? stem.slice(0, dash) + ending : file;
}
