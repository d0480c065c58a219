/**
 * Moodle: what "Download all submissions" of an assignment packs.
 *
 * Each kind of submission is a folder of its own, `Full name_12345_assignsubmission_file_` and `…_onlinetext_` (Moodle 4.2 and later
 * leave the last `_` out), or, without "Download submissions in folders", a file whose name begins like that. 12345 is the number of
 * the participant that the offline grading worksheet has in its column Identifier ("Participant 12345"), which is the group's
 * where groups hand in; who is in a group the export does not say. Students in no group hand in together as well: their folder has the name
 * that the worksheet has in its column Group ("Default group"), and no number. Moodle takes every `_` out of the name before the number.
 * Reference: moodle/moodle, mod/assign/classes/downloader.php (get_student_prefix, load_submissionplugin_filelist); before
 * version 4.2 mod/assign/locallib.php (download_submissions). It holds the last attempt only, and no time.
 */
import { type ExportEntry, type Exported, grouped, type Part, type Platform, person } from './exported.ts';

const MARK = '_assignsubmission_';

interface Piece {
  readonly name: string;
  /** Empty: the group of those who are in none. */
  readonly number: string;
  /** `file`, `onlinetext`, or another of Moodle's plugins. */
  readonly type: string;
  readonly part: Part;
}

function pieceOf({ name: entry, kind }: ExportEntry): Piece | undefined {
  const at = entry.indexOf(MARK);
  const before = entry.slice(0, Math.max(at, 0));
  const underscore = before.lastIndexOf('_');
  const [name, number] = underscore < 0 ? [before, ''] : [before.slice(0, underscore), before.slice(underscore + 1)];
  if (name === '' || (underscore >= 0 && !/^\d+$/.test(number))) return undefined;
  const rest = entry.slice(at + MARK.length);
  const end = rest.indexOf('_') < 0 ? rest.length : rest.indexOf('_');
  const [type, file] = [rest.slice(0, end), rest.slice(end + 1)];
  if (type === '' || (kind === 'file') !== (file !== '')) return undefined;
  // What is typed into Moodle's text field lies beside the files, and replaces none of them.
  const as = type === 'file' ? file : file === '' ? type : `${type}/${file}`;
  return { name, number, type, part: { entry, as } };
}

function recognise({ entries }: { readonly entries: readonly ExportEntry[] }): Exported {
  const pieces = entries.flatMap((entry) => pieceOf(entry) ?? []);
  const attempts = grouped(pieces, ({ name, number }) => `${name}_${number}`).map((group) => {
    const { name, number } = group[0]!;
    const files = group.filter(({ type }) => type === 'file');
    const others = group.filter(({ type }) => type !== 'file');
    return {
      platform: 'moodle' as const,
      name: number === '' ? name : `${name}_${number}`,
      people: [person({ id: number === '' ? name : number, name, ids: { Identifier: number } })],
      time: null,
      markedLate: null,
      attempt: null,
      parts: [...files, ...others].map(({ part }) => part),
    };
  });
  return { attempts, extras: [] };
}

export const moodle: Platform = { recognise };
