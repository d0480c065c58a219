/** Kernels that are built without debug information: reports have lines all the same, and what is graded stays what `make` makes. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;
const { XDG_CACHE_HOME } = process.env;
beforeEach(() => {
  folder = new TestFolder();
  process.env['XDG_CACHE_HOME'] = folder.at('cache');
  cpSync('submissions/c', folder.at('course'), { recursive: true });
  cpSync('submissions/source/wrong-type', folder.at('class/s1001'), { recursive: true });
  const [rubric] = readFileSync('rubrics/lab13-source.yaml', 'utf8').split('\nexpect:');
  folder.put('lab.yaml', `${rubric!.replace('../submissions/c', 'course')}\n`);
});
afterEach(() => {
  if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  folder.remove();
});

/** The course's Makefile, changed. */
function makefile(change: (text: string) => string): void {
  writeFileSync(folder.at('course/Makefile'), change(folder.read('course/Makefile')));
}

async function grade() {
  const argv = ['grade', folder.at('lab.yaml'), folder.at('class'), '--out', folder.at('out')];
  const text = capture();
  expect(await bootgrade(argv, text.environment)).toBe(0);
  const json = JSON.parse(folder.read('out/s1001.json')) as SubmissionResult;
  return { text: text.out(), built: text.err(), json };
}

/** SHA-256 of the kernel that `make` makes of the student's file by itself. */
function plainSha256(): string {
  mkdirSync(folder.at('plain'));
  cpSync(folder.at('course'), folder.at('plain'), { recursive: true });
  cpSync(folder.at('class/s1001'), folder.at('plain'), { recursive: true });
  execFileSync('make', ['-s', '-C', folder.at('plain')], { stdio: 'ignore' });
  return createHash('sha256')
    .update(readFileSync(folder.at('plain/kernel.elf')))
    .digest('hex');
}

const LINE = /write_block\.c:\d+/;

describe.skipIf(lacks('bubblewrap', 'RISC-V gcc'))('a kernel without debug information', () => {
  it('gets its lines from a second build, also out of the cache', async () => {
    makefile((text) => text.replace(' -g1', ' -g0').replace('-nostdlib', '-s -nostdlib'));
    const first = await grade();
    expect(first.json.kernel!.sha256).toBe(plainSha256());
    expect(readFileSync(folder.at('plain/kernel.elf')).includes('.debug_line')).toBe(false);
    expect(first.json.build).toMatchObject({ lines: 'second-build', noLines: null });
    expect(first.text).toMatch(LINE);
    expect(first.text).not.toContain('note: the kernel has');
    expect(first.built).toContain('1 built: 1 anew');
    const second = await grade();
    expect(second.built).toContain('1 built: 0 anew, 1 from the cache');
    expect(second.text).toBe(first.text);
  });

  it('whose file with lines is damaged in the cache is built again', async () => {
    makefile((text) => text.replace(' -g1', ''));
    const first = await grade();
    const [kept] = execFileSync('find', [folder.at('cache'), '-name', 'lines'], { encoding: 'utf8' }).split('\n');
    execFileSync('chmod', ['u+w', kept!]);
    writeFileSync(kept!, 'damaged');
    const second = await grade();
    expect(second.built).toContain('1 built: 1 anew');
    expect(second.text).toBe(first.text);
  });

  it('has no lines where a second build is not the same in memory, and the report says so once', async () => {
    makefile((text) => `${text.replace(' -g1', '')}\nstart.o: CFLAGS += -Wa,--defsym,at=$(shell date +%s%N)\n`);
    writeFileSync(folder.at('course/start.S'), `${folder.read('course/start.S')}\n.data\n.dword at\n`);
    const { json, text } = await grade();
    expect(json.build).toMatchObject({ lines: 'none', noLines: expect.stringContaining('not the same in memory') });
    expect(text).not.toMatch(LINE);
    expect(text.split('is not the same in memory')).toHaveLength(2);
  });

  it('has no lines where the second build fails, and its grade stays', async () => {
    makefile((text) => `${text.replace(' -g1', '')}\nifneq ($(filter /lines%,$(subst :, ,$(PATH))),)\n$(error no)\nendif\n`);
    const { json } = await grade();
    expect(json.build).toMatchObject({ outcome: 'built', lines: 'none', noLines: expect.stringContaining('that build failed') });
    expect(json.score).toBe(60);
  });

  it('is built once where it has its own', async () => {
    const { json, text } = await grade();
    expect(json.build).toMatchObject({ lines: 'kernel', noLines: null });
    expect(text).toMatch(LINE);
  });
});
