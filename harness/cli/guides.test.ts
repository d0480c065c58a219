/**
 * The guides for students, operators and authors of rubrics: every command in them is run, in the order of the page, by the single file in a folder
 * like theirs. A block of YAML goes to the end of lab.yaml, or replaces it where it begins with `rubric:`. A block of text after a block of commands
 * is what they print; `…` stands for what is left out.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-guides-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'build/single-file.mjs'), join(folder, 'bootgrade.mjs')], { cwd: ROOT, stdio: 'pipe' });
  mkdirSync(join(folder, 'bin'));
  const script = `#!/bin/sh\nexec '${process.execPath}' '${folder}/bootgrade.mjs' "$@"\n`;
  writeFileSync(join(folder, 'bin/bootgrade'), script, { mode: 0o755 });
}, 120_000);

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', inside = '']) => ({ language, text: inside }));
}

/** A lab's folder: a kernel, the course's rubric, and the samples of a checkout. */
function labFolder(page: string): string {
  const lab = join(folder, page, 'lab13');
  mkdirSync(lab, { recursive: true });
  copyFileSync(join(folder, 'bootgrade.mjs'), join(lab, 'bootgrade.mjs'));
  copyFileSync(join(ROOT, 'rubrics/lab13.yaml'), join(lab, 'lab13.yaml'));
  copyFileSync(join(ROOT, 'submissions/class/writable-data/kernel.elf'), join(lab, 'kernel.elf'));
  writeFileSync(join(lab, 'bootgrade.yaml'), 'rubric: lab13.yaml\n');
  symlinkSync(join(ROOT, 'submissions'), join(lab, 'submissions'));
  return lab;
}

/** Whether the lines are among those that were printed, in this order, with nothing between two of them where there is no `…`. */
function shows(printed: string, lines: readonly string[]): string | null {
  const got = printed.split('\n').map((line) => line.trimEnd());
  let at = 0;
  let free = false;
  for (const line of lines.map((one) => one.trimEnd())) {
    if (line === '…') {
      free = true;
      continue;
    }
    const found = free ? got.findIndex((one, index) => index >= at && matches(one, line)) : at;
    if (found < 0 || !matches(got[found] ?? '', line)) return line;
    at = found + 1;
    free = false;
  }
  return null;
}

/** `…` in a line stands for anything, and spaces for as many as there are. */
function matches(line: string, wanted: string): boolean {
  const parts = wanted.split('…').map((part) => part.replace(/ +/g, ' '));
  let rest = line.replace(/ +/g, ' ');
  if (parts.length === 1) return rest === parts[0];
  for (const [index, part] of parts.entries()) {
    const found = rest.indexOf(part.trim());
    if (found < 0 || (index === 0 && found !== 0 && part.trimStart() === part)) return false;
    rest = rest.slice(found + part.trim().length);
  }
  return true;
}

it.skipIf(lacks('bash')).each(['students.md', 'tutorial.md', 'operators.md'])(
  'docs/%s shows commands that work, and what they print',
  (page) => {
    const lab = labFolder(page);
    const blocks = blocksOf(page);
    expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(0);
    let cwd = lab;
    for (const [index, { language, text }] of blocks.entries()) {
      if (language === 'yaml') {
        const file = join(cwd, 'lab.yaml');
        const before = text.startsWith('rubric:') ? '' : readFileSync(file, 'utf8');
        writeFileSync(file, before === '' ? text : `${before}\n${text}`);
      }
      if (language !== 'sh') continue;
      const path = [join(folder, 'bin'), join(process.execPath, '..'), process.env['PATH']].join(delimiter);
      const where = join(folder, 'where');
      const ended = spawnSync('bash', ['-e', '-c', `${text}\npwd >'${where}'`], {
        cwd,
        encoding: 'utf8',
        env: { PATH: path, HOME: folder },
      });
      expect(ended, text).toMatchObject({ status: 0 });
      cwd = readFileSync(where, 'utf8').trim();
      const next = blocks[index + 1];
      if (next?.language === 'text') expect(shows(ended.stdout, next.text.trimEnd().split('\n')), ended.stdout).toBeNull();
    }
  },
  120_000,
);
