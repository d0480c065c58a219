/** The order of names everywhere: by their bytes in UTF-8, which is the same on every computer and in every language. */
import { utf8Bytes } from '../bytes/text.ts';

export function bytewise(a: string, b: string): number {
  const [left, right] = [utf8Bytes(a), utf8Bytes(b)];
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) if (left[at] !== right[at]) return left[at]! - right[at]!;
  return left.length - right.length;
}
