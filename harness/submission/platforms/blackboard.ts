/**
 * Blackboard Learn: what "Assignment File Download" of the Grade Center packs.
 *
 * Files of all students and attempts lie beside each other: `Lab 13_u1001_attempt_2026-11-30-23-59-00_kernel.elf` has the
 * assignment's name, the user name, when the attempt was handed in (by the server's clock, without a zone) and the file's own name.
 * Each attempt also has a text, `Lab 13_u1001_attempt_2026-11-30-23-59-00.txt`, whose first line is `Name: Alice (u1001)`: only
 * that line is read, since what students write stands below it. It is not the student's work, but an attempt without a file
 * has nothing else. For a group there is the group's name in place of the user name.
 * Reference: Blackboard's help, "Download assignments"; the names and the text as kwurst/bb-file-cleanup (README.md) describes them.
 */
import { type ExportEntry, type Exported, type ExportFolder, grouped, type Platform, person } from './exported.ts';

const ATTEMPT = /_attempt_(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)(?=_|\.txt$)/;
const FIRST_LINE = /^\uFEFF?Name: ([^\r\n]*)/;

/** Bytes of an attempt's text that are looked at. */
const MOST_TEXT = 1_000_000;

interface Piece {
  readonly entry: string;
  /** The assignment and the user name. */
  readonly before: string;
  /** As 2026-11-30T23:59:00. */
  readonly time: string;
  /** null: the attempt's text. */
  readonly file: string | null;
}

function pieceOf({ name: entry, kind }: ExportEntry): Piece | undefined {
  const found = ATTEMPT.exec(entry);
  if (kind !== 'file' || found === null || found.index === 0) return undefined;
  const [mark, day, hour, minute, second] = found;
  const rest = entry.slice(found.index + mark.length);
  const file = rest === '.txt' ? null : rest.slice(1);
  if (file === '') return undefined;
  return { entry, before: entry.slice(0, found.index), time: `${day}T${hour}:${minute}:${second}`, file };
}

/** User names may hold `_` as well: the attempt's text says where the name begins. */
function ownerOf(pieces: readonly Piece[], folder: ExportFolder): { username: string; name: string } {
  const { before } = pieces[0]!;
  const username = before.slice(before.lastIndexOf('_') + 1);
  const text = pieces.find(({ file }) => file === null);
  const [, line = ''] = FIRST_LINE.exec((text === undefined ? null : folder.text(text.entry, MOST_TEXT)) ?? '') ?? [];
  const open = line.lastIndexOf(' (');
  if (open < 0 || !line.trimEnd().endsWith(')')) return { username, name: '' };
  const named = line.trimEnd().slice(open + 2, -1);
  return before.endsWith(`_${named}`) ? { username: named, name: line.slice(0, open).trim() } : { username, name: '' };
}

function recognise(folder: ExportFolder): Exported {
  const pieces = folder.entries.flatMap((entry) => pieceOf(entry) ?? []);
  const attempts = grouped(pieces, ({ before, time }) => `${before}/${time}`).map((attempt) => {
    const { username, name } = ownerOf(attempt, folder);
    return {
      platform: 'blackboard' as const,
      name: username,
      people: [person({ id: username, name, ids: { Username: username } })],
      time: attempt[0]!.time,
      markedLate: null,
      attempt: null,
      parts: attempt.flatMap(({ entry, file }) => (file === null ? [] : [{ entry, as: file }])),
    };
  });
  const texts = pieces.filter(({ file }) => file === null);
  return { attempts, extras: texts.map(({ entry }) => ({ entry, reason: "it is Blackboard's note about an attempt" })) };
}

export const blackboard: Platform = { recognise };
