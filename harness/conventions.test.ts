/** Conventions of CONTRIBUTING.md that neither the compiler nor the linter can hold, on every source file of the harness. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type Node, parse } from 'acorn';
import { transformSync } from 'esbuild';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

const FILES = ['harness', 'bench', 'build'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.split(sep).join('/')}`)
    .filter((file) => /\.(ts|mjs)$/.test(file)),
);

/** Functions of libraries and of JavaScript that take true or false by position. */
const OF_OTHERS =
  /^(get|set)(Big)?(Int|Uint|Float)\d+$|^(default|option|helpOption|allowExcessArguments|createColors|literal|setRawMode|fill|resolve|push|toBe|toEqual|includes|is)$/;

function problemsIn(source: string): string[] {
  const found: string[] = [];
  const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'esnext' });
  const look = (node: Node) => {
    const shape = node as unknown as Record<string, unknown>;
    if (node.type === 'SpreadElement' && typeOf(shape.argument) === 'ObjectExpression')
      found.push('an object literal inside an object literal');
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const name = nameOf(shape.callee);
      if ((shape.arguments as Node[]).some(isBoolean) && !OF_OTHERS.test(name)) found.push(`true or false by position: ${name}`);
    }
    for (const child of Object.values(shape).flat()) if (isNode(child)) look(child);
  };
  look(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }));
  if (/^\s+(private|protected) (?!constructor)/m.test(source)) found.push('private, not #');
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function typeOf(node: unknown): string | undefined {
  return isNode(node) ? node.type : undefined;
}

function isBoolean(node: Node): boolean {
  return node.type === 'Literal' && typeof (node as Node & { value: unknown }).value === 'boolean';
}

/** The last name of what is called: `b` of `a.b()`. */
function nameOf(callee: unknown): string {
  const { name, property } = callee as { name?: string; property?: { name?: string } };
  return name ?? property?.name ?? '';
}

describe('what these tests look for', () => {
  it.each([
    ['const a = { ...{ b, c } };', 'an object literal inside an object literal'],
    ['draw(shape, true);', 'true or false by position: draw'],
    ['new Shape(false);', 'true or false by position: Shape'],
    ['class A {\n  private readonly b = 1;\n}', 'private, not #'],
  ])('is found in %s', (source, problem) => {
    expect(problemsIn(source)).toEqual([problem]);
  });

  it('is not found in what is right', () => {
    expect(
      problemsIn('class A {\n  #b = { ...c, ...(d ? { e } : {}) };\n  private constructor() {}\n}\ndraw(shape, { filled: true });'),
    ).toEqual([]);
  });
});

it('the harness, its benchmarks and build scripts have members with #, flags by name, and object literals that are written out', () => {
  const problems = FILES.flatMap((file) => problemsIn(readFileSync(join(ROOT, file), 'utf8')).map((problem) => `${file}: ${problem}`));
  expect(problems).toEqual([]);
});
