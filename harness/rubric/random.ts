/**
 * `random`: values that a kernel cannot know beforehand, so that an answer which is written into it fails. They come from the rubric's seed, and
 * `${name}` stands for a value in every text of `machine`, `scenarios` and `checks`: what is typed, what an image holds and what a check expects are
 * the same. A value depends on the seed and its own name alone, or with `per: submission` on what was handed in as well (random-places.ts).
 *
 * Left out: keys of maps, and what files hold.
 */
import { z } from 'zod';
import { bytesOfHex } from '../bytes/hex.ts';
import { sha256 } from '../bytes/sha256.ts';
import { suggestion } from '../vocabulary/did-you-mean.ts';
import { name, whole } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { asMap } from './loose.ts';

/** As many bytes as a SHA-256 has. */
const LONGEST_WORD = 32;
/** Fewer characters could be guessed. */
export const SHORTEST_PER_SUBMISSION = 4;
/** A number of so many digits is exact wherever it is read. */
const LONGEST_NUMBER = 15;
const MOST_VALUES = 100;

/** What published rubrics have: so that students do not learn the values that grade them. */
export const PUBLISHED_SEED = 0;

const lengths = (longest: number) =>
  z
    .record(name(), z.int().min(1).max(longest))
    .refine((all) => Object.keys(all).length <= MOST_VALUES, { error: `at most ${MOST_VALUES} values` })
    .optional();

export const randomSchema = z
  .strictObject({
    seed: whole()
      .max(2 ** 32 - 1)
      .describe('Decides the values, 0 to 4294967295. Published rubrics have 0.'),
    per: z
      .enum(['rubric', 'submission'])
      .optional()
      .describe('submission: each kernel gets values of its own. Default: rubric, the same values for all.'),
    words: lengths(LONGEST_WORD).describe('Values of small letters: how many, by name.'),
    numbers: lengths(LONGEST_NUMBER).describe('Decimal numbers: how many digits, by name. The first is not 0.'),
  })
  .superRefine(({ per, words = {}, numbers = {} }, context) => {
    for (const [key, lengths] of Object.entries(per === 'submission' ? { words, numbers } : {})) {
      for (const [value, length] of Object.entries(lengths)) {
        if (length >= SHORTEST_PER_SUBMISSION) continue;
        const message = `a value of each submission has at least ${SHORTEST_PER_SUBMISSION} characters`;
        context.addIssue({ code: 'custom', path: [key, value], message, params: { remedy: 'a shorter one could be guessed' } });
      }
    }
  });

export interface RandomSpec {
  readonly seed: number;
  readonly values: readonly RandomValue[];
}

export interface RandomValue {
  readonly name: string;
  readonly kind: 'word' | 'number';
  readonly length: number;
}

export interface RandomValues {
  readonly spec: RandomSpec;
  readonly places: readonly RandomPlace[];
  /** Those that the rubric has now, by name. */
  readonly values: Readonly<Record<string, string>>;
  /** Of what was handed in; null: the rubric is for no submission yet. */
  readonly identity: string | null;
}

/** A text, or the bytes of one, in which there is a placeholder. It is found by names: what students do not see may be left out of a rubric. */
export interface RandomPlace {
  readonly part: 'scenarios' | 'checks';
  /** The scenario's name, or the check's id. */
  readonly of: string;
  readonly path: readonly string[];
  readonly template: string | Uint8Array;
}

function valuesOf({ words = {}, numbers = {} }: z.output<typeof randomSchema>): RandomValue[] {
  const ofKind = (kind: RandomValue['kind'], all: Record<string, number>) =>
    Object.entries(all).map(([name, length]) => ({ name, kind, length }));
  return [...ofKind('word', words), ...ofKind('number', numbers)];
}

/** What each submission gets for itself; null: nothing, or the rubric is not valid there. */
export function ownRandom(rubric: unknown): RandomSpec | null {
  const parsed = randomSchema.safeParse(asMap(rubric)['random']);
  return parsed.data?.per === 'submission' ? { seed: parsed.data.seed, values: valuesOf(parsed.data) } : null;
}

/**
 * Puts the values into the rubric as written, valid or not, which it changes. A rubric without a valid `random` stays as it is. `textOf`: what
 * stands for a value instead of itself; by its place among all.
 */
