/** Text in UTF-8. */

const ENCODER = new TextEncoder();
/** A byte order mark is a character like others, as Node's Buffer has it. */
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

export function utf8Bytes(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** What is not UTF-8 becomes U+FFFD. */
export function utf8Text(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}
