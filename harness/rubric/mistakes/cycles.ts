/** Cycles in what leads from name to name (`needs`, `like`, `extends`). */

/** Each cycle once, as the names on it in order; linear in names and edges. `edges` to unknown names are ignored. */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const open = namesOnCycles(edges);
  const cycles: string[][] = [];
  const seen = new Set<string>();
  for (const start of open) {
    const trail: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      trail.push(at);
      at = edges.get(at)!.find((next) => open.has(next));
    }
    const entry = at === undefined ? -1 : trail.indexOf(at);
    if (entry !== -1) cycles.push(trail.slice(entry));
  }
  return cycles;
}

/** Kahn's algorithm from the ends: what remains lies on a cycle or leads to one. */
function namesOnCycles(edges: ReadonlyMap<string, readonly string[]>): Set<string> {
  const users = new Map<string, string[]>();
  const unresolved = new Map<string, number>();
  for (const [name, targets] of edges) {
    const known = targets.filter((target) => edges.has(target));
    unresolved.set(name, known.length);
    for (const target of known) users.set(target, [...(users.get(target) ?? []), name]);
  }
  const ready = [...edges.keys()].filter((name) => unresolved.get(name) === 0);
  const open = new Set(edges.keys());
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    open.delete(name);
    for (const user of users.get(name) ?? []) {
      const left = unresolved.get(user)! - 1;
      unresolved.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  return open;
}
