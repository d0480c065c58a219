/**
 * YAML text as plain values that remember where they stood. The `yaml` package parses; the conversion is ours, because it
 * must keep positions, find duplicate keys in linear time, and share what aliases share, so that a "YAML bomb" costs nothing
 * before it is counted and refused.
 *
 * Reference: YAML 1.2.2, core schema. Left out: merge keys, tags beyond the core schema's, keys that are not plain text.
 */
import {
  type Alias,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { quoted } from '../evidence/printable.ts';
import type { ProblemCode } from '../vocabulary/problem.ts';
import { yamlProblems } from './yaml-errors.ts';

export interface YamlMistake {
  code: ProblemCode;
  /** Characters from the start of the text. */
  offset: number;
  message: string;
  remedy?: string;
}

export interface YamlTree {
  value: unknown;
  /** Where the value (or the key) at a path stands, or the nearest thing around it that exists. `from`: a list or map to start from. */
  offsetOf: (path: readonly PropertyKey[], atKey?: boolean, from?: object) => number;
  /** The scalar at a path is written without quotation marks. */
  isPlain: (path: readonly PropertyKey[]) => boolean;
  /** The scalar at a path as it is written, without quotation marks; undefined where something else stands there. */
  sourceAt: (path: readonly PropertyKey[]) => string | undefined;
}

export type YamlResult = { tree: YamlTree | null; mistakes: YamlMistake[] };

/** Values in one rubric, with those that aliases repeat. */
const MOST_VALUES = 100_000;

/** Deeper than any rubric: it bounds the recursion here. (The parser's own limit is higher.) */
const DEEPEST = 100;

export function parseYaml(text: string): YamlResult {
  const { contents, mistakes } = parseDocument(text);
  return contents === null ? { tree: null, mistakes } : treeOf(contents);
}

/** The values of a document that was parsed, or put together of several. */
export function treeOf(contents: Node): YamlResult {
  return new Converter().convert(contents);
}

/** What the text says, as nodes; null where it says nothing, or what YAML does not allow. */
export function parseDocument(text: string): { contents: Node | null; mistakes: YamlMistake[] } {
  const documents = parseAllDocuments(text, {
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    schema: 'core',
    // Those of YAML 1.1, such as !!binary, make values that no key takes.
    resolveKnownTags: false,
    merge: false,
    logLevel: 'silent',
  });
  const [document, second] = documents;
  if (document === undefined || document.contents === null) {
    return { contents: null, mistakes: [{ code: 'not-yaml', offset: 0, message: 'the rubric is empty', remedy: 'start with rubric: 1' }] };
  }
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    return {
      contents: null,
      mistakes: yamlProblems(broken, text).map((problem) => ({ code: 'not-yaml', ...problem })),
    };
  }
  if (second !== undefined) {
    const offset = second.range[0];
    return {
      contents: null,
      mistakes: [{ code: 'several-documents', offset, message: 'a second document', remedy: 'one rubric is one file: remove ---' }],
    };
  }
  return { contents: document.contents as Node, mistakes: [] };
}

/** What word processors make of quotation marks. */
const TYPOGRAPHIC = /^[\u201c\u201d\u201e\u2018\u201a\u00ab]/;

type Entry = { pair: Pair<Node, Node | null> | null; node: Node | null };

/** What a list or map consists of, by index or key. */
type Entries = ReadonlyMap<PropertyKey, Entry>;

interface Converted {
  value: unknown;
  /** Values within, aliases counted as often as they are used. */
  weight: number;
}

class Converter {
  readonly #mistakes: YamlMistake[] = [];
  readonly #anchors = new Map<string, Converted>();
  /** What was converted already, where several places share it without an alias (yaml-merge.ts). */
  readonly #converted = new Map<Node, Converted>();
  /** Where the parts of a list or map stand. */
  readonly #entries = new WeakMap<object, Entries>();

