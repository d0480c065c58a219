/** How a kernel was built, for people: what the compiler complained of, and what of the hand-in was not built. All of it is safe to show. */
import type { BuildMessage, BuildResult } from '../result/build.ts';
import type { SubmissionResult } from '../result/result.ts';
import { clean, count } from './words.ts';

/** Errors that a report lists; the JSON report has more. */
const MOST_ERRORS = 10;
/** Lines of what a step printed, where no compiler's message is among them. */
const MOST_PRINTED = 5;

/** Empty where the kernel was handed in, or there is nothing to say. */
export function buildLines({ build }: SubmissionResult): string[] {
  if (build === undefined) return [];
  const { missing, ignored, ignoredCount } = build;
  return [
    ...(build.outcome === 'failed' ? failure(build) : []),
    ...missing.map((pattern) => `${clean(pattern)} was not handed in: what the course gave was built`),
    ...(ignoredCount === 0 ? [] : [`no part of the build: ${listed(ignored, ignoredCount)}`]),
  ];
}

function failure({ reason, messages, messagesLeftOut, steps }: BuildResult): string[] {
  const all = messages.filter(({ severity }) => severity === 'error');
  // The first one is the reason.
  const errors = all.filter(({ text }, index) => index > 0 || reason?.endsWith(text) !== true);
  const more = Math.max(0, errors.length - MOST_ERRORS) + messagesLeftOut;
  if (all.length > 0) return [...errors.slice(0, MOST_ERRORS).map(messageText), ...(more === 0 ? [] : [`… and ${more} more`])];
  const printed = (steps.at(-1)?.output ?? '').trimEnd().split('\n').slice(-MOST_PRINTED);
  return printed.filter((line) => line !== '').map(clean);
}

/** As a compiler says it. */
export function messageText({ severity, file, line, column, text }: BuildMessage): string {
  const place = [file, line, column].filter((part) => part !== null).join(':');
  return clean(`${place === '' ? '' : `${place}: `}${severity}: ${text}`);
}

const MOST_LISTED = 3;

function listed(paths: readonly string[], total: number): string {
  const shown = paths.slice(0, MOST_LISTED).map(clean).join(', ');
  return total > MOST_LISTED ? `${shown} and ${count(total - MOST_LISTED, 'further file')}` : shown;
}
