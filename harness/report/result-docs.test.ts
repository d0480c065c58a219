/** docs/result.md and docs/explain.md name every field: read off the schemas themselves, so that a new field cannot go undocumented. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { evidenceSchema } from '../evidence/evidence.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCS = ['result', 'explain'].map((page) => readFileSync(join(ROOT, `docs/${page}.md`), 'utf8')).join();

/** Names of the fields that a file's interfaces and unions declare. */
function declared(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...new Set([...source.matchAll(/(?<=[{;,(]\s*|^\s+)(\w+)\??:/gm)].map(([, name]) => name!))];
}

/** Names of the fields in a JSON Schema. */
function named(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: object };
  return [...Object.keys(properties), ...Object.values(schema).flatMap(named)];
}

it.each([
  ['a result', declared('harness/grade/result.ts')],
  ['evidence', named(z.toJSONSchema(evidenceSchema))],
])('every field of %s is in the documents', (_, names) => {
  expect(names.length).toBeGreaterThan(9);
  expect(names.filter((name) => !DOCS.includes(`\`${name}\``))).toEqual([]);
});
