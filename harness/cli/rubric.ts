/** `bootgrade rubric check` and `bootgrade rubric schema`: for whoever writes a rubric. */
import { clean, count, points } from '../report/words.ts';
import { rubricJsonSchema } from '../rubric/json-schema.ts';
import type { Environment } from './environment.ts';
import { beginFile } from './files.ts';
import { readRubric } from './read-rubric.ts';

/** Loads the rubric and says what is in it. Throws UsageError with every mistake. */
export async function rubricCheck(file: string, { out }: Environment): Promise<number> {
  const { title, checks, scenarios } = await readRubric(file);
  const total = checks.reduce((sum, check) => sum + check.points, 0);
  out(`${file}: ${clean(title)}: ${count(checks.length, 'check')}, ${points(total)} points, ${count(scenarios.length, 'scenario')}\n`);
  return 0;
}

/** Prints the rubric language's JSON Schema, or writes it to a file. */
export async function rubricSchema(write: string | undefined, { out }: Environment): Promise<number> {
  if (write === undefined) out(rubricJsonSchema());
  else beginFile('--write', write).publish(rubricJsonSchema());
  return 0;
}
