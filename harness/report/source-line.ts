/** Where in the student's source an explanation points: what annotations are attached to. */
import type { CodeStack } from '../evidence/explanation.ts';
import type { Detail } from '../result/result.ts';
import { clean } from './words.ts';

export interface SourceLine {
  /** As the kernel's debug information names it, safe to show. */
  readonly file: string;
  readonly line: number;
}

/** The first line of the student's own that the details name; null if none does. */
export function sourceLine(details: readonly Detail[]): SourceLine | null {
  for (const { places } of details.flatMap(stackOf)) {
    for (const { file, line, library } of places.flatMap(({ frames }) => frames)) {
      if (file !== null && line !== null && !library) return { file: clean(file), line };
    }
  }
  return null;
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
