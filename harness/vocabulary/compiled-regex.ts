/** A rubric's regular expression as a matcher: RE2's syntax, whose time is linear in the text. Apart from the schemas (fields.ts), so that a run loads no zod. */
import { RE2JS } from 're2js';

/** `^` and `$` match at every line. Throws what RE2 says of a wrong expression. */
export function compileRegex(pattern: string): RE2JS {
  return RE2JS.compile(pattern, RE2JS.MULTILINE);
}
