/**
 * `bootgrade.yaml`, which a course puts into its lab's repository, says which rubric the lab is graded by:
 *
 *   rubric: course/lab13.yaml   # relative to this file
 *   attempt: 2                  # which attempt it is, from 1: decides which hints are shown
 */
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { readText } from '../files/named.ts';
import { lookThrough } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { Problems } from '../rubric/loader.ts';
import { parsedBy } from '../rubric/mistakes/schema.ts';
import { parseYaml } from '../rubric/yaml-tree.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

export const COURSE_FILE = 'bootgrade.yaml';

const courseSchema = z.strictObject({ rubric: z.string().min(1), attempt: z.int().min(1).max(999_999).optional() });

export interface Course {
  /** Where the course's file is. */
  readonly folder: string;
  /** The rubric's path. */
  readonly rubric: string;
  /** From 1. */
  readonly attempt: number;
}

/** What the course's file says that is in the folder, or else in the nearest one above it. Throws UsageError. */
export function findCourse(start: string): Course {
  let folder = resolve(start);
  while (!hasCourseFile(folder)) {
    const above = dirname(folder);
    if (above === folder) {
      throw new UsageError(`there is no ${COURSE_FILE} in ${resolve(start)} or above it; with the line "rubric: FILE" it names the rubric`);
    }
    folder = above;
  }
  const { rubric, attempt = 1 } = readCourse(join(folder, COURSE_FILE));
  return { folder, rubric: resolve(folder, rubric), attempt };
}

function hasCourseFile(folder: string): boolean {
  const file = join(folder, COURSE_FILE);
  return asUsage(`cannot read the file ${file}`, () => lookThrough(file)) !== undefined;
}

function readCourse(file: string): z.infer<typeof courseSchema> {
  const text = readNotEmpty(file);
  const problems = new Problems([{ file, text, base: 0 }]);
  const { tree, mistakes } = parseYaml(text);
  for (const mistake of mistakes) problems.add(mistake);
  const parsed = tree === null ? undefined : parsedBy(courseSchema, tree.value);
  for (const one of parsed?.mistakes ?? []) problems.add({ ...one, offset: tree!.offsetOf(one.path, one.atKey) });
  if (parsed === undefined || parsed.mistakes !== undefined || problems.any()) {
    throw new UsageError(problems.sorted().map(formatProblem).join('\n'));
  }
  return parsed.value;
}

function readNotEmpty(file: string): string {
  const text = readText('file', file, MOST_BYTES.rubric);
  const isEmpty = text.split('\n').every((line) => /^\s*(#|$)/.test(line));
  if (isEmpty) throw new UsageError(`the file ${file} is empty; with the line "rubric: FILE" it names the rubric`);
  return text;
}
