/**
 * What evidence and results consist of, as zod schemas. Types, the readers of saved files, the JSON Schemas and the tables of
 * docs/result.md all come from schemas that are made of these: `id` is the name that a schema has there.
 */
import { z } from 'zod';

type DeepReadonly<Value> = Value extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }
    : Value;

/** The type of what a schema accepts, read-only: evidence and results do not change once they are made. */
export type Saved<Schema extends z.ZodType> = DeepReadonly<z.output<Schema>>;

export const text = z.string();

export const flag = z.boolean();

export const count = z.int().min(0).meta({ id: 'count', description: 'a whole number, 0 or more' });

export const hexNumber = z
  .string()
  .regex(/^0x[0-9a-f]{1,16}$/)
  .meta({ id: 'hex', description: 'a number of up to 64 bits as text, in hex: `"0x80206018"`' });

export const decimal = z
  .string()
  .regex(/^\d{1,20}$/)
  .meta({ id: 'decimal', description: 'a number of up to 64 bits as text, in decimal: `"0"`' });

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'sha256', description: 'a SHA-256, as 64 hex digits' });

// The next two have no regular expression of zod's: the one for whole bytes needs a stack that grows with the text.

export const hexBytes = z
  .string()
  .refine((digits) => digits.length % 2 === 0 && !/[^0-9a-f]/.test(digits))
  .meta({ id: 'bytes', description: 'any bytes, each as two hex digits', pattern: '^([0-9a-f]{2})*$' });

export const base64 = z
  .string()
  .refine((digits) => digits.length % 4 === 0 && /^[0-9A-Za-z+/]*={0,2}$/.test(digits))
  .meta({ id: 'base64', description: 'any bytes, in base64', contentEncoding: 'base64', pattern: '^[0-9A-Za-z+/]*={0,2}$' });

/** zod's own record ignores a key `__proto__`, whatever it holds, and a file may have one. bootgrade's own maps do not. */
export function mapOf<Key extends z.ZodType<string, string>, Value extends z.ZodType>(key: Key, value: Value) {
  return z.preprocess(
    (map, { issues }) => {
      if (typeof map === 'object' && map !== null && Object.hasOwn(map, '__proto__')) {
        issues.push({ code: 'invalid_key', origin: 'record', input: map, path: ['__proto__'], issues: [] });
      }
      return map;
    },
    z.record(key, value),
  );
}
