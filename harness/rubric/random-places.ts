/**
 * `random` with `per: submission`: each submission has values of its own, so that a student who reads them in a report and writes them into the kernel
 * changes them by that. A value depends on the rubric's seed, its name, and what was handed in, so the same files get the same values whenever and
 * wherever they are graded.
 *
 * A rubric is read once, and submissions are graded later, in other processes. So it is read with a placeholder for each value, which
 * is as many bytes long as the value, and what the loader has made of it keeps the places at which placeholders stand.
 */
import { binaryOf, binaryOfText, bytesOfBinary } from '../bytes/binary.ts';
import { sha256 } from '../bytes/sha256.ts';
import { type RandomPlace, type RandomSpec, type RandomValues, randomValue, SHORTEST_PER_SUBMISSION } from './random.ts';
import { isHidden, type Rubric } from './types.ts';

/** Characters of the last private-use plane, which no rubric has, one for each value; each has four bytes in UTF-8, as the shortest value. */
const FIRST = 0x10f000;
const PLACEHOLDER = /[\u{10f000}-\u{10f0ff}]/u;

/** As many bytes long as the value. */
export function placeholderOf(index: number, length: number): string {
  return String.fromCodePoint(FIRST + index) + 'x'.repeat(length - SHORTEST_PER_SUBMISSION);
}

export function hasPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text);
}

/** `template`: a rubric that was read with placeholders. The same with values as if nothing had been handed in. `isFile`: whether bytes are those of a file, in which no values are. */
export function withValues(template: Rubric, spec: RandomSpec, isFile: (bytes: Uint8Array) => boolean): Rubric {
  const parts = (['scenarios', 'checks'] as const).flatMap((part) =>
    template[part].flatMap((one) =>
      [...placesIn(one, [], isFile)].map((place) => ({ part, of: 'name' in one ? one.name : one.id, ...place })),
    ),
  );
  const rubric = { ...template, random: { spec, places: parts, values: {}, identity: null } };
  return drawn(rubric, rubric.random, '');
}

/** The rubric with the values of a submission. `identity`: a hash of what was handed in. `given`: values that are to be these instead, by name. */
export function drawnFor(rubric: Rubric, identity: string, given: Readonly<Record<string, string>> = {}): Rubric {
  if (rubric.random === null) return rubric;
  const own = drawn(rubric, rubric.random, identity, given);
  return { ...own, random: { ...own.random!, identity } };
}

function drawn(rubric: Rubric, random: RandomValues, identity: string, given: Readonly<Record<string, string>> = {}): Rubric {
  const { spec, places } = random;
  const values = spec.values.map(({ name, ...one }) => [name, given[name] ?? randomValue(spec.seed, { name, ...one }, identity)] as const);
  const placeholders = spec.values.map(({ length }, index) => placeholderOf(index, length));
  const inserted = (text: string, encoded: (one: string) => string) =>
    values.reduce((all, [, value], index) => all.replaceAll(encoded(placeholders[index]!), value), text);
  let own = { ...rubric, random: { ...random, values: Object.fromEntries(values) } };
  for (const { part, of, path, template } of places) {
    const value =
      typeof template === 'string' ? inserted(template, (one) => one) : bytesOfBinary(inserted(binaryOf(template), binaryOfText));
    own = { ...own, [part]: own[part].map((one) => (('name' in one ? one.name : one.id) === of ? put(one, path, value) : one)) };
  }
  return own;
}

/** The names of the values that stand somewhere in what students see. */
export function visibleNames(rubric: Rubric): Set<string> {
  const { scenarios, checks, random } = rubric;
  if (random === null) return new Set();
  const seen = {
    scenarios: new Set(scenarios.flatMap(({ name, hidden }) => (hidden ? [] : [name]))),
    checks: new Set(checks.flatMap((check) => (isHidden(check, rubric) ? [] : [check.id]))),
  };
  const shown = random.places.filter(({ part, of }) => seen[part].has(of));
  const texts = shown.map(({ template }) => (typeof template === 'string' ? binaryOfText(template) : binaryOf(template)));
  return new Set(
    random.spec.values.flatMap(({ name, length }, index) =>
      texts.some((text) => text.includes(binaryOfText(placeholderOf(index, length)))) ? [name] : [],
    ),
  );
}

type Found = Pick<RandomPlace, 'path' | 'template'>;

function* placesIn(value: unknown, path: readonly string[], isFile: (bytes: Uint8Array) => boolean): Generator<Found> {
  if (typeof value === 'string') {
    if (hasPlaceholder(value)) yield { path, template: value };
  } else if (value instanceof Uint8Array) {
    if (!isFile(value) && binaryOf(value).includes('\xf4\x8f\x80')) yield { path, template: value };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* placesIn(item, [...path, key], isFile);
  }
}

/** A copy of plain data with another value at the path. What the loader puts into RAM names the hash of its bytes. */
function put<T>(holder: T, [key, ...rest]: readonly string[], value: string | Uint8Array): T {
  if (key === undefined) return value as T;
  const copy = (Array.isArray(holder) ? [...holder] : { ...holder }) as Record<string, unknown>;
  copy[key] = put(copy[key], rest, value);
  if (rest.length === 0 && value instanceof Uint8Array && Object.hasOwn(copy, 'sha256')) copy['sha256'] = sha256(value);
  return copy as T;
}
