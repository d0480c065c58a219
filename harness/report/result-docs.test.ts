/** The tables of docs/result.md and docs/explain.md are written from the schemas: `npm run schema` writes them anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFINITIONS, hasFields, type Schema, tablesOn, withTables } from './field-tables.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const PAGES = Object.fromEntries(['result.md', 'explain.md'].map((page) => [page, readFileSync(join(DOCS, page), 'utf8')]));

/** Fields, and alternatives, that nothing is said of. */
function undescribed(schema: Schema, path: string): string[] {
  const parts = [...Object.entries(schema.properties ?? {}), ...(schema.oneOf ?? []).map((one, index) => [`${index}`, one] as const)];
  const discriminators = new Set(['reason', 'kind', 'by', 'schema']);
  return parts.flatMap(([name, part]) => [
    ...(part.description === undefined && !discriminators.has(name) ? [`${path}.${name}`] : []),
    ...undescribed(part, `${path}.${name}`),
  ]);
}

describe('the tables of results and evidence', () => {
  it.each(Object.keys(PAGES))('of docs/%s are up to date', async (page) => {
    await expect(withTables(page, PAGES)).toMatchFileSnapshot(join(DOCS, page));
  });

  it('are one for each thing with fields', () => {
    const withFields = [...DEFINITIONS].flatMap(([name, schema]) => (hasFields(schema) ? [name] : []));
    expect(withFields.length).toBeGreaterThan(25);
    const tables = tablesOn(PAGES).map(({ name }) => name);
    expect(tables.sort()).toEqual(withFields.sort());
  });

  it('say something of every field', () => {
    expect([...DEFINITIONS].flatMap(([name, schema]) => undescribed(schema, name))).toEqual([]);
  });
});
