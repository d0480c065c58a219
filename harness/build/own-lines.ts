/**
 * What of a build is about the student's own files: where these are in what was handed in, and the code around the first errors in them. Files
 * that the rubric calls `given` are the course's, whoever handed them in: nothing of them is shown.
 */
import { SourceLines } from '../explain/source-files.ts';
import { type BuildMessage, failureText } from '../result/build.ts';
import type { BuiltPlace, Submission } from '../submission/handed-in.ts';
import { sourcesAt } from '../submission/sources.ts';
import { matchesPath } from '../vocabulary/path-pattern.ts';
import type { Overlay, TakenFile } from './overlay.ts';

/** Errors that are shown with their code. */
const MOST_EXCERPTS = 5;
/** Files of one hand-in among which reports look for lines. */
const MOST_FILES = 20_000;

export function withOwnLines(submission: Submission, { taken }: Overlay, given: readonly string[]): Submission {
  const { build } = submission;
  if (build === undefined || taken.length > MOST_FILES) return submission;
  const place = placeOf(build.folder, taken);
  const own = taken.filter(({ path }) => !given.some((pattern) => matchesPath(pattern, path)));
  const messages = located(build.messages, placeOf(build.folder, own));
  const reason = build.reason !== null && build.reason === failureText(build.messages) ? failureText(messages) : build.reason;
  const kernel = reason !== null && 'problem' in submission.kernel ? { problem: reason } : submission.kernel;
  return { ...submission, kernel, sources: place, build: { ...build, messages, reason } };
}

function placeOf(top: string, files: readonly TakenFile[]): BuiltPlace {
  return { top, taken: Object.fromEntries(files.map(({ path, from, handedIn }) => [path, { handedIn, from }])) };
}

/** Several errors are often about one line, whose code is shown once. */
function located(messages: readonly BuildMessage[], place: BuiltPlace): BuildMessage[] {
  const files = new Map(Object.entries(place.taken));
  const lines = new SourceLines(sourcesAt(place)!);
  const shown = new Set<string>();
  return messages.map((message) => {
    const { severity, file, line } = message;
    const path = file === null ? undefined : files.get(file)?.handedIn;
    if (path === undefined) return message;
    const name = `${line} ${path}`;
    if (severity !== 'error' || line === null || line === 0 || shown.has(name) || shown.size === MOST_EXCERPTS) return { ...message, path };
    shown.add(name);
    const excerpt = lines.excerpt(path, line);
    return { ...message, path, ...(excerpt === null ? {} : { code: excerpt.code }) };
  });
}
