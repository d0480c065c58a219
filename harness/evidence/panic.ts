/** The panic message on a console: Rust's as text or, as OSTD prints it, with `{:#?}`; and `panic: …` of kernels in C. */
import type { Evidence } from './evidence.ts';

export interface Panic {
  /** Bytes of console output before it. */
  readonly offset: number;
  /** As printed, e.g. `src/main.rs`; null if the message names no place. */
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

/** `panicked at src/main.rs:10:5:` and the message on the next line, or before Rust 1.73 `panicked at 'message', src/main.rs:10:5`. */
const NEW = /^panicked at ([^\s:']+):(\d+)(?::\d+)?:?[ \t]*\r?\n([^\r\n]*)/;
const OLD = /^panicked at '([^\r\n]*)', ([^\s:']+):(\d+)/;
/** Debug of core::panic::PanicInfo, on one line or many, up to its message; until Rust 1.80 that was an Option. The place follows the message. */
const DEBUG = /^PanicInfo \{\s*(?:payload: \w+ \{ \.\. \},\s*)?message: (?:Some\(\s*)?/;
const DEBUG_PLACE = /^location: Location \{\s*file: "([^"\r\n]*)",\s*line: (\d+)/;
/** Bytes of a message that are looked at. */
const LONGEST = 4096;
const WORDS = ['panicked at ', 'PanicInfo {'];

/** At the beginning of a line, maybe after a color, a tag in brackets, or whose panic it is: `[    0.1] Kernel panic - not syncing: …`. */
const IN_C =
  /^(?:\W?\[[\d;]{0,9}m)?(?:\[[^\]\r\n]{0,40}\] ?)?(?:kernel |(?:hart|cpu) ?\d{1,4}:? )?(panic(?: ?[:!] ?| - | at )([^\r\n]{0,300}))/gim;

/** The last one; the first of several in a row that say the same. */
export function panicOf({ console, requests }: Evidence): Panic | null {
  // One character for each byte.
  const bytes = atob(console);
  const offset = Math.max(...WORDS.map((word) => bytes.lastIndexOf(word)));
  if (offset >= 0) return panicInRust(bytes, offset);
  const inC = panicInC(bytes);
  // A kernel that goes on to use its disk has only printed the word.
  return inC === null || requests.some(({ consoleBytes }) => consoleBytes > inC.offset) ? null : inC;
}

function panicInC(bytes: string): Panic | null {
  if (!/panic/i.test(bytes)) return null;
  let found = null as Pick<Panic, 'offset' | 'message'> | null;
  for (const match of bytes.matchAll(IN_C)) {
    // A handler that panics itself prints the word again and again.
    const message = match[2]!.replace(/^(?:panic[:! -]*)+/i, '').trim();
    if (found?.message !== message) found = { offset: match.index + match[0].length - match[1]!.length, message };
  }
  return found === null ? null : { ...found, file: null, line: null };
}

function panicInRust(bytes: string, offset: number): Panic {
  const text = new TextDecoder().decode(Uint8Array.from(bytes.slice(offset, offset + LONGEST), (byte) => byte.charCodeAt(0)));
  const recent = NEW.exec(text);
  if (recent !== null) return { offset, file: recent[1]!, line: lineNumber(recent[2]!), message: recent[3]! };
  const old = OLD.exec(text);
  if (old !== null) return { offset, file: old[2]!, line: lineNumber(old[3]!), message: old[1]! };
  const debug = debugOf(text);
  if (debug !== null) return { offset, ...debug };
  const word = WORDS.find((one) => text.startsWith(one))!;
  return { offset, file: null, line: null, message: firstLine(text.slice(word.length).trim()) };
}

function debugOf(text: string): Omit<Panic, 'offset'> | null {
  const [start] = DEBUG.exec(text) ?? [];
  const end = start === undefined ? -1 : text.indexOf('location: Location {', start.length);
  const place = end < 0 ? null : DEBUG_PLACE.exec(text.slice(end));
  if (place === null) return null;
  const message = withoutEnd(text.slice(start!.length, end), ',');
  const isOption = start!.includes('Some(');
  const plain = isOption ? withoutEnd(withoutEnd(message, ')'), ',') : message;
  return { file: place[1]!, line: lineNumber(place[2]!), message: firstLine(plain) };
}

function withoutEnd(text: string, end: string): string {
  const trimmed = text.trimEnd();
  return trimmed.endsWith(end) ? trimmed.slice(0, -1).trimEnd() : trimmed;
}

/** The first digits only: a longer number is not a line of any file. */
function lineNumber(digits: string): number {
  return Number(digits.slice(0, 9));
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0]!;
}

export function panicOffset(evidence: Evidence): number | null {
  return panicOf(evidence)?.offset ?? null;
}
