import { expect, it } from 'vitest';
import { result, writableData } from '../testkit/sample-results.ts';
import { jsonReport, jsonReports } from './json.ts';

it('is the result itself', () => {
  expect(JSON.parse(jsonReport(writableData()))).toEqual(writableData());
  expect(jsonReport(result()).endsWith('}\n')).toBe(true);
});

it('wraps several, and one, in one document', () => {
  for (const results of [[], [result()], [writableData(), result()]]) {
    const document = { schema: 'bootgrade/results/v1', results };
    expect([...jsonReports(results)].join('')).toBe(`${JSON.stringify(document, undefined, 2)}\n`);
  }
});
