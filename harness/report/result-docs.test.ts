/** docs/result.md and docs/explain.md name every field: read off the schemas themselves, so that a new field cannot go undocumented. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { evidenceSchema } from '../evidence/evidence.ts';
import { resultSchema } from '../grade/result.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCS = ['result', 'explain'].map((page) => readFileSync(join(ROOT, `docs/${page}.md`), 'utf8')).join();

/** Names of the fields in a JSON Schema. */
function named(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: object };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(named)];
}

it.each([
  ['a result', named(z.toJSONSchema(resultSchema))],
  ['evidence', named(z.toJSONSchema(evidenceSchema))],
])('every field of %s is in the documents', (_, names) => {
  expect(names.length).toBeGreaterThan(9);
  expect(names.filter((name) => !DOCS.includes(`\`${name}\``))).toEqual([]);
});
