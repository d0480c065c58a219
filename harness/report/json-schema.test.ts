import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DOCUMENT_NAMES, documentSchemaText } from './json-schema.ts';

describe('the JSON Schemas of results and evidence', () => {
  it.each(DOCUMENT_NAMES)('docs/%s.schema.json is up to date (else: npm run schema)', async (name) => {
    await expect(documentSchemaText(name)).toMatchFileSnapshot(join(import.meta.dirname, `../../docs/${name}.schema.json`));
  });
});
