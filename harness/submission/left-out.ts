/**
 * What lies in a class's folder and is nobody's work: one table, by name and, for files, by how they begin. Everything else on top of a class is a
 * student's. What is left out is said once, with the reason.
 */
import { withoutArchiveExtension } from './archive/kind.ts';
import { isElf, isText } from './what-it-is.ts';

export interface LeftOut {
  readonly entry: string;
  /** Follows "because": "it is a document". */
  readonly reason: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly reason: string;
}

const HIDDEN: Rule = { pattern: /^\./, reason: 'it is hidden (its name begins with a dot)' };

const ANY: readonly Rule[] = [
  HIDDEN,
  { pattern: /^__MACOSX$/, reason: 'it is what macOS adds to archives' },
  { pattern: /^(node_modules|__pycache__)$/, reason: 'it is what a tool has put there' },
];

const FILES: readonly Rule[] = [
  { pattern: /^(Thumbs\.db|desktop\.ini|Icon\r)$/i, reason: 'it is what a file manager has put there' },
  { pattern: /\.(csv|tsv|xlsx?|ods|numbers)$/i, reason: 'it is a table, such as a roster or a gradebook' },
  { pattern: /^(README|LICEN[CS]E|COPYING|CHANGELOG|Makefile)(\.[a-z]+)?$/i, reason: 'it is a document' },
  { pattern: /\.(txt|md|rst|html?|pdf|docx?|odt|pptx?|png|jpe?g|gif|svg|log)$/i, reason: 'it is a document' },
  { pattern: /\.(ya?ml|json|jsonl|toml|xml|ini|lock|blob)$/i, reason: 'it is data, such as a rubric or what a platform writes' },
];

/** Files of sources may be what a student has handed in. */
const SOURCE = /\.(rs|c|cc|cpp|h|hpp|s|asm|zig|go|patch|diff)$/i;

/** null: it is somebody's work. `beginning`: of a file; null if it is not one, or cannot be read. */
export function whyLeftOut(entry: string, kind: 'file' | 'folder' | 'link' | 'other', beginning: Uint8Array | null): string | null {
  // A kernel is one, whatever a platform or a browser has called it.
  const rules = kind === 'folder' || (beginning !== null && isElf(beginning)) ? ANY : [...ANY, ...FILES];
  const rule = rules.find(({ pattern }) => pattern.test(entry));
  if (rule !== undefined) return rule.reason;
  if (beginning === null || SOURCE.test(entry) || isElf(beginning)) return null;
  const isNamedPlainly = !/\.[A-Za-z0-9_]+$/.test(withoutArchiveExtension(entry)) && withoutArchiveExtension(entry) === entry;
  return isNamedPlainly && beginning.length > 0 && isText(beginning) ? 'it is a text' : null;
}
