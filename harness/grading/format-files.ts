/**
 * Writes the files of the chosen report formats into the reports' folder.
 *
 * Formats that others define have no room for a mark that says who wrote the file, so `class.files.json` lists those that are
 * ours: only they are replaced. The list is on disk before the first of them, so that a grading that was killed can be repeated.
 */
import { join } from 'node:path';
import { utf8Text } from '../bytes/text.ts';
import { jsonText } from '../evidence/json-text.ts';
import { asUsage } from '../files/system-error.ts';
import type { Named, Subject } from '../report/format.ts';
import { type ChosenFormat, type FormatName, formatNamed } from '../report/index.ts';
import type { Audience, Student } from '../result/result.ts';
import { CLASS, reportPath } from '../submission/name.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Files } from './files.ts';
import type { Destination } from './record.ts';
import { subjectForStudents } from './subject.ts';
import { foreign, makeFolderOf, makeRoom, replaceReport, writeReport } from './write-report.ts';

const SCHEMA = 'bootgrade/files/v1';

interface FileList {
  readonly schema: typeof SCHEMA;
  readonly audience: Audience;
  /** Paths below the reports' folder, in order. */
  readonly files: readonly string[];
}

export class FormatFiles {
  readonly #files: Files;
  readonly #formats: readonly ChosenFormat[];
  readonly #destination: Destination;
  readonly #print: Audience;

  /** `print`: who the formats are for that go where students look. */
  constructor(files: Files, formats: readonly ChosenFormat[], destination: Destination, print: Audience = 'student') {
    this.#files = files;
    this.#formats = formats;
    this.#destination = destination;
    this.#print = print;
  }

  /** Makes sure that every file can be written. Throws UsageError. */
  prepare(names: readonly string[]): void {
    if (this.#formats.length === 0) return;
    const { out, audience } = this.#destination;
    const list = readList(this.#files, out);
    if (list !== null && list.audience !== audience) {
      throw new UsageError(`--out: ${out} holds reports for ${list.audience}s; name another folder for those for ${audience}s`);
    }
    const files = [...this.#below(names), ...this.#classFiles()];
    this.#files.removeLeftovers([listFile(out), ...this.#classFiles().map((file) => join(out, file))]);
    for (const file of files) refuseForeign(this.#files, join(out, file), { listed: list?.files.includes(file) ?? false });
    writeList(this.#files, out, { schema: SCHEMA, audience, files: [...new Set([...(list?.files ?? []), ...files])].sort() });
  }

  /** What the user should know as soon as the submissions are known. */
  warnings(submissions: readonly Named[]): string[] {
    return this.#formats.flatMap(({ name, values }) => formatNamed(name).warnings?.(values, submissions) ?? []);
  }

  /** The paths of the submissions' files. */
  submissionFiles(names: readonly string[]): string[] {
    return this.#below(names).map((path) => join(this.#destination.out, path));
  }

  #below(names: readonly string[]): string[] {
    return this.#extensions('submission').flatMap((extension) => names.map((name) => `${reportPath(name)}.${extension}`));
  }

  /** The files of one submission. */
  writeSubmission(subject: Subject): void {
    for (const { name, values } of this.#formats) {
      for (const part of formatNamed(name).parts) {
        if (part.scope === 'submission') this.#write(`${subject.path}.${part.extension}`, part.render(this.#shown(name, subject), values));
      }
    }
  }

  /** The files of the class, when all of it is graded. `missing`: students of the roster who handed in nothing. */
  writeClass(subjects: readonly Subject[], missing: readonly Student[]): void {
    for (const { name, values } of this.#formats) {
      for (const part of formatNamed(name).parts) {
        if (part.scope !== 'class') continue;
        const shown = subjects.map((subject) => this.#shown(name, subject));
        this.#write(`${CLASS}.${part.extension}`, part.render(shown, values, missing));
      }
    }
  }

  /** The subject as the format's readers may see it. */
  #shown(name: FormatName, subject: Subject): Subject {
    return formatNamed(name).audience === 'print' && this.#print === 'student' ? subjectForStudents(subject) : subject;
  }

  #extensions(scope: 'submission' | 'class'): string[] {
    return this.#formats.flatMap(({ name }) =>
      formatNamed(name)
        .parts.filter((part) => part.scope === scope)
        .map(({ extension }) => extension),
    );
  }

  #classFiles(): string[] {
    return this.#extensions('class').map((extension) => `${CLASS}.${extension}`);
  }

  /** Replaces the file as a whole; null takes it away. */
  #write(path: string, text: string | Iterable<string> | null): void {
    const file = join(this.#destination.out, path);
    if (text === null) this.#files.remove(file);
    else replaceReport(this.#files, file, text);
  }
}

function listFile(out: string): string {
  return join(out, `${CLASS}.files.json`);
}

function readList(files: Files, out: string): FileList | null {
  const file = listFile(out);
  makeRoom(files, file);
  const bytes = asUsage(`--out: cannot read ${file}`, () => files.readIfThere(file, MOST_BYTES.fileList));
  if (bytes === undefined) return null;
  try {
    const list = JSON.parse(utf8Text(bytes)) as Partial<FileList>;
    if (list.schema === SCHEMA && list.audience !== undefined && Array.isArray(list.files)) return list as FileList;
  } catch {
    // Falls through: what cannot be read does not say which files are ours.
  }
  throw new UsageError(`--out: ${file} is not our list of files; remove it, or name another folder`);
}

function writeList(files: Files, out: string, list: FileList): void {
  writeReport(files, listFile(out), `${jsonText(list, 2)}\n`);
}

function refuseForeign(files: Files, file: string, { listed }: { listed: boolean }): void {
  makeFolderOf(files, file);
  const stat = asUsage(`--out: cannot read ${file}`, () => files.lookAt(file));
  if (stat !== undefined && !(stat.isFile() && listed)) throw foreign(file);
}
