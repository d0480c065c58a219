/** The known name that a wrong one was probably meant to be. */

/** Optimal string alignment: letters put in, left out, replaced, or two neighbours swapped. Row by row. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const row = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = last[j]! + (a[i] === b[j] ? 0 : 1);
      const swapped = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j] ? beforeLast[j - 1]! + 1 : replaced;
      row.push(Math.min(last[j + 1]! + 1, row[j]! + 1, replaced, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** Longer than any name that bootgrade knows: not worth comparing. */
const LONGEST = 100;

/** The nearest of `names`, where a third of its letters or fewer differ (case does not count). */
export function nearestName(name: string, names: Iterable<string>): string | null {
  if (name.length > LONGEST) return null;
  let best: { name: string; distance: number } | null = null;
  for (const candidate of names) {
    const found = distance(name.toLowerCase(), candidate.toLowerCase());
    const allowed = Math.max(1, Math.floor(Math.max(candidate.length, name.length) / 3));
    if (found <= allowed && (best === null || found < best.distance)) best = { name: candidate, distance: found };
  }
  return best?.name ?? null;
}

/** Names listed in a remedy before it says "…". */
const LISTED = 12;

/** "Did you mean X?", or the names that there are. */
export function suggestion(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  if (nearest !== null) return `did you mean "${nearest}"?`;
  if (names.length === 0) return 'there is none';
  return `known: ${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}`;
}
