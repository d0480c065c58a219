/** How a kernel was built, for people: what the compiler complained of, and what of the hand-in was not built. All of it is safe to show. */
import { type BuildMessage, type BuildResult, compilerText } from '../result/build.ts';
import type { SubmissionResult } from '../result/result.ts';
import { excerptLines } from './excerpt.ts';
import { type Line, sentence } from './lines.ts';
import { type Colors, clean, count } from './words.ts';

/** Errors that a report lists; the JSON report has more. */
const MOST_ERRORS = 10;
/** Lines of what a step printed, where no compiler's message is among them. */
const MOST_PRINTED = 5;
/** Paths that are named where there may be many. */
const MOST_LISTED = 3;

type Built = Pick<SubmissionResult, 'build'>;

/** What stands below the reason: the errors with the student's code, and what was built instead of what. Empty where there is nothing to say. */
export function buildLines({ build }: Built, colors: Colors): Line[] {
  if (build === undefined) return [];
  const { missing, ignored, ignoredCount } = build;
  const notes = [
    ...missing.slice(0, MOST_LISTED).map((pattern) => `${clean(pattern)} was not handed in: what the course gave was built`),
    ...(missing.length > MOST_LISTED ? [`nor were ${count(missing.length - MOST_LISTED, 'further file')} that the lab takes`] : []),
    ...(ignoredCount === 0 ? [] : [`no part of the build: ${listed(ignored, ignoredCount)}`]),
  ];
  return [...(build.outcome === 'failed' ? failure(build, colors) : []), ...notes.map((text) => sentence(text))];
}

/** The first error is part of the reason: of it, only the code is still to be shown. */
function failure({ reason, messages, messagesLeftOut, steps }: BuildResult, colors: Colors): Line[] {
  const errors = messages.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) {
    const printed = (steps.at(-1)?.output ?? '').trimEnd().split('\n').slice(-MOST_PRINTED);
    return printed.filter((line) => line !== '').map((line) => sentence(clean(line)));
  }
  const isTold = reason?.includes(compilerText(errors[0]!)) === true;
  // Errors are kept before warnings: where there are warnings, no error is left out.
  const more = Math.max(0, errors.length - MOST_ERRORS) + (errors.length === messages.length ? messagesLeftOut : 0);
  return [
    ...errors.slice(0, MOST_ERRORS).flatMap((error, index) => errorLines(error, { isTold: isTold && index === 0 }, colors)),
    ...(more === 0 ? [] : [sentence(`… and ${more} more in the JSON report`)]),
  ];
}

function errorLines(error: BuildMessage, { isTold }: { isTold: boolean }, colors: Colors): Line[] {
  const code = error.code === undefined ? [] : excerptLines(error.code, error.line, colors);
  return [...(isTold ? [] : [sentence(messageText(error))]), ...code];
}

/** As a compiler says it. */
export function messageText(message: BuildMessage): string {
  return clean(compilerText(message));
}

function listed(paths: readonly string[], total: number): string {
  const shown = paths.slice(0, MOST_LISTED).map(clean).join(', ');
  return total > MOST_LISTED ? `${shown} and ${count(total - MOST_LISTED, 'further file')}` : shown;
}

/** Warnings about lines of the student's own. What compilers say of the course's files is in the JSON report. */
export function ownWarnings({ build }: Built): BuildMessage[] {
  return (build?.messages ?? []).filter(({ severity, path }) => severity === 'warning' && path !== undefined);
}

/** How many warnings there are, and the first of them; `most`: that many. */
export function warningLines(result: Built, colors: Colors, most: number = MOST_LISTED): Line[] {
  const warnings = ownWarnings(result);
  if (warnings.length === 0) return [];
  const more = warnings.length - most;
  return [
    sentence(colors.dim(warningsHead(warnings.length))),
    ...warnings.slice(0, most).map((warning) => sentence(messageText(warning), '  ')),
    ...(more > 0 ? [sentence(`… and ${more} more in the JSON report`, '  ')] : []),
  ];
}

export function warningsHead(number: number): string {
  return `${count(number, 'warning')} of the compiler:`;
}
