import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Identity, namesSha256 } from './identity.ts';
import { Journal, type JournalEntry, journalFile } from './journal.ts';

const NAMES = ['alice', 'bob', 'carol'];

const IDENTITY: Identity = {
  tool: 'bootgrade 0',
  rubric: 'r',
  images: 'i',
  audience: 'instructor',
  print: 'student',
  attempt: 1,
  explain: 'failures',
  reports: 'f',
  roster: null,
  class: namesSha256(NAMES),
  handIns: 'h',
  shard: null,
  submissions: NAMES,
  missing: [],
};

function entry(name: string): JournalEntry {
  return { name, kernelSha256: '00', reportSha256: '11', outcome: 'passed' };
}

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-journal-'));
  file = journalFile(folder, null);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As a batch leaves it that was killed after these submissions. */
function interrupted(...names: string[]): void {
  const journal = Journal.begin(file, IDENTITY);
  for (const name of names) journal.add(entry(name));
  journal.close();
}

function resumed(identity = IDENTITY): string[] {
  const journal = Journal.resume(file, identity);
  journal.close();
  return [...journal.entries.keys()];
}

describe('a journal', () => {
  it('knows what was graded before', () => {
    interrupted('bob', 'alice');
    expect(resumed()).toEqual(['bob', 'alice']);
  });

  it('begins where there is none, and anew where it is not gone on with', () => {
    expect(resumed()).toEqual([]);
    interrupted('bob');
    Journal.begin(file, IDENTITY).close();
    expect(resumed()).toEqual([]);
  });

  it('is true up to its last whole line, wherever it was cut off', () => {
    interrupted('alice', 'bob');
    const whole = readFileSync(file);
    const [header, first] = whole.toString().split('\n', 2) as [string, string];
    for (let size = whole.length; size >= 0; size--) {
      writeFileSync(file, whole);
      truncateSync(file, size);
      const known = size === whole.length ? 2 : size > header.length + 1 + first.length ? 1 : 0;
      const journal = Journal.resume(file, IDENTITY);
      expect([size, journal.entries.size]).toEqual([size, known]);
      expect(readFileSync(file, 'utf8')).toMatch(/\n$/);
      journal.add(entry('carol'));
      journal.close();
      expect(resumed()).toContain('carol');
    }
  });

  it('knows what was being graded when the batch was killed', () => {
    const journal = Journal.begin(file, IDENTITY);
    journal.begun('alice');
    journal.begun('bob');
    journal.add(entry('alice'));
    journal.begun('carol');
    journal.close();
    const again = Journal.resume(file, IDENTITY);
    expect([[...again.entries.keys()], [...again.interrupted]]).toEqual([['alice'], ['bob', 'carol']]);
    again.add(entry('bob'));
    again.close();
    const third = Journal.resume(file, IDENTITY);
    expect([...third.interrupted]).toEqual(['carol']);
    third.add(entry('carol'));
    third.finish();
    expect(readFileSync(file, 'utf8')).not.toContain('begun');
  });

  it('ends in the order of the submissions, whatever order they ended in', () => {
    const texts = [
      ['carol', 'alice', 'bob'],
      ['alice', 'bob', 'carol', 'bob'],
    ].map((order) => {
      const journal = Journal.begin(file, IDENTITY);
      for (const name of order) journal.add(entry(name));
      journal.finish();
      return readFileSync(file, 'utf8');
    });
    expect(texts[0]).toBe(texts[1]);
    expect(resumed()).toEqual(NAMES);
  });

  it.each([
    [{ rubric: 'x' }, 'a different rubric'],
    [{ tool: 'bootgrade 1' }, 'a different version of bootgrade'],
    [{ class: 'x', submissions: ['alice', 'dave'] }, 'other submissions'],
    [{ roster: 'x', attempt: 2 }, 'a different --attempt, a different roster, or different columns of it'],
    [{ shard: { index: 1, count: 2 } }, 'a different --shard'],
    [{ audience: 'student' as const }, 'a different --for'],
  ])('of another batch (%j) is refused with what differs', (change, words) => {
    interrupted('alice');
    expect(() => resumed({ ...IDENTITY, ...change })).toThrow(`${file} belongs to a different grading (${words}); leave out --resume`);
  });

  it.each(['x', 'null', '{"name":7}'])('is refused where a line of it is damaged: %s', (line) => {
    interrupted('alice');
    appendFileSync(file, `${line}\n`);
    expect(() => resumed()).toThrow(`${file}:3 is damaged`);
  });

  it('is refused where its first line is damaged, or of another version', () => {
    interrupted('alice');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace('"attempt":1', '"attempt":"one"'));
    expect(() => resumed()).toThrow(`${file}:1 is damaged`);
    writeFileSync(file, whole.replace('journal/v1', 'journal/v2'));
    expect(() => resumed()).toThrow(`${file} has the format "bootgrade/journal/v2"; this version goes on with bootgrade/journal/v1`);
  });

  it('never takes the place of a file that is none', () => {
    for (const text of ['notes\n', '{"schema":"bootgrade/result/v1"}\n', 'x']) {
      writeFileSync(file, text);
      expect(() => Journal.begin(file, IDENTITY)).toThrow('not one of our journals');
      expect(() => Journal.resume(file, IDENTITY)).toThrow('not one of our journals');
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });
});
