/**
 * What a rubric and a hand-in say of the places in a run's explanations: which files the course gave, and the student's lines to show.
 *
 * Reports show code of the student's own: of each stack the line that is looked at first. Lines of files that `submission.given` names are
 * never shown, to nobody: they are the course's, and a report may be published.
 */

import type { CodeFrame, CodeStack } from '../evidence/code-place.ts';
import { culpritOf } from '../evidence/culprit.ts';
import type { Explanations, SourceExcerpt } from '../evidence/explanation.ts';
import { matchesPath } from '../vocabulary/path-pattern.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';

/** Which files are the course's. */
export type Rules = Pick<SubmissionRules, 'given' | 'take'>;

/** The explanations with `given` and `code` in their frames. */
export function withPlaces(explanations: Explanations, rules: Rules): Explanations {
  const known = new Map((explanations.sources ?? []).map((one) => [placeName(one.path, one.line), one]));
  return withStacks(explanations, (stack) => withCode(withGiven(stack, rules), known));
}

function placeName(path: string, line: number): string {
  return `${line} ${path}`;
}

function withGiven(stack: CodeStack, rules: Rules): CodeStack {
  return withFrames(stack, (frame) => (isGiven(frame, rules) ? { ...frame, given: true } : frame));
}

function isGiven(frame: CodeFrame, { given, take }: Rules): boolean {
  if (frame.file === null || frame.library) return false;
  if (given.some((pattern) => isMeant(frame, pattern))) return true;
  // What was found among the files that were taken is the student's, wherever it was in the hand-in.
  return take.length > 0 && frame.path === undefined && !take.some((pattern) => isMeant(frame, pattern));
}

/** A path of the compiler's that begins at a root may have the lab's folder anywhere: then its end counts. */
function isMeant({ file, path }: CodeFrame, pattern: string): boolean {
  if (path !== undefined && matchesPath(pattern, path)) return true;
  return file !== null && matchesPath(/^[/…]/.test(file) ? `**/${pattern}` : pattern, file);
}

function withCode(stack: CodeStack, known: ReadonlyMap<string, SourceExcerpt>): CodeStack {
  const culprit = culpritOf(stack);
  const excerpt = culprit === null || culprit.given ? undefined : known.get(placeName(culprit.path ?? '', culprit.line));
  return excerpt === undefined ? stack : withFrames(stack, (frame) => (frame === culprit ? { ...frame, code: excerpt.code } : frame));
}

/** The same details (or findings) in which each stretch of code is shown once: where it is first. */
export function codeOnce<Places>(places: Places): Places {
  const shown = new Set<string>();
  return withStacks(places, (stack) =>
    withFrames(stack, (frame) => {
      if (frame.code === undefined || frame.path === undefined || frame.line === null) return frame;
      const name = placeName(frame.path, frame.line);
      if (!shown.has(name)) {
        shown.add(name);
        return frame;
      }
      const { code: _, ...rest } = frame;
      return rest;
    }),
  );
}

function withFrames(stack: CodeStack, change: (frame: CodeFrame) => CodeFrame): CodeStack {
  return { ...stack, places: stack.places.map((place) => ({ ...place, frames: place.frames.map(change) })) };
}

/** A copy of plain JSON in which each stack, wherever it is, has been changed. */
function withStacks<Json>(value: Json, change: (stack: CodeStack) => CodeStack): Json {
  return changed(value, change) as Json;
}

function changed(value: unknown, change: (stack: CodeStack) => CodeStack): unknown {
  if (Array.isArray(value)) return value.map((item) => changed(item, change));
  if (typeof value !== 'object' || value === null) return value;
  if (isStack(value)) return change(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, changed(item, change)]));
}

/** Nothing else in explanations and details has places. */
function isStack(value: object): value is CodeStack {
  return 'places' in value && 'leftOut' in value;
}
