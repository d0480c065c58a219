import { describe, expect, it } from 'vitest';
import { device, evidence, image, request } from '../testkit/evidence.ts';
import { parseEvidence } from './read.ts';

const FAULTS = (
  [
    { kind: 'answer', answer: 'IOERR' },
    { kind: 'late', nanoseconds: 5 },
    { kind: 'after-next' },
    { kind: 'interrupt-lost' },
    { kind: 'data', bytes: 3 },
  ] as const
).map((fault) => request({ fault }));

const SAVED = evidence({
  console: 'hello',
  requests: [request(), request({ number: 2, type: null, sector: null, completion: null, problem: 'a loop' }), ...FAULTS],
  devices: [device()],
  images: [image({ initialSha256: 'ab'.repeat(32), changed: { 7: '00'.repeat(512) } })],
});

/** Every place in the evidence, as a path. */
function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]))].filter((one) => one.length > 0);
}

/** The evidence with what stands at the path replaced; undefined takes it away. */
function withAt(path: readonly string[], replacement: unknown): string {
  const copy = structuredClone(SAVED) as unknown as Record<string, unknown>;
  let holder = copy;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string, unknown>;
  holder[path.at(-1)!] = replacement;
  return JSON.stringify(copy);
}

function problemOf(text: string): string | undefined {
  const read = parseEvidence(text);
  return 'problem' in read ? read.problem : undefined;
}

describe('saved evidence', () => {
  it('is read back as it was', () => {
    expect(parseEvidence(JSON.stringify(SAVED))).toEqual(SAVED);
  });

  it('is refused wherever it was cut off', () => {
    const text = JSON.stringify(SAVED);
    for (let length = 0; length < text.length; length += 7) expect(problemOf(text.slice(0, length))).toMatch(/cut off/);
  });

  it('is refused from another version, by name', () => {
    const text = JSON.stringify({ ...SAVED, schema: 'bootgrade/evidence/v2' });
    expect(problemOf(text)).toBe('has the format "bootgrade/evidence/v2"; this version reads bootgrade/evidence/v1');
    expect(problemOf('[]')).toBe('is not evidence');
    expect(problemOf('{"grades":[]}')).toBe('is not evidence');
  });

  it('is refused if any one value is of the wrong type', () => {
    const places = placesIn(SAVED).filter((path) => path.length > 0 && path[0] !== 'setup');
    expect(places.length).toBeGreaterThan(80);
    const taken = places.filter((path) => problemOf(withAt(path, { other: true })) === undefined);
    expect(taken.map((path) => path.join('.'))).toEqual([]);
    expect(problemOf(withAt(['requests', '0', 'type'], 'OUT'))).toBe('does not have the form of bootgrade/evidence/v1, at requests.0.type');
    expect(problemOf(withAt(['images', '0', 'changed', '1\n2'], ''))).toBe(
      'does not have the form of bootgrade/evidence/v1, at images.0.changed.1\\n2',
    );
  });

  it('is refused where any one field is missing', () => {
    const fields = placesIn(SAVED).filter((path) => !/^\d+$/.test(path.at(-1)!));
    const taken = fields.filter((path) => problemOf(withAt(path, undefined)) === undefined);
    expect(taken.map((path) => path.join('.'))).toEqual([]);
  });

  // zod's records ignore this key, so that what it holds would get to code that relies on the types.
  it('is refused where a map has a key that is not a name', () => {
    const named = (text: string, name: string) => text.replace(`"${name}":`, '"__proto__":');
    const text = JSON.stringify(
      evidence({ setup: { keys: 'ab'.repeat(32) }, images: SAVED.images, work: { units: 1, counts: { traps: 1 } } }),
    );
    expect(problemOf(named(text, '7'))).toBe('does not have the form of bootgrade/evidence/v1, at images.0.changed.__proto__');
    expect(problemOf(named(text, 'keys'))).toBe('does not have the form of bootgrade/evidence/v1, at setup.__proto__');
    expect(problemOf(named(text, 'traps'))).toBe('does not have the form of bootgrade/evidence/v1, at work.counts.__proto__');
  });
});