  convert(root: Node): YamlResult {
    const { value, weight } = this.#node(root, 0);
    if (weight > MOST_VALUES) {
      const message = `more than ${MOST_VALUES} values, counting what aliases repeat`;
      return { tree: null, mistakes: [...this.#mistakes, { code: 'too-complex', offset: 0, message }] };
    }
    // A duplicate key leaves a value that can be checked further; a gap where a value should be does not.
    if (this.#mistakes.some((one) => one.code !== 'duplicate-key' && one.code !== 'not-text'))
      return { tree: null, mistakes: this.#mistakes };
    const start = root.range?.[0] ?? 0;
    const tree: YamlTree = {
      value,
      offsetOf: (path, atKey, from) => this.#offset(from ?? value, start, path, atKey ?? false),
      isPlain: (path) => this.#isPlain(value, path),
      sourceAt: (path) => this.#sourceAt(value, path),
    };
    return { tree, mistakes: this.#mistakes };
  }

  #node(node: Node | null, depth: number): Converted {
    if (node === null) return { value: null, weight: 1 };
    if (isAlias(node)) return this.#alias(node);
    if (depth > DEEPEST) {
      this.#complain('too-complex', node, `nested more than ${DEEPEST} deep`);
      return { value: null, weight: 1 };
    }
    const known = this.#converted.get(node);
    if (known !== undefined) return known;
    if (isScalar(node) && node.type === 'PLAIN' && TYPOGRAPHIC.test(node.source ?? ''))
      this.#complain('not-text', node, 'curved quotation marks are letters of the text', 'write straight ones: "…"');
    const converted = isMap(node) ? this.#map(node, depth) : isSeq(node) ? this.#list(node, depth) : scalar(node);
    this.#converted.set(node, converted);
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #alias(node: Alias): Converted {
    const target = this.#anchors.get(node.source);
    if (target !== undefined) return target;
    this.#complain('not-yaml', node, `not YAML: no anchor &${node.source} before this alias`, 'if it is a text, put it in quotation marks');
    return { value: null, weight: 1 };
  }

  #map(node: YAMLMap, depth: number): Converted {
    const value = Object.create(null) as Record<string, unknown>;
    const entries = new Map<PropertyKey, Entry>();
    let weight = 1;
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = keyOf(pair);
      if (entries.has(key)) {
        this.#complain('duplicate-key', pair.key, `the key ${quoted(key, 60)} is there twice`, 'remove one of them');
        continue;
      }
      const item = this.#node(pair.value, depth + 1);
      entries.set(key, { pair, node: pair.value });
      value[key] = item.value;
      weight += item.weight;
    }
    this.#entries.set(value, entries);
    return { value, weight };
  }

  #list(node: YAMLSeq, depth: number): Converted {
    const value: unknown[] = [];
    const entries = new Map<PropertyKey, Entry>();
    let weight = 1;
    for (const item of node.items as Node[]) {
      const converted = this.#node(isPair(item) ? null : item, depth + 1);
      entries.set(value.length, { pair: null, node: item });
      value.push(converted.value);
      weight += converted.weight;
    }
    this.#entries.set(value, entries);
    return { value, weight };
  }

  #complain(code: ProblemCode, node: Node, message: string, remedy?: string): void {
    this.#mistakes.push({ code, offset: node.range?.[0] ?? 0, message, remedy });
  }

  /** What stands at the end of a path, as far as the path exists. */
  #walk(root: unknown, path: readonly PropertyKey[]): Entry & { complete: boolean } {
    let value = root;
    let found: Entry = { pair: null, node: null };
    for (const step of path) {
      const entry = typeof value === 'object' && value !== null ? this.#entries.get(value)?.get(step) : undefined;
      if (entry === undefined) return { ...found, complete: false };
      found = entry;
      value = (value as Record<PropertyKey, unknown>)[step];
    }
    return { ...found, complete: true };
  }

  #offset(root: unknown, start: number, path: readonly PropertyKey[], atKey: boolean): number {
    const { pair, node, complete } = this.#walk(root, path);
    // A missing key is shown at the key of the map; so is an empty value, at its own key.
    const preferKey = atKey || !complete || node === null || isEmpty(node);
    return (preferKey ? pair?.key.range?.[0] : undefined) ?? node?.range?.[0] ?? pair?.key.range?.[0] ?? start;
  }

  #isPlain(root: unknown, path: readonly PropertyKey[]): boolean {
    const { node, complete } = this.#walk(root, path);
    return complete && isScalar(node) && node.type === 'PLAIN';
  }

  #sourceAt(root: unknown, path: readonly PropertyKey[]): string | undefined {
    const { node, complete } = this.#walk(root, path);
    return complete && isScalar(node) ? node.source : undefined;
  }
}

function keyOf({ key }: Pair<Node, Node | null>): string {
  return isScalar(key) ? String(key.value) : '';
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}

function scalar(node: Node): Converted {
  return { value: isScalar(node) ? node.value : null, weight: 1 };
}
