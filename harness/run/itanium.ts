/**
 * The path of a C++ function, from the name that linkers see, without parameters and template arguments: `disk::Queue::push` of
 * `_ZN4disk5QueueIjE4pushEj`.
 * Reference: Itanium C++ ABI, 5.1 "External Names (a.k.a. Mangling)". Left out, so that the name stays as it is: local entities,
 * special names (virtual tables), operators, lambdas and unnamed types.
 */

/** Parts of a path, and characters of it. */
const MOST_PARTS = 16;
const LONGEST = 1000;
const STANDARD: Readonly<Record<string, string>> = { t: 'std', a: 'std::allocator', b: 'std::basic_string', s: 'std::string' };

/** Undefined for what is not such a name. */
export function cppPath(symbol: string): string | undefined {
  const [start] = /^_Z(?:N[rVK]*[RO]?)?/.exec(symbol) ?? [];
  if (start === undefined || symbol.length > 4 * LONGEST) return undefined;
  const nested = start.length > 2;
  const parts: string[] = [];
  let at = start.length;
  for (;;) {
    if (parts.length > MOST_PARTS) return undefined;
    const [digits] = /^[1-9]\d{0,3}/.exec(symbol.slice(at, at + 4)) ?? [];
    const letters = symbol.slice(at, at + 2);
    if (digits !== undefined) {
      const from = at + digits.length;
      at = from + Number(digits);
      if (at > symbol.length) return undefined;
      parts.push(symbol.slice(from, at));
    } else if (/^S[tabs]/.test(letters) && parts.length === 0) {
      parts.push(STANDARD[letters[1]!]!);
      at += 2;
      if (!nested) continue;
    } else if (/^C[123]|^D[012]/.test(letters) && parts.length > 0) {
      parts.push(`${letters.startsWith('D') ? '~' : ''}${parts.at(-1)!}`);
      at += 2;
    } else if (letters.startsWith('I') && parts.length > 0) {
      const end = afterArguments(symbol, at);
      if (end === undefined) return undefined;
      at = end;
    } else if (nested && letters.startsWith('E')) {
      break;
    } else {
      return undefined;
    }
    // A name outside any namespace is one part; its parameters follow.
    if (!nested && !symbol.startsWith('I', at)) break;
  }
  if (parts.length === 0) return undefined;
  return parts
    .map((part) => (/^_GLOBAL__N/.test(part) ? '(anonymous)' : part))
    .join('::')
    .slice(0, LONGEST);
}

/** Where template arguments end that begin at `I`: names are passed over by their length, and what is nested is counted. */
function afterArguments(symbol: string, start: number): number | undefined {
  let [at, depth] = [start, 0];
  while (at < symbol.length) {
    const [digits] = /^[1-9]\d{0,3}/.exec(symbol.slice(at, at + 4)) ?? [];
    const letter = symbol[at]!;
    if (digits !== undefined) at += digits.length + Number(digits);
    else if (letter === 'S') at += /^S(?:[tabsiod]|[0-9A-Z]{0,9}_)/.exec(symbol.slice(at, at + 12))?.[0].length ?? 1;
    else if (letter === 'L') {
      // A constant: its type and its digits, to the E.
      const end = symbol.indexOf('E', at);
      if (end < 0) return undefined;
      at = end + 1;
    } else {
      if ('INJFX'.includes(letter)) depth++;
      at++;
      if (letter === 'E' && --depth === 0) return at;
    }
  }
  return undefined;
}
