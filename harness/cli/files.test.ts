import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginFile, readWhole, sameFile } from './files.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readWhole', () => {
  it('reads a file', () => {
    writeFileSync(at('k'), 'abc');
    expect(Buffer.from(readWhole('kernel', at('k'))).toString()).toBe('abc');
  });

  it('says in one line what is wrong', () => {
    writeFileSync(at('empty'), '');
    expect(() => readWhole('kernel', at('none'))).toThrow(`cannot read the kernel ${at('none')}: no such file`);
    expect(() => readWhole('kernel', folder)).toThrow(`the kernel ${folder} is a directory`);
    expect(() => readWhole('initrd', at('empty'))).toThrow(`the initrd ${at('empty')} is empty`);
    expect(() => readWhole('kernel', at('empty/x'))).toThrow('a part of its path is no directory');
    expect(() => readWhole('kernel', '/dev/zero')).toThrow('the kernel /dev/zero is not a regular file');
  });
});

describe('beginFile', () => {
  it('replaces a file as a whole, and only when published', () => {
    writeFileSync(at('events'), 'old');
    const pending = beginFile('--events', at('events'));
    expect(readFileSync(at('events'), 'utf8')).toBe('old');
    pending.publish('new');
    pending.discard();
    expect(readFileSync(at('events'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['events']);
  });

  it('leaves nothing behind when discarded', () => {
    beginFile('--events', at('events')).discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('follows a link instead of replacing it', () => {
    writeFileSync(at('target'), 'old');
    symlinkSync(at('target'), at('link'));
    beginFile('--events', at('link')).publish('new');
    expect(readFileSync(at('target'), 'utf8')).toBe('new');
  });

  it('knows before the work where it cannot write', () => {
    mkdirSync(at('folder'));
    expect(() => beginFile('--events', at('none/events'))).toThrow(`--events ${at('none/events')}: cannot write it: no such file`);
    expect(() => beginFile('--events', at('folder'))).toThrow(`--events ${at('folder')}: cannot write it: it is a directory`);
  });
});

describe('sameFile', () => {
  it('sees through links and spellings', () => {
    writeFileSync(at('a'), '');
    writeFileSync(at('b'), '');
    symlinkSync(at('a'), at('link'));
    expect([
      sameFile(at('a'), at('link')),
      sameFile(at('a'), at('./a')),
      sameFile(at('a'), at('b')),
      sameFile(at('a'), at('none')),
    ]).toEqual([true, true, false, false]);
  });
});
