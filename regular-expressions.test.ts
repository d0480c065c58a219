/**
 * No regular expression of ours backtracks: what it costs grows with the text and no faster, whatever a student wrote there. JavaScript's
 * engine makes no such promise, so each expression in the sources is proved linear by `recheck`, whose automata decide it. An expression
 * that somebody else wrote (a rubric's) is RE2's. The test kit is left out: it reads only what tests write.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type Node, parse } from 'acorn';
import { transformSync } from 'esbuild';
import { checkSync } from 'recheck';
import { describe, expect, it } from 'vitest';

const ROOT = import.meta.dirname;

/** Methods that make an expression of any text that they are given. */
const MATCHING = new Set(['match', 'matchAll', 'search']);

const FILES = ['machine', 'harness'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.split(sep).join('/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('machine/testkit/')),
);

interface Expression {
  readonly source: string;
  readonly flags: string;
}

interface Found {
  readonly expressions: readonly Expression[];
  /** Code that makes an expression while it runs. */
  readonly made: readonly string[];
}

/** Node types of acorn, as far as they are looked at here. */
interface AnyNode extends Node {
  readonly regex?: { readonly pattern: string; readonly flags: string };
  readonly callee?: AnyNode & { readonly name?: string; readonly property?: { readonly name?: string } };
  readonly arguments?: readonly AnyNode[];
}

function everyNode(node: unknown): AnyNode[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(everyNode);
  return 'type' in node ? [node as AnyNode, ...inner] : inner;
}

function findIn(typescript: string): Found {
  const { code } = transformSync(typescript, { loader: 'ts' });
  const nodes = everyNode(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }));
  const isMade = ({ callee, arguments: given = [] }: AnyNode) =>
    callee?.name === 'RegExp' ||
    (MATCHING.has(callee?.property?.name ?? '') && given.length === 1 && given[0]!.type === 'Literal' && !given[0]!.regex);
  return {
    expressions: nodes.flatMap(({ regex }) => (regex ? [{ source: regex.pattern, flags: regex.flags }] : [])),
    made: nodes.filter(isMade).map(({ start, end }) => code.slice(start, end)),
  };
}

/** Why an expression is not known to be linear; undefined where it is. */
function problemOf({ source, flags }: Expression): string | undefined {
  const found = checkSync(source, flags, { checker: 'automaton', timeout: null });
  if (found.status === 'safe') return undefined;
  return found.status === 'unknown' ? `cannot be decided: ${found.error.kind}` : found.complexity.summary;
}

describe('the search for expressions', () => {
  it('finds them, and what makes them', () => {
    const found = findIn(
      'const a: RegExp = /a+b/g; const b = new RegExp(text as string); text.match("x"); list.search(7 * n); text.match(/c/u)',
    );
    expect(found.expressions).toEqual([
      { source: 'a+b', flags: 'g' },
      { source: 'c', flags: 'u' },
    ]);
    expect(found.made).toEqual(['new RegExp(text)', 'text.match("x")']);
  });

  it('knows those that backtrack', () => {
    // What took for ever, or nearly: the line ends of a console, and the name of a function.
    expect(problemOf({ source: '\\r+\\n', flags: 'g' })).toMatch(/polynomial/);
    expect(problemOf({ source: '^_?_ZN((?:\\d+[\\s\\S]*)+)E$', flags: '' })).toMatch(/exponential/);
    expect(problemOf({ source: '^\\d{1,4}', flags: '' })).toBeUndefined();
  });
});

describe('the expressions in our sources', () => {
  const found = FILES.map((file) => ({ file, ...findIn(readFileSync(join(ROOT, file), 'utf8')) }));

  it('are there to be looked at', () => {
    expect(found.flatMap(({ expressions }) => expressions).length).toBeGreaterThan(80);
  });

  it('are linear in what they are matched against', () => {
    const bad = found.flatMap(({ file, expressions }) =>
      expressions.flatMap((one) => {
        const problem = problemOf(one);
        return problem === undefined ? [] : [`${file}: /${one.source}/${one.flags} ${problem}`];
      }),
    );
    expect(bad).toEqual([]);
  }, 240_000);

  it('are written down, not made while the program runs', () => {
    expect(found.flatMap(({ file, made }) => made.map((code) => `${file}: ${code}`))).toEqual([]);
  });
});
