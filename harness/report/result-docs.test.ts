/** docs/result.md and docs/explain.md name every field: read off the types themselves, so that a new field cannot go undocumented. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DOCS = readFileSync(join(ROOT, 'docs/result.md'), 'utf8');

/** Names of the fields that a file's interfaces and unions declare. */
function fields(file: string): string[] {
  const source = readFileSync(join(ROOT, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...new Set([...source.matchAll(/(?<=[{;,(]\s*|^\s+)(\w+)\??:/gm)].map(([, name]) => name!))];
}

it.each([
  ['harness/result/result.ts', 'docs/result.md'],
  ['harness/evidence/evidence.ts', 'docs/result.md'],
  ['harness/evidence/finding.ts', 'docs/result.md'],
  ['harness/evidence/explanation.ts', 'docs/explain.md'],
])('every field of %s is in %s', (file, page) => {
  const docs = readFileSync(join(ROOT, page), 'utf8');
  expect(fields(file).length).toBeGreaterThan(9);
  expect(fields(file).filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

it('every reason to stop', () => {
  const reasons = [...readFileSync(join(ROOT, 'harness/evidence/evidence.ts'), 'utf8').matchAll(/reason: '([\w-]+)'/g)].map(
    ([, reason]) => reason!,
  );
  expect(reasons.length).toBeGreaterThan(9);
  expect(reasons.filter((reason) => !DOCS.includes(`\`${reason}\``))).toEqual([]);
});
