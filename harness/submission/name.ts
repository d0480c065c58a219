/**
 * A submission's name as a file's path below the reports' folder.
 *
 * Names are what students called their files: they may hold newlines, be `..`, or be made to overwrite somebody else's report.
 * The mapping is one to one, stays below the folder, and leaves ordinary names as they are:
 *   - bytes that are not printable, or mean something to a shell or a file system, become %XX (so does `%` itself);
 *   - `.` and `..` become %2E and %2E%2E; in a name's end `.evidence` and the like, and in a folder's end `.json` and the like,
 *     have their dot escaped, since `<name>.json`, `<name>.html`, `<name>.gradescope.json`, `<name>.<scenario>.evidence.json`
 *     and folders share the reports' folder;
 *   - the name `class`, and what begins with `class.`, has its c escaped: `class.html` and others are the whole class's;
 *   - what is too long for a file name is cut, and its SHA-256 appended.
 */
import { createHash } from 'node:crypto';

/** Room below 255 bytes for `.<scenario>.evidence.json` and the temporary name's suffix. */
const LONGEST = 150;

/** The name that the whole class's reports have. */
export const CLASS = 'class';

/** What stands between a submission's name and `.json` in files of its own. */
const FILE_KIND = /\.(evidence|gradescope|prairielearn|classroom50|check50|autograding)$/i;

/** The endings of files of a submission, of the class or of the grading: a folder with such a name would be in their way. */
const EXTENSION = /\.(json|jsonl|md|html|csv|xml|svg|txt|blob|lock|tmp)$/i;

/** Controls, invisible characters, every space but U+0020, and what means something to a file system, a pattern or a log (`##[error]`). */
const UNSAFE = /[\p{C}\p{Z}%\\:*?"<>|[]/u;

function percent(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function escapeCharacter(character: string): string {
  return character === ' ' || !UNSAFE.test(character) ? character : percent(character);
}

function shorten(part: string, original: string): string {
  if (Buffer.byteLength(part) <= LONGEST) return part;
  let head = '';
  for (const character of part) {
    if (Buffer.byteLength(head + character) > LONGEST - 34) break;
    head += character;
  }
  // No escape makes `%~`, so a name that was cut is different from all others.
  return `${head}%~${createHash('sha256').update(original).digest('hex').slice(0, 32)}`;
}

/** One folder or file name, escaped. */
export function fileNamePart(part: string, { last }: { last: boolean }): string {
  if (part === '.' || part === '..') return percent(part);
  const escaped = [...part].map(escapeCharacter).join('');
  const guarded = escaped.replace(last ? FILE_KIND : EXTENSION, '%2E$1');
  return shorten(guarded, part);
}

/** The path (with `/`, without an extension) at which a submission's report lies below the reports' folder. */
export function reportPath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '');
  if (parts.length === 0) return percent('.');
  const path = parts.map((part, index) => fileNamePart(part, { last: index === parts.length - 1 })).join('/');
  return /^class(\.|$)/i.test(path) ? `%${path.charCodeAt(0).toString(16)}${path.slice(1)}` : path;
}

/** The same for the evidence of one of its runs, beside the report. A rubric's names for scenarios are plain, but may hold dots. */
export function evidencePath(name: string, scenario: string): string {
  return `${reportPath(name)}.${scenario.replaceAll('.', '%2E')}.evidence`;
}
