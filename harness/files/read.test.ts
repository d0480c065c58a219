import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listFolder, lookAt, readBeginning, readIfThere, readLines, readRegular, sameFile } from './read.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(at(name), content);
  return at(name);
};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-read-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file that is read', () => {
  it('is a regular file of at most so many bytes', () => {
    expect(readRegular(put('a', 'abc'), 3).toString()).toBe('abc');
    expect(() => readRegular(put('a', 'abcd'), 3)).toThrow('it has 4 bytes, the most is 3');
    truncateSync(put('sparse', ''), 2 ** 40);
    expect(() => readRegular(at('sparse'), 2 ** 30)).toThrow('it has 1099511627776 bytes');
    expect(readBeginning(at('sparse'), 2)).toEqual(Buffer.alloc(2));
  });

  it('is nothing that one would have to wait for, or that never ends', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const server = createServer().listen(at('socket'));
    await new Promise((listening) => server.on('listening', listening));
    try {
      expect(() => readRegular(at('pipe'), 9)).toThrow('it is a device, a pipe or a socket');
      expect(() => readRegular(at('socket'), 9)).toThrow('it is a socket, or a pipe that nobody reads');
      expect(() => readRegular('/dev/zero', 9)).toThrow('it is a device, a pipe or a socket');
      expect(() => readRegular(folder, 9)).toThrow('it is a folder');
    } finally {
      server.close();
    }
  });

  it('may be named by a link where a person names it, and only there', () => {
    put('a', 'abc');
    symlinkSync('a', at('link'));
    symlinkSync('none', at('dangling'));
    expect(readRegular(at('link'), 3).toString()).toBe('abc');
    expect(() => readRegular(at('link'), 3, 'refuse')).toThrow('it is a symbolic link');
    expect(() => readIfThere(at('dangling'), 3)).toThrow('it is a symbolic link');
    expect(readIfThere(at('none'), 3)).toBeUndefined();
    expect(readIfThere(at('a/none'), 3)).toBeUndefined();
    expect(lookAt(at('dangling'))?.isSymbolicLink()).toBe(true);
  });
});

describe('the lines of a file', () => {
  const lines = (text: string, most = 100) => [...readLines(put('lines', text), most)].map((line) => line.toString());

  it('are whole ones', () => {
    expect(lines('')).toEqual([]);
    expect(lines('a\n\nb\r\ncut off')).toEqual(['a', '', 'b\r']);
  });

  it('may be longer than what is read at a time, but not longer than they may be', () => {
    const long = 'é'.repeat(2 ** 20);
    expect(lines(`x\n${long}\ny\n`, 2 ** 22)).toEqual(['x', long, 'y']);
    expect(() => lines(`x\n${long}\ny\n`, 2 ** 19)).toThrow('a line of it has more than 524288 bytes');
  });
});

it('lists a folder with the names that are not text as bytes', () => {
  mkdirSync(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])]));
  put('a', '');
  symlinkSync('a', at('link'));
  const listed = listFolder(folder).sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  expect(listed.map(({ name, kind }) => [name, kind])).toEqual([
    ['a', 'file'],
    ['link', 'link'],
    [null, 'folder'],
  ]);
});

it('sees that two names are one file, through links and spellings', () => {
  put('a', '');
  put('b', '');
  symlinkSync('a', at('link'));
  const same = [at('link'), at('./a'), at('b'), at('none')].map((other) => sameFile(at('a'), other));
  expect(same).toEqual([true, true, false, false]);
});
