/** `bootgrade pack`: a platform's package of a rubric, with the program and the files that the rubric names. */
import { join, posix, resolve } from 'node:path';
import { singleFile } from '../batch/parts.ts';
import { readText } from '../files/named.ts';
import { lookThrough } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { makeFolder, replaceFile, writeProgram } from '../files/write.ts';
import { zipArchive } from '../files/zip.ts';
import { clean } from '../report/words.ts';
import { loadRubric } from '../rubric/loader.ts';
import { isHidden, type Rubric } from '../rubric/types.ts';
import { RubricError, UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';
import { type PlatformName, platformNamed } from './pack/index.ts';
import { membersOf, type PackedFile, PROGRAM } from './pack/platform.ts';
import { readRubricText, rubricPorts } from './read-rubric.ts';

export interface PackOptions {
  readonly platform: PlatformName;
  readonly rubric: string;
  readonly out: string;
  /** The single file; undefined: the one that is running. */
  readonly program: string | undefined;
}

const MOST_PROGRAM = 64 * 2 ** 20;
/** How the single file begins (build/single-file.mjs). */
const IS_SINGLE_FILE = /^#!.*\n\/\/ bootgrade, in one file\n/;

/** Writes the package; nothing that is there is replaced. Throws HostError, UsageError. */
export async function pack({ platform: name, rubric, out, program }: PackOptions, environment: Environment): Promise<number> {
  const platform = platformNamed(name);
  const course = await courseOf(rubric);
  const parts: PackedFile[] = [
    ...platform.files(course.rubric),
    { name: PROGRAM, content: programText(program), isProgram: true },
    ...course.files,
  ];
  const files = platform.around?.(parts, course.loaded) ?? parts;
  asUsage(`--out ${out}: cannot write it`, () => {
    if (lookThrough(out) !== undefined) throw new UsageError(`--out: ${out} exists; move it, or name another path`);
    if (platform.form === 'zip') writeZip(out, files);
    else writeFolder(out, files);
  });
  const { loaded } = course;
  if (platform.isPublic === true && loaded.checks.some((check) => isHidden(check, loaded))) {
    environment.err(
      `bootgrade: warning: students can read this package where the platform has it, and ${clean(rubric)} has hidden checks: pack what "bootgrade rubric publish" writes\n`,
    );
  }
  environment.out(`${clean(out)} is ${platform.describe}, with ${clean(course.loaded.title)}: ${platform.next}.\n`);
  return 0;
}

function programText(named: string | undefined): string {
  const file = named ?? singleFile();
  if (file === undefined) {
    throw new UsageError(
      `a package has the single file ${PROGRAM} in it, which this is not: name it with --program (a release has it, or "npm run pack:single" makes it)`,
    );
  }
  const text = readText('program', file, MOST_PROGRAM);
  if (!IS_SINGLE_FILE.test(text))
    throw new UsageError(`--program: ${file} is not the single file of bootgrade; "npm run pack:single" makes it`);
  return text;
}

/** The rubric, its path in the package, and the files that it names. Throws HostError, UsageError. */
async function courseOf(file: string): Promise<{ loaded: Rubric; rubric: string; files: PackedFile[] }> {
  const ports = rubricPorts(file);
  const read = new Map<string, Uint8Array>();
  const text = readRubricText(file);
  const loaded = await loadRubric(file, text, {
    ...ports,
    readFile: async (path, most) => {
      const bytes = await ports.readFile(path, most);
      if (!('problem' in bytes)) read.set(path, bytes);
      return bytes;
    },
  });
  if ('problems' in loaded) throw new RubricError(file, loaded.problems);
  if (loaded.rubric.submission.build !== null) {
    throw new UsageError(
      `${file}: it builds what is handed in, and a package has no compilers; have students hand in kernels, or grade with bootgrade's own image`,
    );
  }
  const absolute = [...read.keys()].find((path) => resolve(path) === path);
  if (absolute !== undefined)
    throw new UsageError(`${file}: it names ${absolute}; name files relative to the rubric, so that they can be packed`);
  const folder = posix.join('course', ...Array.from({ length: deepest([...read.keys()]) }, () => 'rubric'));
  const rubric = posix.join(folder, 'bootgrade-rubric.yaml');
  return {
    loaded: loaded.rubric,
    rubric,
    files: [
      { name: rubric, content: text },
      ...[...read].map(([path, content]) => ({ name: posix.join(folder, path.replaceAll('\\', '/')), content })),
    ],
  };
}

/** How many folders the paths go up from the rubric's at most. */
function deepest(paths: readonly string[]): number {
  const up = paths.map(
    (path) =>
      posix
        .normalize(path.replaceAll('\\', '/'))
        .split('/')
        .filter((part) => part === '..').length,
  );
  return Math.max(0, ...up);
}

function writeZip(out: string, files: readonly PackedFile[]): void {
  replaceFile(out, zipArchive(membersOf(files)));
}

function writeFolder(out: string, files: readonly PackedFile[]): void {
  for (const { name, content, isProgram = false } of files) {
    const path = join(out, name);
    makeFolder(join(path, '..'));
    if (isProgram && typeof content === 'string') writeProgram(path, content);
    else replaceFile(path, content);
  }
}
