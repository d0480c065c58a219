/** Results and evidence as JSON Schema (`docs/result.schema.json`, `docs/evidence.schema.json`), for programs that read them. */
import { z } from 'zod';
import { evidenceSchema } from '../evidence/evidence.ts';
import { resultSchema, resultsSchema } from '../result/result.ts';

const DOCUMENTS = {
  result: { title: 'bootgrade result, or several', schema: z.union([resultSchema, resultsSchema]) },
  evidence: { title: 'bootgrade evidence of one run', schema: evidenceSchema },
} as const;

export type DocumentName = keyof typeof DOCUMENTS;

export const DOCUMENT_NAMES = Object.keys(DOCUMENTS) as readonly DocumentName[];

/**
 * `open`: allows fields that it does not name, as our own reader does, so that it is of use with later versions as well; `closed`: has
 * every field that this version writes.
 */
export function documentSchema(name: DocumentName, fields: 'open' | 'closed'): z.core.JSONSchema.BaseSchema {
  const { title, schema } = DOCUMENTS[name];
  const json = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      if (fields === 'open' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return { title, ...json };
}

/** The file's text. */
export function documentSchemaText(name: DocumentName): string {
  return `${JSON.stringify(documentSchema(name, 'open'), null, 2)}\n`;
}
