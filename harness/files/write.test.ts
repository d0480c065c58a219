import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginFile, beginStream, makeFolder, removeLeftovers, replaceFile } from './write.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a file that is written', () => {
  it('is seen whole or not at all', () => {
    writeFileSync(at('report'), 'old');
    const pending = beginFile(at('report'));
    expect(text('report')).toBe('old');
    pending.publish(['new', ' and ', 'whole']);
    pending.discard();
    expect(text('report')).toBe('new and whole');
    expect(readdirSync(folder)).toEqual(['report']);
  });

  it('leaves nothing behind where its content cannot be made', () => {
    writeFileSync(at('report'), 'old');
    const content = function* () {
      yield 'half';
      throw new RangeError('too long');
    };
    expect(() => replaceFile(at('report'), content())).toThrow('too long');
    expect(readdirSync(folder)).toEqual(['report']);
    expect(text('report')).toBe('old');
  });

  it('takes the place of a link, and of what a killed process with our number has left', () => {
    writeFileSync(at('theirs'), 'theirs');
    symlinkSync('theirs', at('report'));
    writeFileSync(at(`report.${process.pid}.tmp`), 'half');
    replaceFile(at('report'), 'ours');
    expect([text('report'), text('theirs')]).toEqual(['ours', 'theirs']);
    expect(readdirSync(folder).sort()).toEqual(['report', 'theirs']);
  });

  it.skipIf(!existsSync('/dev/full'))('says that a disk is full', () => {
    expect(() => beginStream('/dev/full').publish('x')).toThrow('writing /dev/full failed: no space is left');
  });

  it('does not wait for somebody who reads a pipe', () => {
    execFileSync('mkfifo', [at('pipe')]);
    expect(() => beginStream(at('pipe'))).toThrow('it is a socket, or a pipe that nobody reads');
  });
});

describe('a folder that is made', () => {
  it('has all folders above it', () => {
    makeFolder(at('a/b/c'));
    makeFolder(at('a/b/c'));
    expect(existsSync(at('a/b/c'))).toBe(true);
  });

  it('is refused where a file is in the way, or the system makes none', () => {
    writeFileSync(at('file'), '');
    symlinkSync('none', at('dangling'));
    expect(() => makeFolder(at('file'))).toThrow('a file of that name is there');
    expect(() => makeFolder(at('file/a'))).toThrow('a part of its path is not a folder');
    expect(() => makeFolder(at('dangling/a'))).toThrow('no such file');
  });

  // Node's own way never comes back from there, so it is tried in another process.
  it.skipIf(!existsSync('/proc/self'))('is refused below /proc, in finite time', () => {
    const script = `import { makeFolder } from ${JSON.stringify(join(import.meta.dirname, 'write.ts'))};
      try { makeFolder('/proc/x/y'); } catch (error) { console.log(error.message); }`;
    const bundled = join(folder, 'make.mjs');
    execFileSync(
      join(import.meta.dirname, '../../node_modules/.bin/esbuild'),
      [...['--bundle', '--platform=node', '--format=esm', '--loader=ts', `--outfile=${bundled}`]],
      { input: script, cwd: folder },
    );
    const { stdout, signal } = spawnSync(process.execPath, [bundled], { timeout: 20_000, encoding: 'utf8' });
    expect({ stdout, signal }).toEqual({ stdout: 'no such file\n', signal: null });
  });
});

it('removes what killed processes have left of its files, and nothing else', () => {
  for (const name of ['a.json', 'a.json.12.tmp', 'a.json.x.tmp', 'b.json.12.tmp']) writeFileSync(at(name), '');
  mkdirSync(at('a.json.13.tmp'));
  removeLeftovers([at('a.json'), at('none/c.json')]);
  expect(readdirSync(folder).sort()).toEqual(['a.json', 'a.json.13.tmp', 'a.json.x.tmp', 'b.json.12.tmp']);
});
