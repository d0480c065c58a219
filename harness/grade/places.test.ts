import { describe, expect, it } from 'vitest';
import type { CodeFrame, CodeStack } from '../evidence/code-place.ts';
import type { Explanations } from '../evidence/explanation.ts';
import type { Detail } from '../result/result.ts';
import { codeOnce, type Rules, withPlaces } from './places.ts';

const frame = (file: string, line: number, more: Partial<CodeFrame> = {}): CodeFrame => ({
  function: 'f',
  file,
  line,
  inlined: false,
  library: false,
  ...more,
});

const stack = (...frames: CodeFrame[]): CodeStack => ({ places: [{ address: '0x80200000', frames }], leftOut: 0, notes: [] });

function explanations(panic: CodeStack, sources: Explanations['sources'] = undefined): Explanations {
  return {
    stores: {},
    prints: {},
    panic,
    exception: null,
    entry: null,
    loop: null,
    interrupts: null,
    drivers: [],
    interrupted: null,
    end: null,
    findings: [],
    ...(sources === undefined ? {} : { sources }),
  };
}

const excerpt = (path: string, line: number) => ({ path, line, code: { first: line, lines: [`of ${path}`] } });

function placed(rules: Partial<Rules>, panic: CodeStack, sources?: Explanations['sources']): CodeFrame[] {
  return withPlaces(explanations(panic, sources), { given: [], take: [], ...rules }).panic!.places.flatMap(({ frames }) => frames);
}

const given = (rules: Partial<Rules>, ...frames: CodeFrame[]) => placed(rules, stack(...frames)).map((one) => one.given ?? false);

describe('files that the course gave', () => {
  it('are those that the patterns name, by their path in the hand-in or the compiler’s', () => {
    const rules = { given: ['src/queue.rs', 'user/**'] };
    expect(given(rules, frame('src/queue.rs', 1), frame('src/blk.rs', 1), frame('user/lib/a.c', 1))).toEqual([true, false, true]);
    // Handed in below a folder; the compiler ran in it.
    expect(given(rules, frame('src/queue.rs', 1, { path: 'lab13/src/queue.rs' }))).toEqual([true]);
    // The compiler ran in the file's own folder.
    expect(given(rules, frame('queue.rs', 1, { path: 'src/queue.rs' }), frame('queue.rs', 1))).toEqual([true, false]);
  });

  it('may lie anywhere where the compiler names them from the root', () => {
    expect(given({ given: ['src/queue.rs'] }, frame('/build/lab/src/queue.rs', 1), frame('/build/mysrc/queue.rs', 1))).toEqual([
      true,
      false,
    ]);
  });

  it('are all that is not taken from the student, where that is said', () => {
    expect(given({ take: ['src/blk.rs'] }, frame('src/blk.rs', 1), frame('src/main.rs', 1))).toEqual([false, true]);
  });

  it('are not those that were found among the files that were taken, wherever they lay in the hand-in', () => {
    const rules = { take: ['kernel/blk.c'] };
    // make -C kernel; a file that was handed in alone.
    expect(given(rules, frame('blk.c', 1, { path: 's1001.c' }), frame('blk.c', 1))).toEqual([false, true]);
    expect(given({ ...rules, given: ['blk.c'] }, frame('blk.c', 1, { path: 's1001.c' }))).toEqual([true]);
  });

  it('are no libraries', () => {
    expect(given({ given: ['**'] }, frame('/rustc/123/library/core/src/x.rs', 1, { library: true }))).toEqual([false]);
  });
});

describe('code', () => {
  const own = frame('src/blk.rs', 40, { path: 'src/blk.rs' });
  const queue = frame('src/queue.rs', 7, { path: 'src/queue.rs' });
  const main = frame('src/main.rs', 3, { path: 'src/main.rs' });
  const sources = [excerpt('src/queue.rs', 7), excerpt('src/blk.rs', 40), excerpt('src/main.rs', 3)];

  it('is shown of the innermost line of the student’s own', () => {
    const files = (rules: Partial<Rules>) =>
      placed(rules, stack(queue, own, main), sources).flatMap((one) => (one.code === undefined ? [] : [one.file]));
    expect(files({})).toEqual(['src/queue.rs']);
    expect(files({ given: ['src/queue.rs'] })).toEqual(['src/blk.rs']);
  });

  it('is never shown of what the course gave', () => {
    const frames = placed({ given: ['src/**'] }, stack(queue, own, main), sources);
    expect(frames.map((one) => one.given)).toEqual([true, true, true]);
    expect(JSON.stringify(frames)).not.toContain('of src/');
  });

  it('is of the very line, and of a file that was found', () => {
    expect(placed({}, stack({ ...own, line: 41 }), sources)[0]!.code).toBeUndefined();
    expect(placed({}, stack(frame('src/blk.rs', 40)), sources)[0]!.code).toBeUndefined();
  });

  it('is shown once in one explanation', () => {
    const code = { first: 40, lines: ['x'] };
    const details: Detail[] = [1, 2].map((n) => ({ kind: 'code', text: `place ${n}`, stack: stack({ ...own, code }) }));
    const shown = codeOnce(details).map((detail) => (detail.kind === 'code' ? detail.stack.places[0]!.frames[0]!.code : null));
    expect(shown).toEqual([code, undefined]);
  });
});
