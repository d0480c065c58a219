import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type BuildMessage, type BuildResult, failureText } from '../result/build.ts';
import type { Submission } from '../submission/handed-in.ts';
import { sourcesAt } from '../submission/sources.ts';
import type { TakenFile } from './overlay.ts';
import { withOwnLines } from './own-lines.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-own-lines-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A file of twenty lines, which was handed in as `handedIn` and built as `path`. */
function taken(path: string, handedIn = path): TakenFile {
  const from = join(root, handedIn);
  mkdirSync(dirname(from), { recursive: true });
  writeFileSync(from, Array.from({ length: 20 }, (_, index) => `line ${index + 1} of ${handedIn}\n`).join(''));
  return { path, from, handedIn };
}

function message(file: string | null, line: number | null, changes: Partial<BuildMessage> = {}): BuildMessage {
  return { severity: 'error', file, line, column: 5, text: 'expected x', ...changes };
}

function built(messages: BuildMessage[], files: readonly TakenFile[], given: string[] = []): Submission & { build: BuildResult } {
  const build: BuildResult = {
    outcome: 'failed',
    reason: failureText(messages) ?? 'the build failed: make ended with exit code 2',
    folder: '/build',
    lines: 'none',
    noLines: null,
    steps: [],
    messages,
    messagesLeftOut: 0,
    taken: files.map(({ path }) => path),
    takenCount: files.length,
    missing: [],
    ignored: [],
    ignoredCount: 0,
  };
  const submission = { name: 's1001', kernel: { problem: build.reason! }, alsoMatched: [], sources: null, build };
  const overlay = { files, taken: files, missing: [], ignored: [] };
  return withOwnLines(submission, overlay, given) as Submission & { build: BuildResult };
}

it('says where the student’s file is in the hand-in, with three lines around an error', () => {
  const { build, kernel } = built([message('src/blk.c', 10)], [taken('src/blk.c', 'lab13/src/blk.c')]);
  const lines = [7, 8, 9, 10, 11, 12, 13].map((line) => `line ${line} of lab13/src/blk.c`);
  expect(build.messages).toMatchObject([{ file: 'src/blk.c', path: 'lab13/src/blk.c', code: { first: 7, lines } }]);
  expect(build.reason).toBe('the build failed: lab13/src/blk.c:10:5: error: expected x');
  expect(kernel).toEqual({ problem: build.reason });
});

it('says nothing of the kind about the course’s files, whoever handed them in', () => {
  const messages = [message('main.c', 3), message('lib/queue.c', 3), message(null, null), message('/usr/include/x.h', 3)];
  const { build } = built(messages, [taken('blk.c'), taken('lib/queue.c')], ['lib/**']);
  expect(build.messages).toEqual(messages);
  expect(build.reason).toBe('the build failed: main.c:3:5: error: expected x (and 3 further errors)');
});

it('shows each line once, of five errors, and of no warning', () => {
  const errors = [1, 1, 2, 3, 4, 5, 6].map((line) => message('blk.c', line));
  const messages = [...errors, message('blk.c', 7, { severity: 'warning' }), message('blk.c', 99), message('blk.c', 0)];
  const { build } = built(messages, [taken('blk.c')]);
  expect(build.messages.map(({ path, code }) => [path, code !== undefined])).toEqual([
    ['blk.c', true],
    ['blk.c', false],
    ...Array(4).fill(['blk.c', true]),
    ...Array(4).fill(['blk.c', false]),
  ]);
});

it('keeps a reason that is not an error of a compiler', () => {
  const { build } = built([message('blk.c', 3, { severity: 'warning' })], [taken('blk.c', 's1001.c')]);
  expect(build.reason).toBe('the build failed: make ended with exit code 2');
});

it('lets explanations find the student’s files by the names that compilers had for them', () => {
  const sources = sourcesAt(built([], [taken('blk.c', 's1001.c')]).sources)!;
  expect(sources.list()).toEqual(['s1001.c']);
  expect(Buffer.from(sources.read('s1001.c')!).toString()).toContain('line 1 of s1001.c');
  expect(sources.read('blk.c')).toBeNull();
  expect(sources.built).toEqual({ top: '/build', files: new Map([['blk.c', 's1001.c']]) });
});
