/**
 * Reading a rubric that may be wrong anywhere: what is not of the expected type counts as absent (the schema has already said
 * so), so that one mistake does not hide another.
 */

export type Loose = Record<string, unknown>;

export function asMap(value: unknown): Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** One text, or a list of them, each with its path. */
export function asTexts(value: unknown, path: readonly PropertyKey[]): { text: string; path: PropertyKey[] }[] {
  if (typeof value === 'string') return [{ text: value, path: [...path] }];
  return asList(value).flatMap((item, index) => (typeof item === 'string' ? [{ text: item, path: [...path, index] }] : []));
}
