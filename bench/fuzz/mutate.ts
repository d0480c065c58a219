/** Changes of bytes and of texts, as accidents and attackers make them. */
import type { Random } from '../../machine/testkit/random.ts';

/** Numbers at the edge of some type, of 64 bits. */
const EDGES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  0x7fn,
  0x80n,
  0xffn,
  0x100n,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x1_0000n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 32n,
  1n << 40n,
  1n << 63n,
  (1n << 63n) - 1n,
  -1n,
  -8n,
];

export function anyEdge(random: Random): bigint {
  return BigInt.asUintN(64, random.pick(EDGES) + BigInt(random.below(8) ? 0 : random.between(-2, 2)));
}

/** Writes a little-endian number, as far as there are bytes. */
export function putNumber(bytes: Uint8Array, at: number, value: bigint, width: number): void {
  for (let i = 0; i < width && at + i < bytes.length; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
}

/** Changes some bytes from `from` on, in place. */
export function changeBytes(bytes: Uint8Array, random: Random, from: number, length: number): void {
  if (length <= 0) return;
  const at = from + random.below(length);
  const change = random.below(5);
  if (change === 0) bytes[at]! ^= 1 << random.below(8);
  else if (change === 1) bytes[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x22, 0x2c]);
  else if (change === 2) putNumber(bytes, at, anyEdge(random), random.pick([1, 2, 4, 8]));
  else if (change === 3) putNumber(bytes, at, random.bits64(), random.pick([1, 2, 4, 8]));
  else bytes.copyWithin(at, from + random.below(length), from + random.below(length) + 1 + random.below(16));
}

/** A copy with something changed, cut out, doubled, or put in. */
export function changed(bytes: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const [low, high] = [random.below(bytes.length + 1), random.below(bytes.length + 1)].sort((a, b) => a - b) as [number, number];
  switch (random.below(12)) {
    case 0:
      return copy.slice(0, high);
    case 1:
      return joined(copy.slice(0, low), copy.slice(high));
    case 2:
      return joined(copy.slice(0, high), copy.slice(low));
    case 3:
      return joined(copy.slice(0, low), anyBytes(random, random.below(64)), copy.slice(low));
    default:
      changeBytes(copy, random, 0, copy.length);
      return copy;
  }
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function anyBytes(random: Random, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, () => random.below(256));
}

/** Texts that mean something to somebody: markup, commands, escapes, formulas, names of JavaScript's own. */
const WORDS = [
  ...[
    '',
    ' ',
    '\n',
    '\r\n',
    '\t',
    '\0',
    '"',
    "'",
    '\\',
    ',',
    ';',
    ':',
    '%',
    '-',
    '.',
    '..',
    '/',
    '../../x',
    '=1+1',
    '@',
    '*',
    '**',
    '?',
    '&a',
    '*a',
    '<<',
    '|',
    '>',
    '!!',
    '#',
    '---',
  ],
  ...['null', 'true', 'NaN', '.inf', '0x10', '1e999', '-0', '1_000', '9007199254740993', '-1', '0', '64M', '1s guest', '10G instructions'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'],
  ...[
    '</script><script>',
    ']]>',
    '-->',
    '::error::x',
    '\x1b[2J',
    '\x9b31m',
    '\u202e',
    '\u2028',
    '\ud800',
    '\ufeff',
    '\u{1f600}',
    'é',
    '学生',
  ],
  ...['(a+)+$', '[', '{', '}', 'x'.repeat(300)],
];

export function anyWord(random: Random): string {
  return random.pick(WORDS);
}

/** A copy of the text with a line moved, doubled or dropped, or a word put in or replaced. */
export function changedText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  switch (random.below(6)) {
    case 0:
      return text.slice(0, at) + anyWord(random) + text.slice(at);
    case 1:
      return replaceWord(text, at, anyWord(random));
    case 2:
      return replaceWord(text, at, /[\w.-]+/.exec(text.slice(random.below(text.length + 1)))?.[0] ?? '');
    case 3:
      return text.slice(0, at) + text.slice(at + 1 + random.below(4));
    default: {
      const lines = text.split('\n');
      const [from, to] = [random.below(lines.length), random.below(lines.length)];
      const taken = random.below(3) ? lines.splice(from, 1) : [lines[from]!];
      if (random.below(3)) lines.splice(to, 0, ...taken);
      return lines.join('\n');
    }
  }
}

/** In place of the word that begins next. */
function replaceWord(text: string, at: number, word: string): string {
  const found = /[\w.-]+/.exec(text.slice(at));
  if (found === null) return text;
  const from = at + found.index;
  return text.slice(0, from) + word + text.slice(from + found[0].length);
}

const MOST_CHANGES = 8;

/** One change, or a few of them. */
export function changedOften<Value>(value: Value, random: Random, change: (value: Value, random: Random) => Value): Value {
  let current = value;
  for (let count = 1 + (random.below(2) ? 0 : random.below(MOST_CHANGES)); count > 0; count--) current = change(current, random);
  return current;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function anyJson(random: Random): Json {
  const word = anyWord(random);
  const number = Number(random.pick([BigInt.asIntN(64, anyEdge(random)), BigInt(random.below(100))]));
  return random.pick<Json>([
    null,
    true,
    false,
    number,
    -number,
    0.5,
    word,
    `0x${random.bits64().toString(16)}`,
    [],
    {},
    [word, number],
    { [word]: number },
  ]);
}

/** A copy of a JSON value with one part of it changed: anywhere, and deeper parts as often as the upper ones. */
export function changedJson(value: unknown, random: Random): unknown {
  if (value === null || typeof value !== 'object' || random.below(12) === 0) return changedLeaf(value, random);
  if (Array.isArray(value)) return changedList(value, random);
  const entries = Object.entries(value);
  const at = random.below(entries.length + 1);
  const entry = entries[at];
  if (entry === undefined) return { ...value, [anyWord(random)]: anyJson(random) };
  if (random.below(12) === 0) return Object.fromEntries(entries.filter((_, index) => index !== at));
  return Object.fromEntries(entries.map(([key, part], index) => [key, index === at ? changedJson(part, random) : part]));
}

function changedList(list: readonly unknown[], random: Random): unknown[] {
  const at = random.below(list.length + 1);
  if (at === list.length) return [...list, list.length > 0 && random.below(2) ? random.pick(list) : anyJson(random)];
  switch (random.below(8)) {
    case 0:
      return list.filter((_, index) => index !== at);
    case 1:
      return [...list.slice(0, at), ...Array.from({ length: random.below(20) }, () => list[at]), ...list.slice(at)];
    default:
      return list.map((part, index) => (index === at ? changedJson(part, random) : part));
  }
}

function changedLeaf(value: unknown, random: Random): unknown {
  if (typeof value === 'string' && random.below(2)) return changedText(value, random);
  if (typeof value === 'number' && random.below(2)) return value + random.pick([-1, 1, 0.5, 4096, -4096, 2 ** 32]);
  return anyJson(random);
}

/** One of a file's lines of JSON changed in a field. */
export function changedLine(text: string, random: Random): string {
  const lines = text.split('\n');
  const at = random.below(lines.length - 1);
  try {
    lines[at] = JSON.stringify(changedJson(JSON.parse(lines[at]!), random));
  } catch {
    // It is not JSON any more.
  }
  return lines.join('\n');
}

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
