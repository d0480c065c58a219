/**
 * `random`: values that a kernel cannot know beforehand, so that an answer which is written into it fails. They come from the rubric's seed, so
 * each run of each submission has the same ones, and `${name}` stands for a value in every text of `machine`, `scenarios` and `checks`: what is
 * typed, what an image holds and what a check expects are the same. A value depends on the seed and its own name alone.
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

export const randomSchema = z.strictObject({
  seed: whole()
    .max(2 ** 32 - 1)
    .describe('Decides the values, 0 to 4294967295. Published rubrics have 0.'),
  words: lengths(LONGEST_WORD).describe('Values of small letters: how many, by name.'),
  numbers: lengths(LONGEST_NUMBER).describe('Decimal numbers: how many digits, by name. The first is not 0.'),
});

/** Puts the values into the rubric as written, valid or not, which it changes. A rubric without a valid `random` stays as it is. */
export function insertRandom(rubric: unknown): Mistake[] {
  const { random, machine, scenarios, checks } = asMap(rubric);
  const parsed = randomSchema.safeParse(random);
  if (!parsed.success) return [];
  const { seed, words = {}, numbers = {} } = parsed.data;
  const values = new Map([
    ...Object.entries(words).map(([key, length]): [string, string] => [key, wordOf(bytesOf(seed, key), length)]),
    ...Object.entries(numbers).map(([key, length]): [string, string] => [key, numberOf(bytesOf(seed, key), length)]),
  ]);
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

function bytesOf(seed: number, key: string): Uint8Array {
  return bytesOfHex(sha256(`bootgrade/random/v1 ${seed} ${key}`));
}

function wordOf(bytes: Uint8Array, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte) => String.fromCharCode(0x61 + (byte % 26))).join('');
}

function numberOf(bytes: Uint8Array, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte, index) => (index === 0 ? 1 + (byte % 9) : byte % 10)).join('');
}

const PLACE = /(\$?)\$\{([A-Za-z][A-Za-z0-9_.-]{0,63})\}/g;

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
