/**
 * What a file is that should have been a kernel, in words for whoever handed it in. Told by its first bytes; files that say nothing of themselves
 * are "not an ELF file".
 *
 * Reference: ELF, "ELF Header" (e_machine at 18); the psABI supplements' numbers of machines.
 */
import { ARCHIVE_WORDS, archiveKind, BEGINNING } from './archive/kind.ts';
import type { HandInProblem } from './handed-in.ts';

const RISCV = 243;

const MACHINES: Readonly<Record<number, string>> = {
  3: 'x86 with 32 bits',
  8: 'MIPS',
  40: 'ARM with 32 bits',
  62: 'x86-64',
  183: 'ARM64',
  258: 'LoongArch',
};

const MARKS: readonly (readonly [string, string])[] = [
  ['MZ', 'a Windows program'],
  ['\xcf\xfa\xed\xfe', 'a macOS program'],
  ['\xca\xfe\xba\xbe', 'a macOS program, or a Java class'],
  ['!<arch>\n', 'a static library'],
  ['%PDF-', 'a PDF document'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
];

/** What kind of text it is, by how it begins. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^#!.{0,60}sh\b/, 'a shell script'],
  [/^#!/, 'a script'],
  [/^\s*<(!doctype html|html)\b/i, 'a web page'],
  [/^version https:\/\/git-lfs/, 'a pointer of Git LFS, and not the file that it stands for'],
];

const MOST_QUOTED = 40;

/** Controls that texts have: tabs, ends of lines and pages, and what begins a colour. */
const TEXT_CONTROLS = '\t\n\v\f\r\u001b';

export function isElf(beginning: Uint8Array): boolean {
  return beginning.length >= 20 && ascii(beginning.subarray(0, 4)) === '\x7fELF';
}

/** Whether a text editor shows it: UTF-8 without controls. `beginning` may end inside a character. */
export function isText(beginning: Uint8Array): boolean {
  const text = new TextDecoder().decode(beginning, { stream: true });
  return ![...text].some((character) => character === '\ufffd' || (character < ' ' && !TEXT_CONTROLS.includes(character)));
}

/** Why the bytes cannot be a kernel, where one has to be an ELF file for RISC-V; null if they may be one. */
export function whyNoKernel(file: string, bytes: Uint8Array): HandInProblem | null {
  const what = whatItIs(bytes.subarray(0, BEGINNING));
  return what === null ? null : { problem: `${file} is ${what}, so it is no kernel` };
}

/** What the file is, if that is not a kernel; null for a RISC-V ELF. */
export function whatItIs(beginning: Uint8Array): string | null {
  if (isElf(beginning)) return elf(beginning);
  if (beginning.length === 0) return 'an empty file';
  const archive = archiveKind(beginning);
  if (archive !== null) return ARCHIVE_WORDS[archive];
  const start = ascii(beginning);
  const mark = MARKS.find(([bytes]) => start.startsWith(bytes));
  if (mark !== undefined) return mark[1];
  return isText(beginning) ? text(new TextDecoder().decode(beginning, { stream: true })) : 'not an ELF file';
}

function elf(bytes: Uint8Array): string | null {
  const machine = bytes[5] === 2 ? (bytes[18]! << 8) | bytes[19]! : (bytes[19]! << 8) | bytes[18]!;
  const isBigEndian = bytes[5] === 2;
  if (machine === RISCV && !isBigEndian) return null;
  if (isBigEndian && MACHINES[machine] === undefined) return 'a big-endian ELF file, not a little-endian one for RISC-V';
  return `an ELF file for ${MACHINES[machine] ?? `machine ${machine}`}, not for RISC-V`;
}

function text(beginning: string): string {
  const known = TEXTS.find(([pattern]) => pattern.test(beginning));
  if (known !== undefined) return known[1];
  const line = beginning.trim().split('\n', 1)[0]!;
  if (line === '') return 'a text file without text';
  return `a text file that begins with ${JSON.stringify(line.length > MOST_QUOTED ? `${line.slice(0, MOST_QUOTED)}…` : line)}`;
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, BEGINNING));
}
