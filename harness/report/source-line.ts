/** Where in the student's source an explanation points: what annotations are attached to. */
import type { CodeStack } from '../evidence/code-place.ts';
import { culpritOf, fileOf, type LineFrame } from '../evidence/culprit.ts';
import type { Detail } from '../result/result.ts';
import { clean } from './words.ts';

export interface SourceLine {
  /** Below what was handed in, or else as the kernel's debug information names it; safe to show. */
  readonly file: string;
  readonly line: number;
}

/** The first line that the student wrote of those that the details name; where the course gave all of them, the first of these; null if they name none. */
export function sourceLine(details: readonly Detail[]): SourceLine | null {
  return ownSourceLine(details) ?? placeOf(culpritsOf(details)[0]);
}

/** The same, null where the course gave all of the lines: what is reported there is nothing that the student could mend in them. */
export function ownSourceLine(details: readonly Detail[]): SourceLine | null {
  return placeOf(culpritsOf(details).find(({ given }) => given !== true));
}

function culpritsOf(details: readonly Detail[]): LineFrame[] {
  return details.flatMap(stackOf).flatMap((stack) => culpritOf(stack) ?? []);
}

function placeOf(culprit: LineFrame | undefined): SourceLine | null {
  return culprit === undefined ? null : { file: clean(fileOf(culprit)), line: culprit.line };
}

function stackOf(detail: Detail): CodeStack[] {
  switch (detail.kind) {
    case 'origin':
      return detail.stored?.by === 'kernel' ? [detail.stored.stack] : [];
    case 'printed':
      return detail.stack === null ? [] : [detail.stack];
    case 'code':
      return [detail.stack];
    case 'text':
    case 'expected':
    case 'found':
    case 'request':
    case 'difference':
      return [];
  }
}
