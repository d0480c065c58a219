/**
 * Two rubrics as one, node by node, so that each part keeps its place in its file and the way in which it is written: maps merge, lists and values
 * replace, and the items of `checks` are put together by their ids.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, YAMLMap, YAMLSeq } from 'yaml';
import { checkKindNames } from '../checks/index.ts';

type Entry = Pair<Node, Node | null>;

export function keyOf({ key }: Pair<unknown, unknown>): string {
  return isScalar(key) ? String(key.value) : '';
}

export function entryOf(map: YAMLMap, key: string): Entry | undefined {
  return (map.items as Entry[]).find((pair) => keyOf(pair) === key);
}

export function withoutKey(map: YAMLMap, key: string): YAMLMap {
  return mapOf(
    (map.items as Entry[]).filter((pair) => keyOf(pair) !== key),
    map,
  );
}

/** `over` counts more. Neither is changed. */
export function mergedRubrics(base: YAMLMap, over: YAMLMap): YAMLMap {
  const both = merged(base, over, (key, ours, theirs) =>
    key === 'checks' && isSeq(ours) && isSeq(theirs) ? mergedChecks(ours, theirs) : null,
  );
  // The order of the keys means nothing; a person expects `rubric` and `title` first.
  const isOwn = (pair: Entry) => entryOf(over, keyOf(pair)) !== undefined;
  const items = both.items as Entry[];
  return mapOf([...items.filter(isOwn), ...items.filter((pair) => !isOwn(pair))], over);
}

function merged(base: YAMLMap, over: YAMLMap, special: (key: string, base: Node, over: Node) => Node | null = () => null): YAMLMap {
  const entries = new Map((base.items as Entry[]).map((pair) => [keyOf(pair), pair]));
  for (const pair of over.items as Entry[]) {
    const key = keyOf(pair);
    const before = entries.get(key)?.value;
    const value = pair.value;
    if (before == null || value === null) entries.set(key, pair);
    else entries.set(key, pairOf(pair, special(key, before, value) ?? (isMap(before) && isMap(value) ? merged(before, value) : value)));
  }
  return mapOf([...entries.values()], over);
}

/** Those of `base` first, each with what `over` says of it, and then what is new. */
function mergedChecks(base: YAMLSeq, over: YAMLSeq): YAMLSeq {
  const items = [...(base.items as Node[])];
  const ids = new Map(items.map((item, index) => [idOf(item), index]));
  for (const item of over.items as Node[]) {
    const id = idOf(item);
    const at = id === null ? undefined : ids.get(id);
    if (at === undefined) items.push(item);
    else items[at] = mergedCheck(items[at] as YAMLMap, item as YAMLMap);
    // A second check with the id is one too many in its own file.
    ids.delete(id);
  }
  const list = new YAMLSeq();
  Object.assign(list, { items, range: over.range, flow: over.flow });
  return list;
}

/** A key replaces the other's as a whole, and what a check looks at replaces what the other one looks at. */
function mergedCheck(base: YAMLMap, over: YAMLMap): YAMLMap {
  const kinds: readonly string[] = checkKindNames;
  const hasKind = (over.items as Entry[]).some((pair) => kinds.includes(keyOf(pair)));
  const kept = (base.items as Entry[]).filter((pair) => {
    const key = keyOf(pair);
    return entryOf(over, key) === undefined && !(hasKind && kinds.includes(key));
  });
  return mapOf([...(over.items as Entry[]), ...kept], over);
}

function idOf(check: Node): string | null {
  const id = isMap(check) ? entryOf(check, 'id')?.value : null;
  return isScalar(id) && typeof id.value === 'string' ? id.value : null;
}

function mapOf(items: Entry[], like: YAMLMap): YAMLMap {
  const map = new YAMLMap();
  Object.assign(map, { items, range: like.range, flow: like.flow });
  return map;
}

function pairOf(pair: Entry, value: Node): Entry {
  const copy = pair.clone() as Entry;
  Object.assign(copy, { key: pair.key, value });
  return copy;
}

/**
 * Makes a document ready to be merged, in place: offsets are moved by `base`, and what an alias stands for takes its place, since the names of
 * anchors are those of one file. The document has been converted once, without mistakes.
 */
export function prepare(contents: Node, base: number): void {
  const anchors = new Map<string, Node>();
  const resolved = (node: Node | null): Node | null => {
    if (node === null) return null;
    if (isAlias(node)) return anchors.get(node.source) ?? null;
    if (node.range) node.range = [node.range[0] + base, node.range[1] + base, node.range[2] + base];
    if (isMap(node)) {
      for (const pair of node.items as Entry[]) {
        pair.key = resolved(pair.key)!;
        pair.value = resolved(pair.value);
      }
    } else if (isSeq(node)) node.items = node.items.map((item) => resolved(item as Node));
    const anchored = node as Node & { anchor?: string };
    if (anchored.anchor !== undefined) anchors.set(anchored.anchor, node);
    delete anchored.anchor;
    return node;
  };
  resolved(contents);
}
