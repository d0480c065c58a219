import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseResult } from '../result/saved-result.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../reports/sample/ostd-writable-data.json'), 'utf8');

type Path = readonly (string | number)[];

/** Every place in the report, as a path. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [path, ...steps.flatMap((step) => placesIn((value as Record<string, unknown>)[step], [...path, step]))].filter(
    (one) => one.length > 0,
  );
}

/** The report with what stands at the path replaced; undefined takes it away. */
function withAt(path: Path, replacement: unknown): string {
  const report = JSON.parse(TEXT);
  const holder = path.slice(0, -1).reduce((value, step) => value[step], report);
  holder[path.at(-1)!] = replacement;
  return JSON.stringify(report);
}

function problemOf(text: string): string | undefined {
  const read = parseResult(text);
  return read !== null && 'problem' in read ? read.problem : undefined;
}

/** `schema` decides whether it is a report at all. */
const PLACES = placesIn(JSON.parse(TEXT)).filter(([top]) => top !== 'schema');

describe('a saved report', () => {
  it('is read back as it was', () => {
    expect(parseResult(TEXT)).toEqual(JSON.parse(TEXT));
  });

  it('is refused if any one value is of the wrong type', () => {
    expect(PLACES.length).toBeGreaterThan(150);
    const taken = PLACES.filter((path) => path[0] !== 'images' && problemOf(withAt(path, { other: true })) === undefined);
    expect(taken.map((path) => path.join('.'))).toEqual([]);
    expect(problemOf(withAt(['checks', 0, 'details'], 'none'))).toBe('does not have the form of bootgrade/result/v1, at checks.0.details');
  });

  it('is refused where any one field is missing', () => {
    const optional = ['note', 'disk'];
    const mayBeMissing = (path: Path) => optional.includes(String(path.at(-1))) || (path[0] === 'images' && path.length > 1);
    const fields = PLACES.filter((path) => typeof path.at(-1) === 'string' && !mayBeMissing(path));
    const taken = fields.filter((path) => problemOf(withAt(path, undefined)) === undefined);
    expect(taken.map((path) => path.join('.'))).toEqual([]);
  });

  it('is refused from another version, on one line, and is nothing of ours without any', () => {
    expect(problemOf(TEXT.replace('result/v1', 'result/v2'))).toBe(
      'has the format "bootgrade/result/v2"; this version reads bootgrade/result/v1',
    );
    expect(problemOf(TEXT.replace('result/v1', `result/\n${'9'.repeat(100)}`))).toBe(
      `has the format "bootgrade/result/\\n${'9'.repeat(42)}…"; this version reads bootgrade/result/v1`,
    );
    expect(parseResult('{"grades":[]}')).toBeNull();
  });
});
