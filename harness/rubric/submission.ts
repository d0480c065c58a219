/** `submission:` in a rubric: its schema, its defaults, and the mistakes that the schema cannot see. */
import { z } from 'zod';
import { deadline, duration, globPattern, pathBelow, size, someText, text } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { ImageSource, OwnImage } from '../vocabulary/scenario.ts';
import { ATTEMPT_POLICIES, type BuildRecipe, type BuildStep, type SubmissionRules, type WantedText } from '../vocabulary/submission.ts';
import { asMap, asText } from './loose.ts';
import { lateSchema, resolveLate } from './points.ts';

const MOST_STEPS = 50;
const MOST_PATTERNS = 100;
const MOST_SECONDS = 24 * 60 * 60;
const MOST_KEPT = 16 * 2 ** 20;
const MOST_BUILD = 256 * 2 ** 30;

const DEFAULT_SECONDS = 300;
const DEFAULT_OUTPUT = 256 * 2 ** 10;
const DEFAULT_MEMORY = 4 * 2 ** 30;
const DEFAULT_DISK = 2 * 2 ** 30;

const step = z.union([someText(), z.array(text()).min(1).max(1000)]);

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

const IMAGE = /^[a-z0-9][A-Za-z0-9._/:@-]{0,254}$/;

const build = z.strictObject({
  steps: z
    .union([someText().transform((one) => [one]), z.array(step).min(1).max(MOST_STEPS)])
    .describe('What to run, in order: a line for the shell, or a list of a program and its arguments.'),
  folder: pathBelow().optional().describe('The folder in which the steps are run, below the top. Default: the top.'),
  environment: z
    .record(z.string().max(100), text())
    .refine((all) => Object.keys(all).every((name) => VARIABLE.test(name)), {
      params: { problem: 'bad-name', remedy: 'a letter or _, then letters, digits and _' },
      error: 'one of these is not the name of a variable',
    })
    .optional()
    .describe('Variables besides PATH, HOME, TMPDIR, LANG and SOURCE_DATE_EPOCH.'),
  time: duration(MOST_SECONDS).optional().describe('For all steps together, by the clock, e.g. 90s or 10min. Default: 5min.'),
  output: size(MOST_KEPT).optional().describe('What is kept of the output of each step, its beginning and its end. Default: 256K.'),
  memory: size(MOST_BUILD).optional().describe('What the build may take. Default: 4G.'),
  disk: size(MOST_BUILD).optional().describe('What the sources and all that is built may take. Default: 2G.'),
  dependencies: someText()
    .optional()
    .describe(
      "A folder with what the build needs from outside, relative to the rubric's folder, which it may only read: for one, what cargo vendor wrote.",
    ),
  tools: z
    .union([someText().transform((one) => [one]), z.array(someText()).min(1).max(20)])
    .optional()
    .describe(
      'Folders with tools outside of /usr, which the build may read: ~/.rustup/toolchains/nightly, for one. Their bin comes first in PATH.',
    ),
  image: z
    .string()
    .refine((name) => IMAGE.test(name), {
      params: { problem: 'bad-name', remedy: 'write e.g. ghcr.io/course/toolchain:2026' },
      error: 'this is not the name of an image',
    })
    .optional()
    .describe('Builds in a container of this image (docker or podman) instead of a sandbox of this computer.'),
});

const globs = () => z.union([globPattern().transform((one) => [one]), z.array(globPattern()).min(1).max(MOST_PATTERNS)]);

export const submissionSchema = z.strictObject({
  kernel: z
    .union([someText().transform((one) => [one]), z.array(someText()).min(1)])
    .describe('The kernel in what a student hands in, or in what was built of it: file names or globs, the first that matches.'),
  several: z
    .enum(['error', 'newest'])
    .optional()
    .describe(
      'Where several different files match one pattern: error (the default) grades none of them, newest the one that was changed last.',
    ),
  format: z
    .enum(['elf', 'raw'])
    .optional()
    .describe('raw: a kernel may be any bytes, which are loaded as QEMU does. Default: elf, and any other file is told what it is.'),
  base: someText().optional().describe("The course's own sources: a folder, or an archive, relative to the rubric's folder."),
  take: globs().optional().describe('The files that come from the student: names or globs. All others come from the base.'),
  given: globs()
    .optional()
    .describe("Files that the course gave out: names or globs. Reports look for the line at fault in the student's files first."),
  build: build.optional().describe('How a kernel is built of sources. Left out: kernels are handed in.'),
  prebuilt: z
    .boolean()
    .optional()
    .describe('true: a kernel that is handed in without any of the files that are taken is graded as it is. Default: false.'),
  attempts: z
    .enum(ATTEMPT_POLICIES)
    .optional()
    .describe("Which of a student's attempts is graded: last (before the deadline, if there is one), best, or all. Default: last."),
  deadline: deadline().optional().describe('When submissions are due, with the zone: 2026-12-01T23:59+08:00.'),
  late: lateSchema.optional().describe('What is deducted from the points of a late hand-in. Left out: nothing.'),
});

