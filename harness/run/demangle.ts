/**
 * Names as programmers wrote them, from the names that linkers see: Rust's legacy scheme and v0 (RFC 2603), and the path of C++ names
 * (itanium.ts). Whatever is none of these, or not well-formed, stays as it is.
 * Left out: v0's constants of other types than integers, bool and char, its `dyn` and function types, and Punycode: shown as `_`.
 */

import { cppPath } from './itanium.ts';

/** Nested parts of a v0 name, and characters of the result. */
const DEEPEST = 64;
const LONGEST = 1000;
/** Characters of a name that is looked at: the hash and the lengths in it are more than the name itself. */
const LONGEST_SYMBOL = 4 * LONGEST;
/** Characters that are read of a v0 name, each again for every back reference to it. */
const MOST_READ = 16 * LONGEST_SYMBOL;

export function demangle(symbol: string): string {
  if (symbol.length > LONGEST_SYMBOL) return symbol;
  return legacy(symbol) ?? v0(symbol) ?? cppPath(symbol) ?? symbol;
}

const ESCAPES: Readonly<Record<string, string>> = { SP: '@', BP: '*', RF: '&', LT: '<', GT: '>', LP: '(', RP: ')', C: ',' };

/**
 * `_ZN`, each part with its length, a part `h` and 16 hex digits, `E`, and perhaps a suffix of LLVM's (`.llvm.123`). Read once from
 * the left: a part is as long as its length says, so there is nothing to try.
 */
function legacy(symbol: string): string | undefined {
  const [start] = /^_?_ZN/.exec(symbol) ?? [];
  if (start === undefined) return undefined;
  const parts: string[] = [];
  let at = start.length;
  while (symbol[at] !== 'E') {
    const [digits] = /^\d{1,4}/.exec(symbol.slice(at, at + 4)) ?? [];
    if (digits === undefined) return undefined;
    const from = at + digits.length;
    at = from + Number(digits);
    parts.push(symbol.slice(from, at));
  }
  if (!/^(?:\.[\w.]+)?$/.test(symbol.slice(at + 1))) return undefined;
  // Without the hash it is a C++ name.
  if (!/^h[0-9a-f]{16}$/.test(parts.pop() ?? '')) return undefined;
  return parts.map(unescaped).join('::').slice(0, LONGEST);
}

