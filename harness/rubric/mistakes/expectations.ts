/** Mistakes in `expect` that the schema alone cannot find: names that do not exist. Like mistakes/checks.ts, it works on the values as written. */
import { suggestion } from '../../vocabulary/did-you-mean.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { asList, asMap, asText, asTexts, type Loose } from '../loose.ts';
import { unknownCheck } from './checks.ts';
import { unknownScenario } from './scenarios.ts';

/** `scenarios`: as extends.ts merges them. */
export function expectationMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const { expect, checks } = asMap(rubric);
  const { reference, submissions } = asMap(expect);
  const names: Names = {
    checks: asList(checks).flatMap((check) => asText(asMap(check)['id']) ?? []),
    scenarios: [...scenarios.keys()],
  };
  const written = asMap(submissions);
  const mistakes = Object.entries(written).flatMap(([submission, one]) =>
    submissionMistakes(asMap(one), ['expect', 'submissions', submission], names),
  );
  const named = asText(reference);
  if (named === null || Object.hasOwn(written, named)) return mistakes;
  const message = 'the reference is not one of the submissions';
  const remedy = suggestion(named, Object.keys(written));
  return [...mistakes, { path: ['expect', 'reference'], code: 'unknown-submission', message, remedy }];
}

interface Names {
  checks: readonly string[];
  scenarios: readonly string[];
}

function submissionMistakes(written: Loose, path: PropertyKey[], { checks, scenarios }: Names): Mistake[] {
  const named = ['failed', 'skipped'].flatMap((key) => asTexts(asList(written[key]), [...path, key]));
  return [
    ...named.filter(({ text }) => !checks.includes(text)).map((one) => unknownCheck(one.text, one.path, checks)),
    ...Object.keys(asMap(written['stop']))
      .filter((scenario) => !scenarios.includes(scenario))
      .map((scenario): Mistake => ({ ...unknownScenario(scenario, [...path, 'stop', scenario], scenarios), atKey: true })),
  ];
}
