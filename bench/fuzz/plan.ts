/** The cases of a run, by number: first the corpus, then cases of every kind by turns. Both processes count them the same way. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../machine/testkit/random.ts';

export interface Plan {
  readonly seed: number;
  readonly kinds: readonly string[];
  readonly corpus: readonly CorpusCase[];
}

/** An input that was kept. */
export interface CorpusCase {
  readonly kind: string;
  readonly file: string;
}

/** An input that is made up: `index` counts the cases of its kind. */
export interface MadeUpCase {
  readonly kind: string;
  readonly index: number;
}

export type Case = CorpusCase | MadeUpCase;

export function caseAt({ kinds, corpus }: Plan, number: number): Case {
  const kept = corpus[number];
  if (kept !== undefined) return kept;
  const after = number - corpus.length;
  return { kind: kinds[after % kinds.length]!, index: Math.floor(after / kinds.length) };
}

/** The numbers of a case: the same whatever else a run has. */
export function randomOf(seed: number, { kind, index }: MadeUpCase): Random {
  return new Random(createHash('sha256').update(`${seed}/${kind}/${index}`).digest().readBigUInt64LE());
}

/** What to type to run the case alone. */
export function commandOf(seed: number, one: Case): string {
  const which =
    'file' in one ? `--kind ${one.kind} --file ${shellWord(one.file)}` : `--seed ${seed} --kind ${one.kind} --case ${one.index}`;
  return `npm run fuzz -- ${which}`;
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Kept inputs of these kinds: `folder`, below `root`, has a folder for each. Their paths begin with `folder`. */
export function readCorpus(root: string, folder: string, kinds: readonly string[]): CorpusCase[] {
  const present = kinds.filter((kind) => existsSync(join(root, folder, kind)));
  return present.flatMap((kind) =>
    readdirSync(join(root, folder, kind))
      .sort()
      .map((name) => ({ kind, file: join(folder, kind, name) })),
  );
}
