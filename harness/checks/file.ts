/**
 * `file`: a text that was handed in beside the kernel, such as the answers to questions. It is about no run. Which file it is, and how its bytes
 * become text, is in submission/text-search.ts.
 */
import { z } from 'zod';
import { quoted } from '../evidence/printable.ts';
import type { HandedFile } from '../result/handed-file.ts';
import type { Detail } from '../result/result.ts';
import { compileRegex } from '../vocabulary/compiled-regex.ts';
import { globPattern, regex, someText, whole } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { codeTokens, languageOf, lineWith } from './code-tokens.ts';
import { defineHandInCheck, failed, type HandInContext, PASSED, type Verdict } from './kind.ts';

const path = globPattern().describe('The file below what was handed in: its name or glob. It is looked for as the kernel is.');

const texts = () => z.union([someText().transform((one) => [one]), z.array(someText()).min(1).max(100)]);

const word = () =>
  someText()
    .max(200)
    .refine((text) => (['C', 'Rust'] as const).some((language) => codeTokens(text, language).length > 0), {
      error: 'this is not a word of code',
    });

const schema = z.union([
  path.transform((name): ExpectedFile => ({ path: name, exists: true })),
  z.strictObject({
    path,
    each: z
      .boolean()
      .optional()
      .describe('true: all files that match, each of which must be as this says. Default: false, there is only one.'),
    exists: z.boolean().optional().describe('true: there must be such a file; false: there must not be one.'),
    contains: texts().optional().describe('Text that the file must hold, or a list of such texts.'),
    matches: regex().optional().describe('Regular expression (RE2) that must match; ^ and $ match at each line.'),
    absent: texts().optional().describe('Text that the file must not hold, or a list of such texts.'),
    forbids: z
      .union([word().transform((one) => [one]), z.array(word()).min(1).max(100)])
      .optional()
      .describe('A word or call that the code must not have outside of comments and strings, or a list of them: goto, asm!, std::fs.'),
    equals: someText().optional().describe('What the file must hold; blanks at the ends of lines and empty lines at its end do not count.'),
    'min-lines': whole().min(1).max(10_000).optional().describe('So many lines must have more than blanks.'),
  }),
]);

export interface ExpectedFile {
  path: string;
  each?: boolean | undefined;
  exists?: boolean | undefined;
  contains?: string[] | undefined;
  matches?: string | undefined;
  absent?: string[] | undefined;
  forbids?: string[] | undefined;
  equals?: string | undefined;
  'min-lines'?: number | undefined;
}

function mistakes(expected: ExpectedFile): Mistake[] {
  const { path: _, each: __, exists, ...content } = expected;
  const asked = Object.values(content).some((one) => one !== undefined);
  if (exists === undefined && !asked) {
    const message = 'the check does not say what the file must hold';
    return [
      { path: [], code: 'missing-key', message, remedy: 'add contains, matches, absent, forbids, equals or min-lines, or exists: true' },
    ];
  }
  if (exists !== false || !asked) return [];
  const message = 'a file that must not be there holds nothing';
  return [{ path: ['exists'], code: 'one-of', message, remedy: 'remove "exists: false", or everything about what the file holds' }];
}

function evaluate(expected: ExpectedFile, { files }: HandInContext): Verdict {
  const found = files.filter(({ name, each = false }) => name === expected.path && each === (expected.each ?? false));
  if (found.length === 0) throw new Error(`nobody has looked for ${expected.path}`);
  const failures = found.map((one) => evaluateOne(expected, one)).filter((verdict) => verdict.outcome === 'failed');
  const [first, ...others] = failures;
  if (first === undefined || others.length === 0) return first ?? PASSED;
  const details = failures
    .slice(0, MOST_FILES)
    .flatMap(({ reason, details }): Detail[] => [{ kind: 'text', text: `${reason}.` }, ...details]);
  const more = failures.length - MOST_FILES;
  return failed(`${failures.length} of ${found.length} files are wrong`, [
    ...details,
    ...(more > 0 ? [{ kind: 'text', text: `And ${more} more.` } as const] : []),
  ]);
}

/** Files that a report shows something of. */
const MOST_FILES = 5;

function evaluateOne(expected: ExpectedFile, { file, text, problem }: HandedFile): Verdict {
  if (expected.exists === false)
    return file === null ? PASSED : failed('a file is there that must not be', [{ kind: 'found', text: file }]);
  if (file === null) return failed(problem ?? `${expected.path} was not handed in`, []);
  const questions = QUESTIONS.flatMap((question) => question(expected));
  if (questions.length === 0) return PASSED;
  if (text === null) return failed(problem ?? `${file} is not a text file`, []);
  const wrong = questions.flatMap((question) => question(text, file) ?? []);
  const [first] = wrong;
  if (first === undefined) return PASSED;
  const reason = wrong.length === 1 ? first.reason : `${wrong.length} things are wrong`;
  const details = wrong.flatMap(({ details }) => details);
  return failed(`${file}: ${reason}`, details.some(({ kind }) => kind === 'found') ? details : [...details, ...beginning(text)]);
}

