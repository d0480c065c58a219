/**
 * The tables of mistakes in docs/explain.md show sentences as the program prints them: each one must be put together of the texts that stand in
 * the sources of sentences. What is between those texts in an example are the names and numbers of that example.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const SENTENCES = [
  'harness/grade/why',
  'harness/evidence',
  'harness/checks',
  'harness/run',
  'harness/grade',
  'machine/virtio/rules',
  'machine/virtio',
  'machine/debug',
];
const TABLES = ['| mistake | what the report says', '| kind of fault | what the report says', '| kind | example |'];
/** Words of a sentence that may be an example's own, of many and of few. */
const most = (all: number): number => Math.max(3, all / 4);

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.includes('.test.')) return [];
    return [readFileSync(join(ROOT, folder, entry.name), 'utf8')];
  });
}

/** What stands between quotation marks and the parts of templates, in a source without its comments: its texts, and code, which no sentence has. */
function textsOf(source: string): string[] {
  const code = source.replace(/^\s*(?:\/?\*|\/\/).*$/gm, '');
  return code
    .split(/['"`{}\n]|\$(?=\{)/)
    .map((text) => text.replace(/^[^\w(]+|[\s,;:(]+$/g, ''))
    .filter((text) => /[a-z]{2,} /i.test(text) && !/=>|=$/.test(text));
}

/** Words, without the addresses and numbers between them. */
const words = (text: string): string[] => text.match(/(?<![\w.])[A-Za-z]{2,}(?!\w)|\b[aA]\b/g) ?? [];

const pairsOf = (all: readonly string[]): string[] => all.slice(1).map((word, at) => `${all[at]} ${word}`);

/** The rows of the tables, as kind of mistake and example. */
function rows(document: string): [string, string][] {
  const lines = document.split('\n');
  return TABLES.flatMap((head) => {
    const first = lines.findIndex((line) => line.startsWith(head)) + 2;
    const end = lines.findIndex((line, at) => at >= first && !line.startsWith('|'));
    return lines.slice(first, end).map((line): [string, string] => {
      const [, kind, example] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return [kind!, example!];
    });
  });
}

/** Words that follow each other in a text of the program. */
const PAIRS = new Set(
  SENTENCES.flatMap(sources)
    .flatMap(textsOf)
    .flatMap((text) => pairsOf(words(text))),
);

/** The words of a sentence that the program does not have beside one of their neighbours. */
function foreign(sentence: string): string[] {
  const all = words(sentence);
  const isKnown = pairsOf(all).map((pair) => PAIRS.has(pair));
  return all.filter((_, at) => isKnown[at - 1] !== true && isKnown[at] !== true);
}

it.each(rows(readFileSync(join(ROOT, 'docs/explain.md'), 'utf8')))('%s: the sentence stands in the program', (_, example) => {
  // Remarks about the example stand in parentheses that begin with "then" or "and the line".
  const sentence = example.replace(/\((?:then|and the line)[^)]*\)+/g, '').replaceAll('`', '');
  const own = foreign(sentence);
  expect(own.length, `not in the program: ${own.join(' ')}`).toBeLessThanOrEqual(most(words(sentence).length));
});

it('a sentence that the program does not print is noticed', () => {
  const sentence = 'the driver has waited for the disk to finish before it has told it where the buffers are';
  expect(foreign(sentence).length).toBeGreaterThan(most(words(sentence).length));
});
