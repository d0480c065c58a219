/** The order of names everywhere: by their bytes in UTF-8, which is the same on every computer and in every language. */
export function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
