/**
 * Texts that a rubric takes out of files: `{ file: NAME }` where a check of the console, or keys, may have one. The file's text, or its lines,
 * are put in its place before the schema is asked, so that everything after that sees a rubric which has the text itself.
 */
import { utf8Text } from '../bytes/text.ts';
import { LONGEST_TEXT } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { ReadFile } from './contents.ts';
import { MOST_PRESSES } from './keys.ts';
import { asList, asMap, asText, type Loose } from './loose.ts';
import { MOST_CHECKS, MOST_SCENARIOS } from './schema.ts';

/** Keys whose text a file may hold; of the others, it holds the items of a list, one in each line. */
const WHOLE: readonly string[] = ['equals', 'type'];
const OF_CONSOLE = ['equals', 'all', 'in-order', 'none'];
const OF_KEYS = ['type', 'lines'];

export interface TextFiles {
  readonly mistakes: Mistake[];
  /** Names and texts of the files that were read, which belong to the rubric's own text; empty where there are none. */
  readonly identity: string;
}

/** Changes `rubric`: the values as written, valid or not. What cannot be read is left as it is. */
export async function insertTextFiles(rubric: unknown, readFile: ReadFile): Promise<TextFiles> {
  const mistakes: Mistake[] = [];
  let identity = '';
  for (const { holder, key, path } of placesIn(rubric)) {
    const file = fileOf(holder[key]);
    if (file === null) continue;
    const bytes = await readFile(file, LONGEST_TEXT);
    if ('problem' in bytes) {
      mistakes.push({ path: [...path, key, 'file'], code: 'unreadable-file', message: `cannot read "${file}": ${bytes.problem}` });
      continue;
    }
    const text = utf8Text(bytes).replaceAll('\r\n', '\n');
    identity += `\0${file}\0${text}`;
    holder[key] = WHOLE.includes(key) ? text : text.split('\n').filter((line) => line !== '');
  }
  return { mistakes, identity };
}

interface Place {
  readonly holder: Loose;
  readonly key: string;
  /** Of the holder. */
  readonly path: PropertyKey[];
}

function* placesIn(rubric: unknown): Generator<Place> {
  const { checks, scenarios } = asMap(rubric);
  for (const [index, check] of asList(checks).slice(0, MOST_CHECKS).entries()) {
    const holder = asMap(asMap(check)['console']);
    for (const key of OF_CONSOLE) yield { holder, key, path: ['checks', index, 'console'] };
  }
  for (const [name, scenario] of Object.entries(asMap(scenarios)).slice(0, MOST_SCENARIOS)) {
    for (const [index, press] of asList(asMap(scenario)['keys']).slice(0, MOST_PRESSES).entries()) {
      for (const key of OF_KEYS) yield { holder: asMap(press), key, path: ['scenarios', name, 'keys', index] };
    }
  }
}

/** The name in `{ file: NAME }`; null for everything else. */
function fileOf(value: unknown): string | null {
  const map = asMap(value);
  return Object.keys(map).length === 1 ? asText(map['file']) : null;
}