export function insertRandom(rubric: unknown, textOf?: (index: number, length: number) => string): Mistake[] {
  const { random, machine, scenarios, checks } = asMap(rubric);
  const parsed = randomSchema.safeParse(random);
  if (!parsed.success) return [];
  const { seed, words = {}, numbers = {} } = parsed.data;
  const values = new Map(
    valuesOf(parsed.data).map((one, index) => [one.name, textOf?.(index, one.length) ?? randomValue(seed, one, '')] as const),
  );
  const twice = Object.keys(numbers).filter((key) => Object.hasOwn(words, key));
  const inserter = new Inserter(values);
  for (const [key, part] of Object.entries({ machine, scenarios, checks })) inserter.into(part, [key]);
  return [
    ...twice.map(
      (key): Mistake => ({
        path: ['random', 'numbers', key],
        atKey: true,
        code: 'duplicate-id',
        message: `there is a word "${key}" already`,
        remedy: 'names of random values must differ',
      }),
    ),
    ...inserter.mistakes,
  ];
}

/** `identity`: of what was handed in; empty where values are the same for all. */
export function randomValue(seed: number, { name: key, kind, length }: RandomValue, identity: string): string {
  const bytes = bytesOfHex(sha256(`bootgrade/random/v1 ${seed} ${key}${identity === '' ? '' : ` ${identity}`}`));
  return kind === 'word' ? wordOf(bytes, length) : numberOf(bytes, length);
}

/** Whether a text is one that could be drawn for it. */
export function isRandomValue({ kind, length }: RandomValue, text: string): boolean {
  return text.length === length && (kind === 'word' ? /^[a-z]+$/ : /^[1-9][0-9]*$/).test(text);
}

function wordOf(bytes: Uint8Array, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte) => String.fromCharCode(0x61 + (byte % 26))).join('');
}

function numberOf(bytes: Uint8Array, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte, index) => (index === 0 ? 1 + (byte % 9) : byte % 10)).join('');
}

const PLACE = /(\$?)\$\{([A-Za-z][A-Za-z0-9_.-]{0,63})\}/g;

/** Another letter of the name would be a different name. */
const UNCLOSED = /\$\{([A-Za-z][A-Za-z0-9_.-]{0,63})(?:[^A-Za-z0-9_.}-]|$)/;

class Inserter {
  readonly #values: ReadonlyMap<string, string>;
  /** Aliases share what they stand for. */
  readonly #done = new Set<object>();
  readonly mistakes: Mistake[] = [];

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  into(value: unknown, path: readonly PropertyKey[]): void {
    if (typeof value !== 'object' || value === null || this.#done.has(value)) return;
    this.#done.add(value);
    const holder = value as Record<PropertyKey, unknown>;
    for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
      const item = holder[key];
      if (typeof item === 'string') holder[key] = this.#replaced(item, [...path, key]);
      else this.into(item, [...path, key]);
    }
  }

  #replaced(text: string, path: readonly PropertyKey[]): string {
    const [, open] = UNCLOSED.exec(text) ?? [];
    if (open !== undefined && this.#values.has(open))
      this.mistakes.push({ path, code: 'bad-random', message: `"\${${open}" has no }`, remedy: `write \${${open}}` });
    return text.replace(PLACE, (place, dollar: string, key: string) => {
      if (dollar !== '') return place.slice(1);
      const value = this.#values.get(key);
      if (value !== undefined) return value;
      this.mistakes.push({
        path,
        code: 'unknown-name',
        message: `\`random\` has no value "${key}"`,
        remedy: `${suggestion(key, [...this.#values.keys()])} (two dollars stand for the text itself: $${place})`,
      });
      return place;
    });
  }
}

/** The names of all values of a rubric, valid or not. */
export function randomNamesOf(rubric: unknown): Set<string> {
  const { words, numbers } = asMap(asMap(rubric)['random']);
  return new Set([...Object.keys(asMap(words)), ...Object.keys(asMap(numbers))]);
}

/** The names of the values that a text uses. */
export function randomNamesIn(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(PLACE), ([, dollar, key]) => (dollar === '' ? key! : '')));
}
