/** A report that was written earlier, read back: whoever wrote it, what is returned has every field that the types promise. */
import { quoted } from '../evidence/printable.ts';
import { checked, NOT_JSON } from '../evidence/read.ts';
import { RESULT_SCHEMA, resultSchema, type SubmissionResult } from './result.ts';

/** null: the text is not a report at all, so the file is somebody else's. `problem`: the end of a sentence that begins with the file's name. */
export function parseResult(text: string): SubmissionResult | { problem: string } | null {
  const [, version] = /^\s*\{\s*"schema":\s*"(bootgrade\/result\/[^"]*)"/.exec(text) ?? [];
  if (version === undefined) return null;
  if (version !== RESULT_SCHEMA) return { problem: `has the format ${quoted(version, 60)}; this version reads ${RESULT_SCHEMA}` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
  return checked(resultSchema, RESULT_SCHEMA, value);
}
