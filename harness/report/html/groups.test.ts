import { expect, it } from 'vitest';
import type { FindingResult, SubmissionResult } from '../../result/result.ts';
import { finding } from '../../testkit/evidence.ts';
import { stack, subject } from '../../testkit/sample-hostile.ts';
import { check, result, scenario } from '../../testkit/sample-results.ts';
import { groups } from './groups.ts';

const rule = (name: string, severity: FindingResult['severity'] = 'must'): FindingResult => ({
  ...finding({ rule: name, severity }),
  stack: null,
  details: [],
});

function failing(name: string, ids: readonly string[], part: Partial<SubmissionResult> = {}): SubmissionResult {
  const checks = ids.map((id) => check(id, { outcome: 'failed', score: 0, reason: `${id} is wrong` }));
  return result({ name, outcome: 'failed', score: 0, checks, ...part });
}

const broken = (...rules: FindingResult[]) => ({ scenarios: [scenario({ findings: rules })] });

function shown(results: readonly SubmissionResult[]): string[] {
  return groups(results.map((one) => subject(one))).map(
    ({ cause, checks, members }) => `${members.map(({ subject: { result: of } }) => of.name).join('+')}: ${cause} [${checks.join(' ')}]`,
  );
}

it('are of one mistake, whichever checks it fails', () => {
  const results = [
    failing('a', ['flags', 'image'], broken(rule('write-data-writable'), rule('flush-unused', 'note'))),
    failing('b', ['image'], broken(rule('write-data-writable'))),
    failing('c', ['image'], broken(rule('race-load'))),
  ];
  expect(shown(results)).toEqual(['a+b: rule broken: write-data-writable [flags image]', 'c: rule broken: race-load [image]']);
});

it('do not blame a rule that those break as well who passed', () => {
  const given = rule('queue-misaligned');
  const results = [result({ name: 'p', ...broken(given) }), failing('a', ['type'], broken(given)), failing('b', ['image'], broken(given))];
  expect(shown(results)).toEqual(['a: type: type is wrong [type]', 'b: image: image is wrong [image]']);
});

it('are told apart by the reason where they fail the same check', () => {
  const wrong = (name: string, reason: string) =>
    result({ name, outcome: 'failed', checks: [check('type', { outcome: 'failed', reason })] });
  expect(shown([wrong('a', 'found IN'), wrong('b', 'found FLUSH'), wrong('c', 'found IN')])).toEqual([
    'a+c: type: found IN [type]',
    'b: type: found FLUSH [type]',
  ]);
});

it('have their panic in common, or the reason of the submission as a whole', () => {
  const panicked = { scenarios: [scenario({ why: [{ kind: 'text', text: 'the kernel panicked at a.rs:3: no disk' }] })] };
  const none = { reason: 'no kernel was found' };
  const results = [failing('a', ['x'], panicked), failing('b', ['y'], panicked), failing('c', ['x'], none), failing('d', ['x'], none)];
  expect(shown(results)).toEqual(['a+b: the kernel panicked at a.rs:3: no disk [x y]', 'c+d: no kernel was found [x]']);
});

it('name the source line of each', () => {
  const details = [{ kind: 'code' as const, text: 'stored at', stack: stack('blk.c', 16) }];
  const at = result({ name: 'a', outcome: 'failed', checks: [check('type', { outcome: 'failed', reason: 'r', details })] });
  expect(groups([subject(at)])[0]!.members[0]!.source).toEqual({ file: 'blk.c', line: 16 });
});