interface Wrong {
  reason: string;
  details: Detail[];
}

/** What is wrong with a text; null: nothing. */
type Question = (text: string, file: string) => Wrong | null;

const QUESTIONS: readonly ((expected: ExpectedFile) => Question[])[] = [
  ({ contains = [] }) => contains.map((wanted) => containing(wanted)),
  ({ matches }) => (matches === undefined ? [] : [matching(matches)]),
  ({ absent = [] }) => absent.map((unwanted) => lacking(unwanted)),
  ({ forbids }) => (forbids === undefined ? [] : [without(forbids)]),
  ({ equals }) => (equals === undefined ? [] : [equal(equals)]),
  ({ 'min-lines': least }) => (least === undefined ? [] : [longEnough(least)]),
];

const containing =
  (wanted: string): Question =>
  (text) =>
    text.includes(wanted) ? null : { reason: 'it does not hold this text', details: [{ kind: 'expected', text: quoted(wanted) }] };

const matching = (pattern: string): Question => {
  const compiled = compileRegex(pattern);
  return (text) =>
    compiled.test(text)
      ? null
      : { reason: 'nothing in it matches', details: [{ kind: 'expected', text: `a match of ${quoted(pattern)}` }] };
};

const lacking =
  (unwanted: string): Question =>
  (text) => {
    const at = text.indexOf(unwanted);
    if (at === -1) return null;
    const line = text.slice(0, at).split('\n').length;
    const details: Detail[] = [
      { kind: 'expected', text: `no ${quoted(unwanted)}` },
      { kind: 'found', text: `line ${line}: ${quoted(text.split('\n')[line - 1]!, LONGEST_SHOWN)}` },
    ];
    return { reason: 'it holds this text', details };
  };

/** In code, of each word the first place. */
const without =
  (words: readonly string[]): Question =>
  (text, file) => {
    const language = languageOf(file);
    const tokens = codeTokens(text, language);
    const found = words.flatMap((word) => {
      const line = lineWith(tokens, codeTokens(word, language));
      return line === null ? [] : [{ word, line }];
    });
    const [first] = found;
    if (first === undefined) return null;
    const lines = text.split('\n');
    const details = found.flatMap(({ word, line }): Detail[] => [
      { kind: 'expected', text: `no ${quoted(word)}` },
      { kind: 'found', text: `line ${line}: ${quoted(lines[line - 1]!, LONGEST_SHOWN)}` },
    ]);
    return { reason: `line ${first.line} has ${quoted(first.word)}, which is forbidden here`, details };
  };

const equal = (wanted: string): Question => {
  const expected = trimmedLines(wanted);
  return (text) => {
    const found = trimmedLines(text);
    const at = Array.from({ length: Math.max(expected.length, found.length) }, (_, index) => index).find(
      (index) => expected[index] !== found[index],
    );
    if (at === undefined) return null;
    const shown = (line: string | undefined) => (line === undefined ? 'the end' : quoted(line, LONGEST_SHOWN));
    const details: Detail[] = [
      { kind: 'expected', text: `line ${at + 1}: ${shown(expected[at])}` },
      { kind: 'found', text: `line ${at + 1}: ${shown(found[at])}` },
    ];
    return { reason: 'it holds something else', details };
  };
};

const longEnough =
  (least: number): Question =>
  (text) => {
    const count = text.split('\n').filter((line) => line.trim() !== '').length;
    if (count >= least) return null;
    const details: Detail[] = [
      { kind: 'expected', text: `${lines(least)} with text, or more` },
      { kind: 'found', text: lines(count) },
    ];
    return { reason: 'it is too short', details };
  };

const LONGEST_SHOWN = 200;

const lines = (count: number) => `${count} ${count === 1 ? 'line' : 'lines'}`;

function trimmedLines(text: string): string[] {
  const all = text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.trimEnd());
  return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
}

/** How the file begins, for those who wonder whether it is the right one. */
function beginning(text: string): Detail[] {
  const line = text.split('\n').find((one) => one.trim() !== '');
  return [{ kind: 'found', text: line === undefined ? 'an empty file' : `a file that begins with ${quoted(line, LONGEST_SHOWN)}` }];
}

export const fileCheck = defineHandInCheck({ schema, mistakes, evaluate });