function unescaped(part: string): string {
  return part
    .replace(/^_\$/, '$')
    .replace(/\$(?:u([0-9a-f]{1,6})|([A-Z]{1,2}))\$/g, (whole, code: string | undefined, name: string | undefined) => {
      if (name !== undefined) return ESCAPES[name] ?? whole;
      const point = Number.parseInt(code!, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    })
    .replaceAll('..', '::');
}

function v0(symbol: string): string | undefined {
  const body = /^_?_R([A-Z]\w*)(?:\.[\w.]+)?$/.exec(symbol)?.[1];
  if (body === undefined) return undefined;
  try {
    return new V0(body).path(0).slice(0, LONGEST);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

class Malformed extends Error {}

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
  p: '_',
};

/** One method for each of the grammar's rules, named as they are. */
class V0 {
  readonly #text: string;
  #at = 0;
  #written = 0;
  #read = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #next(): string {
    const character = this.#text[this.#at];
    if (character === undefined) throw new Malformed();
    this.#advance(1);
    return character;
  }

  #accept(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#advance(1);
    return true;
  }

  /** Moves on. Back references may lead through the same characters again and again, without writing any: what is read is counted. */
  #advance(length: number): void {
    this.#at += length;
    this.#read += length;
    if (this.#at > this.#text.length || this.#read > MOST_READ) throw new Malformed();
  }

  /** Back references may make a short name very long: what is written is counted. */
  #write(text: string): string {
    this.#written += text.length;
    if (this.#written > 8 * LONGEST) throw new Malformed();
    return text;
  }

  path(depth: number): string {
    if (depth > DEEPEST) throw new Malformed();
    switch (this.#next()) {
      case 'C':
        this.#disambiguator();
        return this.#write(this.#identifier());
      case 'M':
        this.#disambiguator();
        this.path(depth + 1);
        return this.#write(`<${this.#type(depth + 1)}>`);
      case 'X': {
        this.#disambiguator();
        this.path(depth + 1);
        return this.#write(`<${this.#type(depth + 1)} as ${this.path(depth + 1)}>`);
      }
      case 'Y':
        return this.#write(`<${this.#type(depth + 1)} as ${this.path(depth + 1)}>`);
      case 'N':
        return this.#nested(depth);
      case 'I': {
        const path = this.path(depth + 1);
        return this.#write(`${path}<${this.#list(() => this.#argument(depth + 1)).join(', ')}>`);
      }
      case 'B':
        return this.#back(() => this.path(depth + 1));
      default:
        throw new Malformed();
    }
  }

  #nested(depth: number): string {
    const space = this.#next();
    const path = this.path(depth + 1);
    const disambiguator = this.#disambiguator();
    const name = this.#identifier();
    if (/[a-z]/.test(space)) return this.#write(name === '' ? path : `${path}::${name}`);
    const kind = space === 'C' ? 'closure' : space === 'S' ? 'shim' : space;
    return this.#write(`${path}::{${kind}${name === '' ? '' : `:${name}`}#${disambiguator}}`);
  }

  #argument(depth: number): string {
    if (this.#accept('L')) return this.#lifetime();
    return this.#accept('K') ? this.#constant(depth) : this.#type(depth);
  }

  #lifetime(): string {
    this.#base62();
    return "'_";
  }

  #type(depth: number): string {
    if (depth > DEEPEST) throw new Malformed();
    const tag = this.#next();
    const basic = BASIC_TYPES[tag];
    if (basic !== undefined) return this.#write(basic);
    const inner = () => this.#type(depth + 1);
    switch (tag) {
      case 'A':
        return this.#write(`[${inner()}; ${this.#constant(depth + 1)}]`);
      case 'S':
        return this.#write(`[${inner()}]`);
      case 'T':
        return this.#write(`(${this.#list(inner).join(', ')})`);
      case 'R':
      case 'Q':
        if (this.#accept('L')) this.#lifetime();
        return this.#write(`&${tag === 'Q' ? 'mut ' : ''}${inner()}`);
      case 'P':
        return this.#write(`*const ${inner()}`);
      case 'O':
        return this.#write(`*mut ${inner()}`);
      case 'F':
        return this.#function(depth);
      case 'D':
        return this.#dynamic(depth);
      case 'B':
        return this.#back(inner);
      default:
        this.#at--;
        return this.path(depth + 1);
    }
  }

  #function(depth: number): string {
    if (this.#accept('G')) this.#base62();
    this.#accept('U');
    if (this.#accept('K') && !this.#accept('C')) this.#identifier();
    const parameters = this.#list(() => this.#type(depth + 1));
    return this.#write(`fn(${parameters.join(', ')}) -> ${this.#type(depth + 1)}`);
  }

  #dynamic(depth: number): string {
    if (this.#accept('G')) this.#base62();
    const traits = this.#list(() => {
      const path = this.path(depth + 1);
      while (this.#accept('p')) {
        this.#identifier();
        this.#type(depth + 1);
      }
      return path;
    });
    if (!this.#accept('L')) throw new Malformed();
    this.#lifetime();
    return this.#write(`dyn ${traits.join(' + ')}`);
  }

  #constant(depth: number): string {
    if (this.#accept('B')) return this.#back(() => this.#constant(depth + 1));
    if (this.#accept('p')) return '_';
    const type = this.#type(depth + 1);
    const negative = this.#accept('n');
    const digits = /^[0-9a-f]*_/.exec(this.#text.slice(this.#at, this.#at + 64))?.[0];
    if (digits === undefined) throw new Malformed();
    this.#advance(digits.length);
    const value = digits === '_' ? 0n : BigInt(`0x${digits.slice(0, -1)}`);
    if (type === 'bool') return this.#write(value === 0n ? 'false' : 'true');
    if (type === 'char')
      return this.#write(value > 0x20n && value < 0x7fn ? `'${String.fromCharCode(Number(value))}'` : `'\\u{${value.toString(16)}}'`);
    return this.#write(`${negative ? '-' : ''}${value}`);
  }

  #list(item: () => string): string[] {
    const items: string[] = [];
    while (!this.#accept('E')) items.push(item());
    return items;
  }

  /** Reads what stands at an earlier place again. */
  #back(read: () => string): string {
    const tag = this.#at - 1;
    const target = this.#base62();
    if (target >= tag) throw new Malformed();
    const saved = this.#at;
    this.#at = target;
    const text = read();
    this.#at = saved;
    return text;
  }

  /** 0 if there is none. */
  #disambiguator(): number {
    return this.#accept('s') ? this.#base62() + 1 : 0;
  }

  #base62(): number {
    if (this.#accept('_')) return 0;
    let value = 0;
    for (;;) {
      const character = this.#next();
      if (character === '_') return value + 1;
      const digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(character);
      // A crate's disambiguator is a hash of 64 bits, which is not shown.
      value = value * 62 + digit;
      if (digit < 0) throw new Malformed();
    }
  }

  #identifier(): string {
    const punycode = this.#accept('u');
    const digits = /^(?:0|[1-9]\d{0,4})/.exec(this.#text.slice(this.#at, this.#at + 6))?.[0];
    if (digits === undefined) throw new Malformed();
    this.#advance(digits.length);
    this.#accept('_');
    const from = this.#at;
    this.#advance(Number(digits));
    return punycode ? '_' : this.#text.slice(from, this.#at);
  }
}
