/** The files that `script` names: each is read once, however many checks use it, and must have a function to call. */

import { utf8Text } from '../bytes/text.ts';
import { engineBytes, scriptProblem } from '../checks/script/engine.ts';
import type { ExpectedScript, WrittenScript } from '../checks/script.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { ReadFile } from './contents.ts';
import { asList, asMap, asText } from './loose.ts';
import { MOST_CHECKS } from './schema.ts';
import type { Rubric } from './types.ts';

/** What the rubric's scripts run in, for a program that does not have it; null: it has no script. */
export function engineFor({ checks }: Pick<Rubric, 'checks'>): Uint8Array | null {
  return checks.some(({ kind }) => kind === 'script') ? engineBytes() : null;
}

type Read = { readonly source: string } | Pick<Mistake, 'code' | 'message' | 'remedy'>;

export class ScriptFiles {
  readonly #readFile: ReadFile;
  readonly #read = new Map<string, Read>();

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** Reads what the checks name, as they are written, valid or not. */
  async check(rubric: unknown): Promise<Mistake[]> {
    const mistakes: Mistake[] = [];
    for (const [index, check] of asList(asMap(rubric)['checks']).slice(0, MOST_CHECKS).entries()) {
      const { script } = asMap(check);
      const path = ['checks', index, 'script'];
      const [file, at] = asText(script) === null ? [asText(asMap(script)['file']), [...path, 'file']] : [asText(script), path];
      if (file === null || file === '') continue;
      const read = this.#read.get(file) ?? (await this.#ofFile(file));
      this.#read.set(file, read);
      if (!('source' in read)) mistakes.push({ path: at, ...read });
    }
    return mistakes;
  }

  async #ofFile(file: string): Promise<Read> {
    const bytes = await this.#readFile(file, MOST_BYTES.script);
    if ('problem' in bytes) return { code: 'unreadable-file', message: `cannot read "${file}": ${bytes.problem}` };
    const source = utf8Text(bytes);
    const problem = scriptProblem(file, source);
    if (problem === null) return { source };
    return { code: 'bad-script', message: problem, remedy: 'docs/script.md says what a script is' };
  }

  /** Names and texts of the files, which belong to the rubric's own text; empty where there are none. */
  get identity(): string {
    return [...this.#read].map(([file, read]) => `\0${file}\0${'source' in read ? read.source : ''}`).join('');
  }

  /** Of a rubric without mistakes. */
  expected({ file, with: parameters = {} }: WrittenScript): ExpectedScript {
    const read = this.#read.get(file);
    if (read === undefined || !('source' in read)) throw new Error(`${file} was not read`);
    return { file, source: read.source, parameters };
  }
}
