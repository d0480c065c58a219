/** What holds for every report format. */
import { expect, it } from 'vitest';
import { SAMPLE_VALUES } from '../testkit/format-values.ts';
import { commanding, errored, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { PLAIN } from './entries.ts';
import { type Subject, wholeText } from './format.ts';
import { formatNamed, formatNames, reportFormats } from './index.ts';

/** Every file of the format, in one text. */
function everything(name: (typeof formatNames)[number], subjects: readonly Subject[]): string {
  const values = SAMPLE_VALUES[name] ?? {};
  return formatNamed(name)
    .parts.flatMap((part) =>
      part.scope === 'class' ? [wholeText(part.render(subjects, values, []))] : subjects.map((one) => part.render(one, values) ?? ''),
    )
    .join('\n');
}

const ALL = [subject(writableData()), subject(hostile()), subject(commanding()), subject(errored()), subject(result())];

it.each(formatNames)('%s lets no control of others through', (name) => {
  const text = everything(name, ALL)
    .replace(/^\uFEFF/, '')
    .replace(/\r\n/g, '\n')
    .replaceAll('\t', ' ');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
});

/** Of GitHub's, Azure Pipelines' and TeamCity's runners. */
const COMMAND = /^\s*::|##\w*\[/m;

it.each(formatNames)('%s has no line that a runner of a CI would obey', (name) => {
  const text = everything(name, ALL);
  // A badge has nothing that others wrote.
  if (name !== 'badge') expect(text).toMatch(/x3a|x23/);
  if (name !== 'github') expect(text).not.toMatch(COMMAND);
  // There commands are what the file is for: those of ours.
  else expect(text.replace(/^::(error|warning|notice) [^\n]*::(?!set-output|add-mask|stop-commands)/gm, '')).not.toMatch(COMMAND);
});

it.each([
  ['terminal', reportFormats.terminal.one(commanding(), PLAIN, 60)],
  ['table', wholeText(reportFormats.terminal.all([commanding(), hostile()], PLAIN, 60))],
  ['json', reportFormats.json.one(commanding()) + wholeText(reportFormats.json.all([commanding(), hostile()]))],
])('%s neither, nor a control of others', (_, text) => {
  expect(text).toContain('error::name');
  expect(text).not.toMatch(COMMAND);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
});

it.each(formatNames)('%s is a function of the result alone', (name) => {
  expect(everything(name, ALL)).toBe(everything(name, structuredClone(ALL)));
});

it.each(formatNames)('%s shows students nothing of a hidden check but their number and sum', (name) => {
  const hiddenChecks = { count: 2, score: 3, maxScore: 5 };
  const checks = [check('visible'), check('second')];
  const text = everything(name, [subject(result({ outcome: 'failed', checks, hiddenChecks, score: 23, maxScore: 25 }))]);
  expect(text).not.toMatch(/secret/);
  // A result for instructors that is made without one must be told apart from it.
  const secret = check('secret', { hidden: true });
  const whole = everything(name, [subject(result({ audience: 'instructor', checks: [...checks, secret] }))]);
  expect(whole.includes('secret')).toBe(!['canvas', 'moodle', 'blackboard', 'codequality', 'badge'].includes(name));
});

it('has no format in which a fault of the grader is a zero', () => {
  const own = (name: (typeof formatNames)[number]) => everything(name, [subject(errored())]);
  expect(own('classroom50')).toBe('');
  expect(JSON.parse(own('gradescope'))).not.toHaveProperty('score');
  expect(own('canvas').trim().split('\n').at(-1)).toBe('errored,,,errored,,');
  expect(own('blackboard').trim().split('\n')).toHaveLength(1);
  expect(own('csv')).toContain('errored,errored,,10,');
});
