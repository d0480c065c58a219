/** `bootgrade web`: writes the page on which a course's students check their kernels (harness/web), with what they may see of the rubric. */
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { listFolder, lookAt, lookThrough, readBeginning } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { makeFolder, removeLeftovers, replaceFile } from '../files/write.ts';
import { clean } from '../report/words.ts';
import { loadRubric } from '../rubric/loader.ts';
import { engineFor } from '../rubric/script-files.ts';
import { COURSE_NAME, type Course, PAGE_MARK } from '../vocabulary/course.ts';
import { RubricError, UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';
import { rubricPorts } from './read-rubric.ts';
import { publishedText } from './rubric.ts';
import { webFiles } from './web-files.ts';

export interface WebOptions {
  readonly rubric: string;
  /** The folder. */
  readonly out: string;
  /** null: the rubric's. */
  readonly title: string | null;
}

/** Characters at a file's beginning among which our mark is. */
const BEGINNING = 100;

/** Throws HostError, UsageError. */
export async function web(options: WebOptions, { out: print }: Environment): Promise<number> {
  const { out } = options;
  const course = await courseOf(options);
  const { 'index.html': index, ...others } = webFiles();
  // The page comes last: whoever opens it has all that it needs.
  const files = { 'course.js': courseScript(course), ...others, 'index.html': index! };
  asUsage(`--out: cannot write ${out}`, () => {
    makeRoom(out, Object.keys(files));
    makeFolder(out);
    for (const [name, text] of Object.entries(files)) replaceFile(join(out, name), text);
    removeLeftovers(Object.keys(files).map((name) => join(out, name)));
  });
  print(`${clean(join(out, 'index.html'))} is the page: put the folder on a web server, or open the file. docs/web.md has the steps.\n`);
  return 0;
}

/** The rubric as students may see it, with the files that this one reads: those of what is hidden are not among them. */
async function courseOf({ rubric: file, title }: WebOptions): Promise<Course> {
  const text = await publishedText(file);
  const ports = rubricPorts(file);
  const files: Record<string, string> = {};
  const loaded = await loadRubric(basename(file), text, {
    ...ports,
    readFile: async (path, most) => {
      const bytes = await ports.readFile(path, most);
      if (!('problem' in bytes)) files[path] = packed(bytes);
      return bytes;
    },
  });
  if ('problems' in loaded) throw new RubricError(`what students get of ${file}`, loaded.problems);
  const engine = engineFor(loaded.rubric);
  return { title: title ?? loaded.rubric.title, rubric: text, files, ...(engine === null ? {} : { scriptEngine: packed(engine) }) };
}

function packed(bytes: Uint8Array): string {
  return gzipSync(bytes, { level: 9 }).toString('base64');
}

function courseScript(course: Course): string {
  return `/* ${PAGE_MARK} */\nglobalThis.${COURSE_NAME} = ${JSON.stringify(course)};\n`;
}

/** Refuses a folder in which the page would lie among files of somebody else's, or replace one. Throws HostError, PathError, UsageError. */
function makeRoom(out: string, names: readonly string[]): void {
  const stat = lookThrough(out);
  if (stat === undefined) return;
  if (!stat.isDirectory()) throw new UsageError(`--out: ${out} is a file; name a folder`);
  if (listFolder(out).length === 0) return;
  const there = names.filter((name) => lookAt(join(out, name)) !== undefined);
  const other = there.find((name) => !isOurs(join(out, name)));
  if (other !== undefined) {
    throw new UsageError(`--out: ${join(out, other)} was not made by this command, and is not replaced; name a different folder`);
  }
  if (there.length === 0) {
    throw new UsageError(`--out: ${out} is not empty, and was not made by this command; name a folder that is empty or does not exist`);
  }
}

function isOurs(file: string): boolean {
  return lookAt(file)?.isFile() === true && readBeginning(file, BEGINNING).toString('utf8').includes(PAGE_MARK);
}
