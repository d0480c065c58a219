/** What gradings write is as the published JSON Schemas have it, in the judgement of a validator that is not ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEvidence } from '../evidence/read.ts';
import { type DocumentName, documentSchema } from '../report/json-schema.ts';
import { parseResult } from '../result/saved-result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLASS = readdirSync(join(ROOT, 'submissions/class')).sort();

const ajv = () => new Ajv2020({ strict: true, allowUnionTypes: true });
const published = (name: DocumentName): ValidateFunction =>
  ajv().compile(JSON.parse(readFileSync(join(ROOT, `docs/${name}.schema.json`), 'utf8')));
/** Allows no field that the schema does not name. */
const closed = (name: DocumentName): ValidateFunction => ajv().compile(documentSchema(name, 'closed'));

let folder: TestFolder;
let printed: string;
beforeAll(async () => {
  folder = new TestFolder();
  const { environment, out } = capture();
  const options = ['--for', 'instructor', '--explain', '--json', '--out', folder.at('reports')];
  await bootgrade(['grade', 'rubrics/lab13.yaml', 'submissions/class', ...options], environment);
  printed = out();
});
afterAll(() => folder.remove());

const filesOf = (name: DocumentName): string[] =>
  Object.keys(folder.texts('reports')).filter(
    (file) => file.endsWith('.json') && file.endsWith('.evidence.json') === (name === 'evidence') && !file.startsWith('.'),
  );
const read = (file: string): unknown => JSON.parse(folder.read(join('reports', file)));

/** What the validator has against it; null for nothing. */
function complaint(validate: ValidateFunction, document: unknown): string | null {
  return validate(document) ? null : `${validate.errors?.[0]?.instancePath} ${validate.errors?.[0]?.message}`;
}

describe('the published JSON Schemas', () => {
  it.each([
    ['result', CLASS.length],
    ['evidence', 2 * CLASS.length],
  ] as const)('hold for every %s of the sample class, and name each of its fields', (name, count) => {
    expect(filesOf(name)).toHaveLength(count);
    for (const validate of [published(name), closed(name)]) {
      expect(filesOf(name).flatMap((file) => complaint(validate, read(file)) ?? [])).toEqual([]);
    }
  });

  it('hold for what --json prints, and for the committed sample', () => {
    expect(JSON.parse(printed).results).toHaveLength(CLASS.length);
    const sample = readFileSync(join(ROOT, 'reports/sample/ostd-writable-data.json'), 'utf8');
    for (const text of [printed, sample]) {
      expect(complaint(published('result'), JSON.parse(text))).toBeNull();
      expect(complaint(closed('result'), JSON.parse(text))).toBeNull();
    }
  });

  it.each([
    ['result', 'writable-data.json', parseResult],
    ['evidence', 'panics.write.evidence.json', parseEvidence],
  ] as const)('take of a changed %s just what the reader takes', (name, file, parse) => {
    const [document, validate] = [read(file), published(name)];
    const replacements = [null, true, -1, 1.5, '', '0x8020601g00', [], [7], {}];
    let refused = 0;
    for (const path of placesIn(document).filter(([top]) => top !== 'schema')) {
      for (const replacement of replacements) {
        const changed = withAt(document, path, replacement);
        const taken = parse(JSON.stringify(changed));
        const isTaken = taken !== null && !('problem' in taken);
        expect(validate(changed), `${path.join('.')} = ${JSON.stringify(replacement)}`).toBe(isTaken);
        if (!isTaken) refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});

type Path = readonly (string | number)[];

/** Places in a document: of a long list, those in its first items. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps = Object.keys(value).slice(0, Array.isArray(value) ? 3 : undefined);
  return [path, ...steps.flatMap((step) => placesIn((value as Record<string, unknown>)[step], [...path, step]))].filter(
    (one) => one.length > 0,
  );
}

function withAt(document: unknown, path: Path, replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  const holder = document as Record<string, unknown>;
  const changed = withAt(holder[step], rest, replacement);
  return Array.isArray(holder) ? holder.with(Number(step), changed) : { ...holder, [step]: changed };
}
