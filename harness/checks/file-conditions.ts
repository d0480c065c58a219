/** What a rubric wants of one file of a disk: its type, size, mode, links and contents, each with the reason where it is different. */
import { binaryOf, binaryOfText } from '../bytes/binary.ts';
import { hexOf } from '../bytes/hex.ts';
import { Sha256 } from '../bytes/sha256.ts';
import { utf8Text } from '../bytes/text.ts';
import { quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import type { Count } from '../vocabulary/fields.ts';
import { nounOf, shownPath } from './file-system/tree.ts';
import type { FileNode, Volume } from './file-system/volume.ts';
import { firstDifference, hexDifference } from './hex-dump.ts';
import { failed, PASSED, type Verdict } from './kind.ts';
import { lineDifference } from './line-difference.ts';

/** What the rubric says of a file; what is left out may be anything. */
export interface FileExpected {
  path: string;
  type?: 'file' | 'folder' | 'link' | 'device' | undefined;
  size?: Count | undefined;
  equals?: Uint8Array | undefined;
  contains?: string | undefined;
  sha256?: string | undefined;
  /** In octal digits. */
  mode?: string | undefined;
  links?: number | undefined;
}

interface Failure {
  reason: string;
  details: readonly Detail[];
}

export function evaluateFile(expected: FileExpected, file: FileNode, volume: Volume): Verdict {
  const failures = [...typeFailures(expected, file), ...numberFailures(expected, file, volume), ...contentFailures(expected, file, volume)];
  const [first] = failures;
  if (first === undefined) return PASSED;
  const others = failures.slice(1).map(({ reason }): Detail => ({ kind: 'text', text: `${reason}.` }));
  return failed(first.reason, [...failures.flatMap(({ details }) => details), ...others]);
}

function* typeFailures({ path: wanted, type, mode: permissions }: FileExpected, file: FileNode): Iterable<Failure> {
  const shown = shownPath(wanted);
  if (type !== undefined && file.type !== type)
    yield { reason: `${shown} is ${nounOf(file)}, the rubric wants ${nounOf({ type })}`, details: [] };
  if (permissions !== undefined && file.mode !== Number.parseInt(permissions, 8)) {
    yield {
      reason: `${shown} has the mode ${(file.mode ?? 0).toString(8).padStart(4, '0')}, the rubric wants ${permissions.padStart(4, '0')}`,
      details: [],
    };
  }
}

function* numberFailures({ path: wanted, size, links }: FileExpected, file: FileNode, { blockSize }: Volume): Iterable<Failure> {
  const shown = shownPath(wanted);
  if (size !== undefined && (file.size < size.min || file.size > size.max)) {
    const blocks = (length: number) => `${length} bytes (${Math.ceil(length / blockSize)} blocks)`;
    yield { reason: `${shown} has ${blocks(file.size)}, the rubric wants ${wantedSize(size, blocks)}`, details: [] };
  }
  if (links !== undefined && file.links !== links) {
    yield { reason: `${shown} has ${file.links} link${file.links === 1 ? '' : 's'} by its inode, the rubric wants ${links}`, details: [] };
  }
}

function wantedSize({ min, max }: Count, blocks: (length: number) => string): string {
  if (min === max) return blocks(min);
  if (max === Number.MAX_SAFE_INTEGER) return `at least ${blocks(min)}`;
  return min === 0 ? `at most ${blocks(max)}` : `${min} to ${blocks(max)}`;
}

function* contentFailures(expected: FileExpected, file: FileNode, volume: Volume): Iterable<Failure> {
  const { path: wanted, equals, contains, sha256: digest } = expected;
  const shown = shownPath(wanted);
  if (equals === undefined && contains === undefined && digest === undefined) return;
  if (file.type === 'folder' || file.type === 'device') {
    yield { reason: `${shown} is ${nounOf(file)}, and no contents of it are compared`, details: [] };
    return;
  }
  if (equals !== undefined) yield* equalsFailures(equals, shown, { file, volume });
  if (contains !== undefined && !hasText(contains, file, volume)) {
    yield { reason: `${shown} does not contain this text`, details: [{ kind: 'expected', text: quoted(contains) }, begins(file, volume)] };
  }
  if (digest === undefined) return;
  const hash = new Sha256();
  for (const piece of volume.contents(file)) hash.update(piece);
  const found = hash.digest();
  if (found === digest) return;
  const details: Detail[] = [
    { kind: 'expected', text: `SHA-256 ${digest}` },
    { kind: 'found', text: `SHA-256 ${found}, of ${file.size} bytes` },
  ];
  yield { reason: `${shown} holds something else`, details };
}

/** Bytes beyond the expected ones that are looked at. */
const BEYOND = 4096;

function* equalsFailures(wanted: Uint8Array, shown: string, { file, volume }: { file: FileNode; volume: Volume }): Iterable<Failure> {
  const found = firstBytes(volume, file, wanted.length + BEYOND);
  const first = firstDifference(wanted, found);
  if (first === -1) return;
  const sizes = file.size === wanted.length ? '' : `, and has ${file.size} bytes instead of ${wanted.length}`;
  const reason = `${shown} differs from byte ${first} on${sizes}`;
  yield { reason, details: textDifference(found, wanted) ?? hexDifference({ expected: wanted, found, at: 0 }) };
}

/** null: they are not text, or their lines do not show the difference. */
function textDifference(found: Uint8Array, wanted: Uint8Array): Detail[] | null {
  const [there, expected] = [found, wanted].map(linesOf);
  if (!there || !expected) return null;
  return there.join('\n') === expected.join('\n') ? null : lineDifference(there, expected);
}

/** null: there are bytes that no text has. */
function linesOf(content: Uint8Array): string[] | null {
  if (content.some((byte) => (byte < 0x20 && byte !== 0x0a && byte !== 0x09) || byte === 0x7f)) return null;
  const text = utf8Text(content);
  if (text.includes('\ufffd')) return null;
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

function firstBytes(volume: Volume, file: FileNode, most: number): Uint8Array {
  const result = new Uint8Array(Math.min(most, file.size));
  let at = 0;
  for (const piece of volume.contents(file)) {
    result.set(piece.subarray(0, result.length - at), at);
    at += piece.length;
    if (at >= result.length) break;
  }
  return result;
}

/** Bytes that are searched at once. */
const TOGETHER = 2 ** 20;

function hasText(text: string, file: FileNode, volume: Volume): boolean {
  const sought = binaryOfText(text);
  // What was searched ends with what may be the text's beginning.
  let searched = '';
  let waiting = '';
  for (const piece of volume.contents(file)) {
    waiting += binaryOf(piece);
    if (waiting.length < TOGETHER) continue;
    searched = searched.slice(Math.max(0, searched.length - sought.length + 1)) + waiting;
    waiting = '';
    if (searched.includes(sought)) return true;
  }
  return (searched.slice(Math.max(0, searched.length - sought.length + 1)) + waiting).includes(sought);
}

/** Of contents that are shown where a text is missing. */
const SHOWN_BYTES = 64;

function begins(file: FileNode, volume: Volume): Detail {
  const start = firstBytes(volume, file, SHOWN_BYTES);
  if (file.size === 0) return { kind: 'found', text: 'nothing: the file is empty' };
  const isText = linesOf(start) !== null;
  return { kind: 'found', text: `${file.size} bytes, beginning with ${isText ? quoted(utf8Text(start)) : hexOf(start.subarray(0, 16))}` };
}