type SubmissionInput = z.output<typeof submissionSchema>;

/** What is wanted besides the kernel: `images` that scenarios take from each submission, and `texts` that checks look at. */
export function resolveSubmission(
  input: SubmissionInput,
  { images, texts }: { readonly images: readonly OwnImage[]; readonly texts: WantedText[] },
): SubmissionRules {
  const from = (wanted: ImageSource) => images.flatMap(({ source, pattern }) => (source === wanted ? [pattern] : []));
  const { kernel, several, format, base, take, given, build, prebuilt, attempts, deadline, late } = input;
  return {
    kernel,
    several: several ?? 'error',
    format: format ?? 'elf',
    base: base ?? null,
    take: take ?? [],
    given: given ?? [],
    build: build === undefined ? null : resolveBuild(build),
    prebuilt: prebuilt ?? false,
    images: { built: from('built'), submitted: from('submitted') },
    texts,
    attempts: attempts ?? 'last',
    deadline: deadline ?? null,
    late: resolveLate(late),
  };
}

function resolveBuild(input: NonNullable<SubmissionInput['build']>): BuildRecipe {
  return {
    steps: input.steps.map(resolveStep),
    folder: input.folder ?? '',
    environment: input.environment ?? {},
    seconds: input.time ?? DEFAULT_SECONDS,
    output: input.output ?? DEFAULT_OUTPUT,
    memory: input.memory ?? DEFAULT_MEMORY,
    disk: input.disk ?? DEFAULT_DISK,
    dependencies: input.dependencies ?? null,
    tools: input.tools ?? [],
    image: input.image ?? null,
  };
}

function resolveStep(step: string | string[]): BuildStep {
  if (typeof step === 'string') return { argv: ['/bin/sh', '-c', step], text: step };
  return { argv: step, text: step.map(shellWord).join(' ') };
}

/** As one would type it. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** What is wrong with a path that the rubric names; null: nothing. */
export type PathProblem = (path: string, wanted: 'folder' | 'tree') => string | null;

export function submissionMistakes(rubric: unknown, pathProblem: PathProblem): Mistake[] {
  const submission = asMap(asMap(rubric)['submission']);
  const dependencies = asText(asMap(submission['build'])['dependencies']);
  return [
    ...companionMistakes(submission),
    ...pathMistakes(asText(submission['base']), 'tree', ['submission', 'base'], pathProblem),
    ...pathMistakes(dependencies, 'folder', ['submission', 'build', 'dependencies'], pathProblem),
  ];
}

/** `base` and `take` belong together, and to a build. */
function companionMistakes(submission: Record<string, unknown>): Mistake[] {
  const has = (key: string) => Object.hasOwn(submission, key);
  const mistake = (key: string, message: string, remedy: string): Mistake => {
    return { path: ['submission', key], atKey: true, code: 'missing-key', message, remedy };
  };
  if (has('take') && !has('base')) {
    return [
      mistake(
        'take',
        '"base" is missing: the files that are not taken must come from somewhere',
        "add base: the folder of the course's sources",
      ),
    ];
  }
  if (has('base') && !has('take')) {
    return [mistake('base', '"take" is missing: nothing would come from the student', 'add take: the files that students change')];
  }
  if (has('prebuilt') && !has('take')) {
    return [
      mistake(
        'prebuilt',
        '"take" is missing: nothing tells sources from a kernel that was handed in',
        'add base and take, or leave prebuilt out',
      ),
    ];
  }
  if (has('base') && !has('build')) {
    return [mistake('base', '"build" is missing: nothing would be made of these sources', 'add build: { steps: [make] }')];
  }
  return [];
}

const FILL_DEPENDENCIES =
  'it has to be filled once, with a network: for crates, cargo vendor does that (docs/building.md, "Rust, offline")';

function pathMistakes(path: string | null, wanted: 'folder' | 'tree', at: PropertyKey[], pathProblem: PathProblem): Mistake[] {
  const problem = path === null || path === '' ? null : pathProblem(path, wanted);
  if (problem === null) return [];
  const mistake: Mistake = { path: at, code: 'unreadable-file', message: `cannot use ${JSON.stringify(path)}: ${problem}` };
  return [at.at(-1) === 'dependencies' ? { ...mistake, remedy: FILL_DEPENDENCIES } : mistake];
}
