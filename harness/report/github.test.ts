/** Held against what the toolkit of GitHub's own actions prints (@actions/core), and read back as the runner does. */
import { error } from '@actions/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { finding } from '../testkit/evidence.ts';
import { errored, hostile, stack, subject } from '../testkit/sample-hostile.ts';
import { check, result, scenario, writableData } from '../testkit/sample-results.ts';
import { wholeText } from './format.ts';
import { github } from './github.ts';

function file(extension: 'github.txt' | 'github.md', results: readonly SubmissionResult[]): string {
  const part = github.parts.find((one) => one.extension === extension);
  if (part?.scope !== 'class') throw new Error(`no ${extension}`);
  const subjects = results.map((of) => subject(of));
  return wholeText(part.render(subjects, {}, []));
}

function commands(...results: SubmissionResult[]): string[] {
  return file('github.txt', results).trimEnd().split('\n');
}

interface Annotation {
  readonly kind: string;
  readonly properties: Record<string, string>;
  readonly message: string;
}

/** By the documentation of workflow commands: `::kind name=value,name=value::message`, with the escapes undone. */
function annotation(line: string): Annotation {
  const [, kind, properties = '', message] = /^::(\w+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  const data = (text: string) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  const property = (text: string) => data(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
  const pairs = properties.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), property(pair.slice(pair.indexOf('=') + 1))]);
  return { kind: kind!, properties: properties === '' ? {} : Object.fromEntries(pairs), message: data(message!) };
}

/** A check that failed at a line of the source. */
function failedAt(id: string, line: number) {
  const details = [{ kind: 'code' as const, text: 'stored at', stack: stack('src/queue.rs', line) }];
  return check(id, { title: '100%, at: last', outcome: 'failed', score: 0, reason: 'it is wrong', details });
}

afterEach(() => vi.restoreAllMocks());

