/** Every file that a comment or a document of ours names is there: a reader who follows a name must find something. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = import.meta.dirname;
const SKIPPED = new Set(['node_modules', 'dist', '.git', 'images']);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [relative(ROOT, path).split(sep).join('/')];
  });
}

const ALL = filesBelow(ROOT);
const NAMES = new Set(ALL.map((file) => basename(file)));
const SOURCES = ALL.filter((file) => /\.(ts|mjs)$/.test(file));
const DOCUMENTS = ALL.filter((file) => /\.md$/.test(file) && !file.startsWith('reports/'));

/** Comments of a source file; strings and code are left out. */
function comments(file: string): string {
  return [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\/\*\*?[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm)].map(([text]) => text).join('\n');
}

/** Names like `exec/trap.ts`, `loop-proof.ts`, `docs/development/speed.md`, `architecture.md`. */
const NAMED = /(?<![\w/.*<>$-])((?:[\w.-]+\/)*[\w-][\w.-]*\.(?:ts|md|mjs|yaml))(?![\w/*-])/g;

function named(text: string): string[] {
  return [...new Set([...text.matchAll(NAMED)].map(([, name]) => name!))];
}

/** Files of a course's or a student's in examples, reports, and what commands and the build make. */
const NOT_OURS = /^(lab|my|rubric|course)[\w-]*\.yaml$|^(lab|fair)\.mjs$|^class\.(\w+\.)?md$|^suite\.md$|^bootgrade\.(mjs|yaml)$/;

function missing(file: string, text: string): string[] {
  return named(text).filter((name) => {
    if (NOT_OURS.test(basename(name))) return false;
    const places = [name, join(dirname(file), name), join('machine', name), join('harness', name)];
    if (places.some((place) => existsSync(join(ROOT, place)))) return false;
    return name.includes('/') ? !ALL.some((known) => known.endsWith(`/${name}`)) : !NAMES.has(name);
  });
}

it('what comments name is there', () => {
  expect(SOURCES.length).toBeGreaterThan(400);
  expect(SOURCES.flatMap((file) => missing(file, comments(file)).map((name) => `${file}: ${name}`))).toEqual([]);
});

it('what documents name is there', () => {
  expect(DOCUMENTS.flatMap((file) => missing(file, readFileSync(join(ROOT, file), 'utf8')).map((name) => `${file}: ${name}`))).toEqual([]);
});

it('what comments call a decision has a number in docs/architecture.md', () => {
  const decisions = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  for (const file of SOURCES) {
    for (const [, number] of comments(file).matchAll(/\bdecisions? (\d+)/g))
      expect(decisions, `${file}: decision ${number}`).toContain(`\n${number}. **`);
  }
});
