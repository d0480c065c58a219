/**
 * Names of files whose encoding nobody wrote down: in a zip archive without the flag for UTF-8, in a tar archive, or in a folder into which
 * such an archive was unpacked. One computer packed them all, so they are judged together:
 *
 *   1. All are UTF-8: they are that.
 *   2. Read in the western code, each that is not has at most two accented letters in a row, and these stand in words as western
 *      languages have them (no capital after a small letter, no bracket beside one): they are in that code. It is code page 437 in zip archives
 *      (APPNOTE D.1), Latin-1 elsewhere.
 *   3. All are Shift-JIS without half-width letters: they are that.
 *   4. All are GBK: they are that.
 *   5. Else they are in the western code, in which every byte is a character.
 *
 * Reference: the Encoding Standard's `shift_jis` and `gbk`. Left out: other codes, such as Big5 and EUC-KR, which nothing tells apart from GBK.
 */

export type Western = 'cp437' | 'latin1';

/** Code page 437 from 0x80. */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

type Decode = (bytes: Buffer) => string;

/** How to read names of which these are all. The names that come out are not normalised. */
export function decoderFor(names: readonly Buffer[], western: Western): Decode {
  const unknown = names.filter((name) => utf8(name) === null);
  const decodeWestern: Decode = western === 'cp437' ? fromCp437 : (bytes) => bytes.toString('latin1');
  const decode = unknown.every((name) => isWestern(name, decodeWestern))
    ? decodeWestern
    : ([shiftJis, gbk].find((one) => unknown.every((name) => one(name) !== null)) ?? decodeWestern);
  return (bytes) => utf8(bytes) ?? decode(bytes) ?? decodeWestern(bytes);
}

/** null: it is not UTF-8. */
function utf8(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

function fromCp437(bytes: Buffer): string {
  return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : CP437[byte - 0x80])).join('');
}

const LETTERS = /^[\p{ASCII}\p{Script=Latin}]*$/u;

/** What words of western languages do not have. */
const UNLIKELY: readonly RegExp[] = [
  /\P{ASCII}{3}/u,
  // A sign after an accented letter that file names do not have there.
  /\P{ASCII}[!-&*;-@[-^`{-~]/u,
  // A capital after a small letter, one of them accented.
  /[a-zß-öø-ÿ][À-ÖØ-Þ]/u,
  /[ß-öø-ÿ][A-Z]/u,
];

function isWestern(name: Buffer, decode: Decode): boolean {
  const text = decode(name);
  return LETTERS.test(text) && !UNLIKELY.some((sign) => sign.test(text));
}

/** A lead byte of Shift-JIS and what follows it; what begins with anything else above ASCII is a half-width letter, or nothing. */
function shiftJis(name: Buffer): string | null {
  for (let at = 0; at < name.length; at++) {
    const byte = name[at]!;
    if (byte < 0x80) continue;
    if (!((byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xea))) return null;
    at++;
  }
  return strictly('shift_jis', name);
}

function gbk(name: Buffer): string | null {
  return strictly('gbk', name);
}

function strictly(encoding: string, bytes: Buffer): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // These bytes are not in it; or this Node was built without it.
    return null;
  }
}