describe('annotations', () => {
  it('warn of a race at its line, once, whatever the score', () => {
    const race = { ...finding({ rule: 'race-load', message: 'Too early.' }), details: [], stack: stack('src/blk.rs', 16) };
    const note = { ...finding({ severity: 'note', rule: 'status-byte-polled' }), details: [], stack: stack('src/blk.rs', 17) };
    const scenarios = [scenario({ findings: [race, note] }), scenario({ name: 'again', findings: [race] })];
    const [warning, ...others] = commands(result({ scenarios })).map(annotation);
    expect(warning).toMatchObject({ kind: 'warning', properties: { file: 'src/blk.rs', line: '16', title: 'race-load' } });
    expect(warning!.message).toContain('Too early.');
    expect(others.map(({ kind }) => kind)).toEqual(['notice']);
  });

  it('have the code around their line', () => {
    const known = stack('src/blk.rs', 16);
    const code = { first: 15, lines: ['    let at = 0;', '    wait(at);'] };
    const places = known.places.map((place) => ({ ...place, frames: place.frames.map((frame) => ({ ...frame, code })) }));
    const shown = '\n    15 | let at = 0;\n  > 16 | wait(at);';
    const race = { ...finding({ rule: 'race-load', message: 'Too early.' }), details: [], stack: { ...known, places } };
    const details = [{ kind: 'code' as const, text: 'stored at', stack: { ...known, places } }];
    const checks = [check('flags', { outcome: 'failed', details })];
    const all = commands(result({ outcome: 'failed', checks, scenarios: [scenario({ findings: [race] })] })).map(annotation);
    expect(all.map(({ kind, message }) => [kind, message.includes(shown)])).toEqual([
      ['error', true],
      ['warning', true],
      ['notice', false],
    ]);
  });

  it('do not warn at lines that the course gave', () => {
    const known = stack('src/lib.c', 5);
    const places = known.places.map((place) => ({ ...place, frames: place.frames.map((frame) => ({ ...frame, given: true })) }));
    const given = { ...known, places };
    const alone = { ...finding({ rule: 'race-load' }), details: [], stack: given };
    expect(commands(result({ scenarios: [scenario({ findings: [alone] })] })).map((line) => annotation(line).kind)).toEqual(['notice']);
    // Who stored what the given code passes on to the device may be the student's.
    const details = [{ kind: 'code' as const, text: 'stored at', stack: stack('src/blk.c', 9) }];
    const [warning] = commands(result({ scenarios: [scenario({ findings: [{ ...alone, details }] })] })).map(annotation);
    expect(warning).toMatchObject({ kind: 'warning', properties: { file: 'src/blk.c', line: '9' } });
  });

  it('stand at the line that the student wrote, not in code that was given', () => {
    const places = stack('src/queue.rs', 111).places.map(({ address, frames }) => {
      const [given] = frames.map((one) => ({ ...one, given: true }));
      return { address, frames: [given!, { ...given!, file: 'blk.rs', path: 'lab/src/blk.rs', line: 40, given: undefined }] };
    });
    const at = (stacks: ReturnType<typeof stack>[]) => {
      const details = stacks.map((one) => ({ kind: 'code' as const, text: 'stored at', stack: one }));
      const [first] = commands(result({ outcome: 'failed', checks: [check('flags', { outcome: 'failed', details })] })).map(annotation);
      return first!;
    };
    const mixed = { ...stack('src/queue.rs', 111), places };
    const onlyGiven = { ...mixed, places: places.map(({ address, frames }) => ({ address, frames: frames.slice(0, 1) })) };
    expect(at([mixed]).properties).toMatchObject({ file: 'lab/src/blk.rs', line: '40' });
    expect(at([onlyGiven, mixed]).properties).toMatchObject({ file: 'lab/src/blk.rs', line: '40' });
    expect(at([onlyGiven]).properties).toMatchObject({ file: 'src/queue.rs', line: '111' });
    expect(at([onlyGiven]).message).toContain('in code that was given');
  });

  it('stand at the source line, with what went wrong', () => {
    const [first, last] = commands(result({ outcome: 'failed', score: 0, checks: [failedAt('flags', 111)] })).map(annotation);
    expect(first).toEqual({
      kind: 'error',
      properties: { file: 'src/queue.rs', line: '111', title: 'flags: 100%, at: last' },
      message: 'it is wrong\nstored at  src/queue.rs:111 write',
    });
    expect(last).toEqual({ kind: 'notice', properties: { title: 'Lab 13: I/O and storage' }, message: '0/10' });
  });

  it('are escaped as @actions/core escapes them', () => {
    let printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    const [ours] = commands(result({ outcome: 'failed', score: 0, checks: [failedAt('flags', 111)] }));
    const { message, properties } = annotation(ours!);
    error(message, { title: properties['title']!, file: 'src/queue.rs', startLine: 111 });
    const sorted = (line: string) =>
      line.trimEnd().replace(/^::error (.*?)::/, (_, list: string) => `::error ${list.split(',').sort().join()}::`);
    expect(sorted(ours!)).toBe(sorted(printed));
  });

  it('say where the kernel hangs', () => {
    const why = [{ kind: 'code' as const, text: 'looping at', stack: stack('src/queue.rs', 37) }];
    const [first] = commands(result({ outcome: 'failed', scenarios: [scenario({ stop: { reason: 'hang' }, why })] })).map(annotation);
    expect(first?.properties).toMatchObject({ file: 'src/queue.rs', line: '37', title: 'hang: the kernel provably runs for ever' });
  });

  it('are ten of a kind at most, with a notice of the rest', () => {
    const checks = Array.from({ length: 25 }, (_, index) => failedAt(`c${index}`, index + 1));
    const all = commands(result({ outcome: 'failed', score: 0, checks })).map(annotation);
    expect(all.filter(({ kind }) => kind === 'error')).toHaveLength(10);
    expect(all.filter(({ kind }) => kind === 'notice').map(({ message }) => message)).toEqual([
      '15 more are in the job summary: GitHub shows 10 errors of a step',
      '0/10',
    ]);
  });

  it('cannot be forged by what a kernel prints', () => {
    for (const line of commands(hostile(), errored())) expect(line).toMatch(/^::(error|notice)/);
    expect(
      commands(hostile(), errored())
        .map(annotation)
        .map(({ kind }) => kind),
    ).toEqual(['error', 'error']);
  });
});

describe('the job summary', () => {
  it('is the report of one submission, or the table of several and the reports of those that did not pass', () => {
    expect(file('github.md', [writableData()])).toMatch(/^# ✗ writable-data/);
    const several = file('github.md', [result(), writableData()]);
    expect(several).toMatch(/^\|/);
    expect(several).toContain('## ✗ writable-data');
    expect(several).not.toContain('## ✓ alice');
  });

  it('begins with the first check that failed and its chain, before the table', () => {
    const text = file('github.md', [writableData()]);
    const [first, table] = ['## ✗ write-flags', '|  | Check |'].map((part) => text.indexOf(part));
    expect(first).toBeGreaterThan(0);
    expect(table).toBeGreaterThan(first!);
    expect(text.slice(first, table)).toMatch(/desc 4 +data .*device WRITES/);
    expect(text.match(/^## ✗ write-flags/gm)).toHaveLength(1);
  });

  it('stays within 1 MiB, and says what it leaves out', () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ ...writableData(), name: `ü${index}` }));
    const text = file('github.md', many);
    const bytes = Buffer.byteLength(text);
    expect(bytes).toBeLessThanOrEqual(1024 * 1024);
    expect(bytes).toBeGreaterThan(1000 * 1024);
    expect(text.trimEnd().endsWith('_What follows is left out: a job summary holds at most 1 MiB._')).toBe(true);
    expect(text.match(/^```/gm)!.length % 2).toBe(0);
  });
});
