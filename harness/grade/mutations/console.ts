/** What the kernel printed, changed: each line removed, and each with other letters. */
import { base64Of, bytesOfBase64 } from '../../bytes/binary.ts';
import { utf8Text } from '../../bytes/text.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { quoted } from '../../evidence/printable.ts';
import { MOST_OF_A_KIND, type Mutation } from './kind.ts';

export function consoleMutations(evidence: Evidence): Mutation[] {
  const bytes = bytesOfBase64(evidence.console);
  return linesOf(bytes)
    .slice(0, MOST_OF_A_KIND)
    .flatMap(({ number, start, end }): Mutation[] => {
      const text = quoted(utf8Text(bytes.subarray(start, end)).trimEnd(), 60);
      const altered = Uint8Array.from(bytes);
      altered.set(bytes.subarray(start, end).map(otherLetter), start);
      return [
        { name: `console/line-${number}/removed`, what: `${text} is not there`, evidence: without(evidence, bytes, start, end) },
        {
          name: `console/line-${number}/altered`,
          what: `${text} has other letters`,
          evidence: { ...evidence, console: base64Of(altered) },
        },
      ];
    });
}

interface Line {
  /** From 1. */
  number: number;
  start: number;
  /** The byte after the line's end. */
  end: number;
}

/** Lines that show something. */
function linesOf(bytes: Uint8Array): Line[] {
  const lines: Line[] = [];
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    if (bytes.subarray(start, end).some((byte) => byte > 0x20)) lines.push({ number, start, end });
    start = end;
  }
  return lines;
}

/** The next letter or digit; everything else stays. */
function otherLetter(byte: number): number {
  const character = String.fromCharCode(byte);
  if (!/[A-Za-z0-9]/.test(character)) return byte;
  return character === 'z' || character === 'Z' || character === '9' ? byte - 1 : byte + 1;
}

/** Requests after the line were made that much earlier in the console's output. */
function without(evidence: Evidence, bytes: Uint8Array, start: number, end: number): Evidence {
  const left = new Uint8Array(bytes.length - (end - start));
  left.set(bytes.subarray(0, start));
  left.set(bytes.subarray(end), start);
  const requests = evidence.requests.map((request) => {
    const before = Math.max(0, Math.min(request.consoleBytes, end) - start);
    return { ...request, consoleBytes: request.consoleBytes - before };
  });
  return { ...evidence, console: base64Of(left), requests };
}
