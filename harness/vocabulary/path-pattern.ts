/**
 * Patterns of paths, as rubrics write them: `*` and `?` inside a name, `**` for any number of folders. Matching takes at most
 * pattern × path steps: paths come from students. Left out: braces, character classes, negation.
 */

/** Whether a file's name matches one segment of a pattern. A leading dot is nothing special. */
export function matchesName(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      // Let the last star take one character more.
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether a whole path (with `/`) matches. */
export function matchesPath(pattern: string, path: string): boolean {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  const names = path.split('/').filter((name) => name !== '');
  // How many of the first names can have been matched by the segments until now.
  let reached = new Set([0]);
  for (const segment of segments) {
    const next = new Set<number>();
    for (const count of reached) {
      if (segment === '**') for (let more = count; more <= names.length; more++) next.add(more);
      else if (count < names.length && matchesName(segment, names[count]!)) next.add(count + 1);
    }
    reached = next;
  }
  return reached.has(names.length);
}
