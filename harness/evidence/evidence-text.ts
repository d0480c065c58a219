/**
 * Evidence as JSON, in pieces: a run's requests and the sectors that it changed come one after another, so that evidence of many megabytes
 * never is one string.
 */
import type { Evidence, ImageEvidence } from './evidence.ts';
import { jsonText } from './json-text.ts';

/** The same text as `jsonText` makes of the whole, and a line end. */
export function* evidenceText(evidence: Evidence): Iterable<string> {
  yield* objectText(evidence, {
    requests: () => listText(evidence.requests, (request) => [jsonText(request)]),
    images: () => listText(evidence.images, imageText),
  });
  yield '\n';
}

function imageText(image: ImageEvidence): Iterable<string> {
  return objectText(image, { changed: () => objectText(image.changed, {}) });
}

/** `apart`: fields that come in pieces of their own. */
function* objectText(object: object, apart: Readonly<Record<string, () => Iterable<string>>>): Iterable<string> {
  yield '{';
  let separator = '';
  for (const [name, field] of Object.entries(object)) {
    yield `${separator}${jsonText(name)}:`;
    separator = ',';
    yield* apart[name]?.() ?? [jsonText(field)];
  }
  yield '}';
}

function* listText<Item>(items: readonly Item[], textOf: (item: Item) => Iterable<string>): Iterable<string> {
  yield '[';
  let separator = '';
  for (const item of items) {
    yield separator;
    separator = ',';
    yield* textOf(item);
  }
  yield ']';
}
