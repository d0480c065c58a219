/** `bootgrade rubric check`, `publish` and `schema`: for authors of rubrics. */

import { writeNamed } from '../files/named.ts';
import { lookThrough, readBeginning } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { clean, count, points } from '../report/words.ts';
import { publishedRubric } from '../rubric/publish.ts';
import { rubricJsonSchema } from '../rubric/schema.ts';
import { isHidden, type Rubric } from '../rubric/types.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';
import { readRubric, readWithText } from './read-rubric.ts';

/** Loads the rubric and says what is in it. Throws UsageError with every mistake. */
export async function rubricCheck(file: string, { out }: Environment): Promise<number> {
  const rubric = await readRubric(file);
  const { title, checks, scenarios } = rubric;
  const total = checks.reduce((sum, check) => sum + check.points, 0);
  const what = `${count(checks.length, 'check')}, ${points(total)} points, ${count(scenarios.length, 'scenario')}`;
  out(`${clean(file)}: ${clean(title)}: ${what}${unseen(rubric)}\n`);
  return 0;
}

/** Of the checks that students do not see, in this rubric or in the one that it was published from. */
function unseen(rubric: Rubric): string {
  const ofThis = rubric.checks.filter((check) => isHidden(check, rubric)).length;
  const { unlisted } = rubric;
  return [
    ...(ofThis === 0 ? [] : [`; ${ofThis} of them ${ofThis === 1 ? 'is' : 'are'} hidden from students`]),
    ...(unlisted === null
      ? []
      : [`; published for students: ${count(unlisted.count, 'hidden check')}, worth ${points(unlisted.points)} points, left out`]),
  ].join('');
}

/** How a published rubric begins, so that no other file is replaced by one. */
const PUBLISHED = '# Published for students.';

/** What students get of the rubric. Throws UsageError. */
export async function publishedText(file: string): Promise<string> {
  const { rubric, selfContained } = await readWithText(file);
  if (rubric.checks.every((check) => isHidden(check, rubric)))
    throw new UsageError(`${file}: all of its checks are hidden: nothing to publish`);
  return publishedRubric(selfContained(), rubric);
}

/** Prints what students get of the rubric, or writes it to a file. Throws UsageError. */
export async function rubricPublish(file: string, target: string | undefined, { out }: Environment): Promise<number> {
  const text = await publishedText(file);
  if (target === undefined) out(text);
  else {
    if (isOther(target)) throw new UsageError(`--out: ${target} exists and is not a published rubric; move it, or name another file`);
    writeNamed('--out', target, text);
  }
  return 0;
}

function isOther(target: string): boolean {
  return asUsage(`--out: cannot read ${target}`, () => {
    if (lookThrough(target) === undefined) return false;
    return readBeginning(target, PUBLISHED.length).toString('utf8') !== PUBLISHED;
  });
}

/** Prints the rubric language's JSON Schema, or writes it to a file. */
export async function rubricSchema(write: string | undefined, { out }: Environment): Promise<number> {
  if (write === undefined) out(rubricJsonSchema());
  else writeNamed('--write', write, rubricJsonSchema());
  return 0;
}
