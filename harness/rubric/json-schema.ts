/** The rubric language as JSON Schema, for editors (`rubrics/rubric.schema.json`). */
import { z } from 'zod';
import { rubricSchema } from './schema.ts';

/** The file's text. Draft 7 is what editors' YAML support understands. */
export function rubricJsonSchema(): string {
  const schema = z.toJSONSchema(rubricSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...schema, title: 'bootgrade rubric' }, null, 2)}\n`;
}
