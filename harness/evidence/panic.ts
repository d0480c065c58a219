/** The panic message on a console: Rust's as text or, as OSTD prints it, with `{:#?}`; and C kernels' that print the same. */
import type { Evidence } from './evidence.ts';

export interface Panic {
  /** Bytes of console output before it. */
  readonly offset: number;
  /** As printed, e.g. `src/main.rs`; null where the message names no place. */
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

/** `panicked at src/main.rs:10:5:` and the message on the next line, or before Rust 1.73 `panicked at 'message', src/main.rs:10:5`. */
const NEW = /panicked at ([^\s:']+):(\d+)(?::\d+)?:?[ \t]*\r?\n([^\r\n]*)/;
const OLD = /panicked at '([^\r\n]*)', ([^\s:']+):(\d+)/;
/** Debug of core::panic::PanicInfo, on one line or many; until Rust 1.80 its message was an Option. */
const DEBUG =
  /PanicInfo \{\s*(?:payload: \w+ \{ \.\. \},\s*)?message: (?:Some\(\s*)?([\s\S]*?),?\s*\)?,\s*location: Location \{\s*file: "([^"\r\n]*)",\s*line: (\d+)/;
/** Bytes of a message that are looked at. */
const LONGEST = 4096;
const WORDS = ['panicked at ', 'PanicInfo {'];

/** The last one. */
export function panicOf({ console }: Evidence): Panic | null {
  // One character for each byte.
  const bytes = atob(console);
  const offset = Math.max(...WORDS.map((word) => bytes.lastIndexOf(word)));
  if (offset < 0) return null;
  const text = new TextDecoder().decode(Uint8Array.from(bytes.slice(offset, offset + LONGEST), (byte) => byte.charCodeAt(0)));
  const recent = NEW.exec(text);
  if (recent?.index === 0) return { offset, file: recent[1]!, line: Number(recent[2]), message: recent[3]! };
  const old = OLD.exec(text);
  if (old?.index === 0) return { offset, file: old[2]!, line: Number(old[3]), message: old[1]! };
  const debug = DEBUG.exec(text);
  if (debug?.index === 0) return { offset, file: debug[2]!, line: Number(debug[3]), message: debug[1]!.split(/\r?\n/)[0]! };
  const word = WORDS.find((one) => text.startsWith(one))!;
  return { offset, file: null, line: null, message: text.slice(word.length).trim().split(/\r?\n/)[0]! };
}

export function panicOffset(evidence: Evidence): number | null {
  return panicOf(evidence)?.offset ?? null;
}
