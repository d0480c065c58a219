/** What a rubric says of the hand-ins: where the kernel is in one, what of it is the student's, and how a kernel is built from sources. */
import type { ImageSource } from './scenario.ts';

export interface SubmissionRules {
  /** File names or globs below the hand-in, or below the folder that was built, in order of preference. */
  kernel: string[];
  /** Where several different files match the pattern that decides: nothing is graded, or the file that was changed last. */
  several: 'error' | 'newest';
  /** `raw`: a kernel may be anything, as QEMU takes it; else it has to be an ELF file. */
  format: 'elf' | 'raw';
  /** The course's own tree, relative to the rubric's folder: a folder or an archive. null: what was handed in is the whole tree. */
  base: string | null;
  /** Globs of the files that come from the student, where there is a base. */
  take: string[];
  /** Globs of the files that are the course's own, whoever they come from: reports look for the mistake elsewhere first. */
  given: string[];
  /** null: kernels are handed in, and nothing is built. */
  build: BuildRecipe | null;
  /** Where kernels are built: one that is handed in without any of the files that are taken is graded as it is. */
  prebuilt: boolean;
  /** Names or globs of the images that scenarios' drives hold: of those that are built, below the same top as the kernel. */
  images: Record<ImageSource, string[]>;
  /** The files that checks look at, in the folder that is handed in. */
  texts: WantedText[];
  /** Which of a student's attempts is graded: the last one before the deadline, or all of them, of which the best counts or each has a row. */
  attempts: AttemptPolicy;
  /** As 2026-12-01T23:59+08:00; null: there is none. */
  deadline: string | null;
  /** What is deducted from a late hand-in; null: nothing. */
  late: LateRule | null;
}

/** Files that a check looks at. */
export interface WantedText {
  /** A name or glob. */
  pattern: string;
  /** All files that match; else there must be only one. */
  each: boolean;
}

/** In percent of the points that were earned. */
export interface LateRule {
  /** For each day that has begun after the deadline. */
  perDay: number;
  most: number;
}

export const ATTEMPT_POLICIES = ['last', 'best', 'all'] as const;
export type AttemptPolicy = (typeof ATTEMPT_POLICIES)[number];

export interface BuildRecipe {
  /** One after the other; the first that fails ends the build. */
  steps: BuildStep[];
  /** In which the steps are run, below the tree's top; empty: the top itself. */
  folder: string;
  /** Variables besides those that every build has. */
  environment: Record<string, string>;
  /** Seconds of the clock for all steps together. */
  seconds: number;
  /** Bytes of each step's output that are kept. */
  output: number;
  /** Bytes of memory that all processes together, or each of them, may take, as the computer allows it. */
  memory: number;
  /** Bytes that the tree and what is built may take. */
  disk: number;
  /** A folder with what the build needs from outside, relative to the rubric's folder: it is only read. */
  dependencies: string | null;
  /** Folders with tools that are not the system's: absolute, below the home folder (`~/…`), or relative to the rubric's folder. */
  tools: string[];
  /** A container's image in which to build; null: a sandbox of this computer. */
  image: string | null;
}

export interface BuildStep {
  /** The program and its arguments. */
  argv: string[];
  /** As the rubric has it. */
  text: string;
}

/** How far the building of a class is. */
export interface BuildCount {
  readonly done: number;
  readonly total: number;
  /** Those that were built now, and those that were before. */
  readonly anew: number;
  readonly cached: number;
}

/** Rules for kernels that are handed in ready to boot. */
export function kernelsOnly(kernel: string[]): SubmissionRules {
  return {
    kernel,
    several: 'error',
    format: 'elf',
    base: null,
    take: [],
    given: [],
    build: null,
    prebuilt: false,
    images: { built: [], submitted: [] },
    texts: [],
    attempts: 'last',
    deadline: null,
    late: null,
  };
}
