import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { PROBLEM_CODES } from '../vocabulary/problem.ts';
import { rubricJsonSchema } from './schema.ts';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Every key that a rubric may have, out of the schema. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value as object) : []),
    ...keysOf(value),
  ]);
}

describe('the JSON Schema', () => {
  it('rubrics/rubric.schema.json is fresh (else: npm run schema)', async () => {
    expect(await read('rubrics/rubric.schema.json')).toBe(rubricJsonSchema());
  });

  it('docs/rubric.md, or a page of one kind of check, tells of every key, and the first of every code', async () => {
    const text = await read('docs/rubric.md');
    const pages = text + (await read('docs/console.md')) + (await read('docs/kernel-checks.md'));
    const keys = [...new Set(keysOf(JSON.parse(rubricJsonSchema())))];
    expect(keys.length).toBeGreaterThan(40);
    expect(keys.filter((key) => !pages.includes(`\`${key}\``) && !pages.includes(`${key}:`))).toEqual([]);
    expect(PROBLEM_CODES.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});
