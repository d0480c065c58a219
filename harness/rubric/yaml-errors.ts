/**
 * What the YAML parser finds wrong, in the words of somebody who writes a rubric: what stands there, and what to write instead. The parser's own
 * sentences speak of its grammar.
 * Reference: YAML 1.2.2, 7.3.3 (plain scalars), 6.1 (indentation); the package `yaml`, ErrorCode.
 */
import type { YAMLError } from 'yaml';
import { quoted } from '../evidence/printable.ts';

export interface YamlProblem {
  readonly offset: number;
  readonly message: string;
  readonly remedy?: string;
}

type Words = Omit<YamlProblem, 'offset'>;

/** The first error of each line: what follows in it is a consequence, as a rule. */
export function yamlProblems(errors: readonly YAMLError[], text: string): YamlProblem[] {
  const lines = new Set<number>();
  return errors.flatMap(({ code, message, pos: [offset] }) => {
    const start = text.lastIndexOf('\n', offset - 1) + 1;
    if (lines.has(start)) return [];
    lines.add(start);
    const words = wordsFor(code, { message, offset, text, line: lineFrom(text, start) });
    return [{ offset, ...words, message: `not YAML: ${words.message}` }];
  });
}

interface Place {
  /** The parser's own sentence. */
  readonly message: string;
  readonly offset: number;
  readonly text: string;
  /** All of the line. */
  readonly line: string;
}

function lineFrom(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '');
}

function wordsFor(code: YAMLError['code'], place: Place): Words {
  const character = quoted(place.text.slice(place.offset, place.offset + 1));
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
      return secondColon(place);
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a key without a colon',
        remedy: 'write a colon, a blank and a value after it, or put a text of several lines in quotation marks',
      };
    case 'TAB_AS_INDENT':
      return { message: 'a tab at the beginning of a line', remedy: 'indent with blanks' };
    case 'BAD_SCALAR_START':
      return { message: `a text cannot begin with ${character}`, remedy: IN_QUOTES };
    case 'BAD_ALIAS':
      return { message: 'an alias, since it begins with *', remedy: `if it is a text, ${IN_QUOTES}` };
    case 'TAG_RESOLVE_FAILED':
      return { message: 'a tag that means nothing here, since it begins with !', remedy: `if it is a text, ${IN_QUOTES}` };
    case 'BAD_DQ_ESCAPE':
      return {
        message: place.message.replace('Invalid escape sequence', 'there is no escape'),
        remedy: 'for a backslash write \\\\, or use single quotation marks',
      };
    case 'BAD_INDENT':
      return badIndent(place);
    case 'MISSING_CHAR':
      return missingCharacter(place);
    case 'UNEXPECTED_TOKEN':
      return unexpected(place, character);
    default:
      return { message: place.message };
  }
}

const IN_QUOTES = 'put it in quotation marks';

/** `title: Lab 1: hello`, on one line or because the next one is indented. */
function secondColon({ line, offset, text }: Place): Words {
  const entry = line.trimStart().replace(/^- /, '');
  const colon = entry.indexOf(': ');
  const [key, value] = [entry.slice(0, colon), entry.slice(colon + 2).trim()];
  if (/^[\w-]+$/.test(key) && value.includes(': ') && !/^[[{"'|>]/.test(value)) {
    return { message: 'a second colon', remedy: `put the text in quotation marks: ${key}: ${quotedYaml(value)}` };
  }
  const goesOn = !text
    .slice(offset, offset + line.length)
    .split('\n', 1)[0]!
    .includes(': ');
  if (goesOn)
    return {
      message: 'a value, and keys below it that are indented further',
      remedy: 'indent the next line as this one, or take the value away',
    };
  return { message: 'a second colon', remedy: 'put a text with a colon in it in quotation marks' };
}

/** In the quotation marks that need no escapes, where there are any. */
function quotedYaml(value: string): string {
  return value.includes('"') || value.includes('\\') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`;
}

function badIndent({ message }: Place): Words {
  const [, bracket] = /end with a (.)$/.exec(message) ?? [];
  if (bracket !== undefined)
    return { message: `${bracket} is missing before this line`, remedy: 'close the list or map, and indent its further lines' };
  return { message: 'this line is indented like none of the keys above it', remedy: 'keys of one map begin in the same column' };
}

function missingCharacter({ message }: Place): Words {
  const [, mark] = /^Missing closing (["'])/.exec(message) ?? [];
  if (mark !== undefined)
    return {
      message: `${mark} is missing: a text that begins with it does not end`,
      remedy: `look for the last ${mark} above that has no second one`,
    };
  if (message.includes('without - indicator')) {
    return {
      message: 'this line belongs to no item of the list',
      remedy: 'indent it as far as the other keys of its item, or begin it with "- "',
    };
  }
  return { message: 'a key without a value', remedy: 'write a colon, a blank and a value after it' };
}

function unexpected({ message, line }: Place, character: string): Words {
  if (message.startsWith('Unexpected block-seq-ind'))
    return { message: 'a list that begins on the line of its key', remedy: 'begin each "- " on a line of its own' };
  if (/flow-(map|seq)-end/.test(message))
    return { message: `${character} without the bracket that it closes`, remedy: 'take it away, or put the text in quotation marks' };
  if (message.includes('at node end') && /["'\]}]/.test(line)) {
    return { message: 'text after the end of the value', remedy: 'put all of the text in one pair of quotation marks' };
  }
  return { message: 'text that belongs to nothing', remedy: 'look at the indentation, and at the end of the value above' };
}
