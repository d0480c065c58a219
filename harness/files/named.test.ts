import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginNamed, readWhole } from './named.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('readWhole', () => {
  it('reads a file', () => {
    writeFileSync(at('k'), 'abc');
    expect(Buffer.from(readWhole('kernel', at('k'), 10)).toString()).toBe('abc');
  });

  it('says in one line what is wrong', () => {
    writeFileSync(at('empty'), '');
    expect(() => readWhole('kernel', at('none'), 10)).toThrow(`cannot read the kernel ${at('none')}: no such file`);
    expect(() => readWhole('kernel', folder, 10)).toThrow(`cannot read the kernel ${folder}: it is a folder`);
    expect(() => readWhole('initrd', at('empty'), 10)).toThrow(`cannot read the initrd ${at('empty')}: it is empty`);
    expect(() => readWhole('kernel', at('empty/x'), 10)).toThrow('a part of its path is not a folder');
    expect(() => readWhole('kernel', '/dev/zero', 10)).toThrow('cannot read the kernel /dev/zero: it is a device, a pipe or a socket');
  });
});

describe('beginNamed', () => {
  it('replaces a file as a whole, and only when published', () => {
    writeFileSync(at('events'), 'old');
    const pending = beginNamed('--events', at('events'));
    expect(readFileSync(at('events'), 'utf8')).toBe('old');
    pending.publish('new');
    pending.discard();
    expect(readFileSync(at('events'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['events']);
  });

  it('leaves nothing behind when discarded', () => {
    beginNamed('--events', at('events')).discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('follows a link instead of replacing it', () => {
    writeFileSync(at('target'), 'old');
    symlinkSync(at('target'), at('link'));
    beginNamed('--events', at('link')).publish('new');
    expect(readFileSync(at('target'), 'utf8')).toBe('new');
  });

  it('knows before the work where it cannot write', () => {
    mkdirSync(at('folder'));
    expect(() => beginNamed('--events', at('none/events'))).toThrow(`--events ${at('none/events')}: cannot write it: no such file`);
    expect(() => beginNamed('--events', at('folder'))).toThrow(`--events ${at('folder')}: cannot write it: it is a folder`);
  });
});
