/** The command as one file, and as an executable: what a course hands out. Each is used as its users get it, with nothing else beside it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = import.meta.dirname;
const CLASS = join(ROOT, 'submissions/class');
const RUBRIC = join(ROOT, 'rubrics/lab13.yaml');
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-single-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const build = (script: string, out: string) =>
  execFileSync(process.execPath, [join(ROOT, 'build', script), out], { cwd: ROOT, stdio: 'pipe' });

/** Each file that a grading leaves, and its text. */
function reports(out: string): Record<string, string> {
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name).slice(out.length), readFileSync(join(parentPath, name), 'utf8')]),
  );
}

/** What the command of a checkout leaves for the sample class. */
let expected: Record<string, string>;

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'build.mjs'), at('dist'), '--program'], { cwd: ROOT, stdio: 'pipe' });
  execFileSync(process.execPath, [at('dist/bootgrade.mjs'), 'grade', RUBRIC, CLASS, '--out', at('expected')], {
    cwd: folder,
    stdio: 'pipe',
  });
  expected = reports(at('expected'));
}, 180_000);

describe('the single file', () => {
  const program = at('handed-out/bootgrade.mjs');
  const run = (cwd: string, ...args: string[]) => spawnSync(process.execPath, [program, ...args], { cwd, encoding: 'utf8' });
  const lab = at('lab');

  beforeAll(() => {
    mkdirSync(at('handed-out'));
    build('single-file.mjs', program);
    chmodSync(at('handed-out'), 0o555);
    mkdirSync(lab);
    copyFileSync(join(CLASS, 'wrong-sector/kernel.elf'), join(lab, 'kernel.elf'));
    writeFileSync(join(lab, 'bootgrade.yaml'), `rubric: ${RUBRIC}\n`);
  }, 120_000);

  it('grades the sample class in worker processes, with the same files to the byte', () => {
    expect(run(folder, 'grade', RUBRIC, CLASS, '--jobs', '2', '--out', at('of-single'))).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('bug'),
    });
    expect(Object.keys(expected).length).toBeGreaterThan(34);
    expect(reports(at('of-single'))).toEqual(expected);
  }, 120_000);

  it('checks a lab, boots a kernel and says its version', () => {
    expect(run(lab, 'check', '--strict')).toMatchObject({ status: 1, stdout: expect.stringContaining('✗ write-sector') });
    const booted = run(lab, 'run', '-machine', 'virt', '-nographic', '-kernel', 'kernel.elf', '--until', 'Enter riscv_boot');
    expect(booted).toMatchObject({ stdout: expect.stringContaining('Enter riscv_boot') });
    expect(run(lab, '--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('leaves nothing in its folder', () => {
    expect(readdirSync(at('handed-out'))).toEqual(['bootgrade.mjs']);
  });

  it('does not take the word that starts a worker from a person', () => {
    expect(run(folder, 'grade-worker')).toMatchObject({ status: 2, stderr: expect.stringContaining("unknown command 'grade-worker'") });
  });

  it('is the same to the byte when it is built elsewhere', () => {
    const copy = at('copy');
    for (const entry of ['build', 'harness', 'machine', 'package.json', 'tsconfig.base.json'])
      cpSync(join(ROOT, entry), join(copy, entry), { recursive: true });
    execFileSync('cp', ['-a', join(ROOT, 'node_modules'), copy]);
    execFileSync(process.execPath, [join(copy, 'build/single-file.mjs'), at('again.mjs')], { cwd: copy, stdio: 'pipe' });
    expect(readFileSync(at('again.mjs')).equals(readFileSync(program))).toBe(true);
  }, 120_000);

  it('names the licences of what is in it', () => {
    expect(readFileSync(program, 'utf8')).toContain('Copyright (c) 2009-2015, Kevin Decker'); // of diff, BSD-3-Clause
  });
});

describe.runIf(process.platform === 'linux')('the executable', () => {
  const program = at('bootgrade');
  beforeAll(() => void build('executable.mjs', program), 120_000);

  it('grades in worker processes without another Node, with the same files to the byte', () => {
    const names = ['passes', 'writable-data'];
    for (const name of names) cpSync(join(CLASS, name), at(`two/${name}`), { recursive: true });
    const { status } = spawnSync(program, ['grade', RUBRIC, at('two'), '--out', at('of-executable')], { env: {}, cwd: folder });
    expect(status).toBe(0);
    const found = reports(at('of-executable'));
    for (const name of names) expect(found[`/${name}.json`]).toBe(expected[`/${name}.json`]);
  }, 60_000);
});
