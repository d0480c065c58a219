/** Waiting for a build: real files, changed as compilers and linkers change them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../batch/identity.ts';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram } from '../testkit/program.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { kernelChanged } from './watch.ts';

const RULES = { kernel: ['kernel.elf', 'target/osdk/*.elf'], several: 'error' as const };

let folder: TestFolder;
let user: AbortController;
let said: string[];

beforeEach(() => {
  folder = new TestFolder();
  user = new AbortController();
  said = [];
});
afterEach(() => {
  user.abort();
  folder.remove();
});

/** Waits in the folder, whose kernel was `last` before; then does the change. */
async function whether(last: string | null, change: () => void | Promise<void>, path = folder.path): Promise<boolean> {
  const waiting = kernelChanged(path, RULES, last === null ? null : sha256(Buffer.from(last)), {
    signal: user.signal,
    deleted: () => said.push('deleted'),
  });
  await setTimeout(50);
  await change();
  return waiting;
}

const aSecond = () => setTimeout(1000, 'waits' as const);

describe('a kernel has changed', () => {
  it('where it is written over', async () => {
    const kernel = folder.put('kernel.elf', 'old');
    expect(await whether('old', () => writeFileSync(kernel, 'new'))).toBe(true);
  });

  it('where it is replaced by another file, as cargo does with a link', async () => {
    const kernel = folder.put('target/osdk/os.elf', 'old');
    folder.put('target/osdk/deps/os-1', 'new');
    const replace = () => {
      rmSync(kernel);
      linkSync(folder.at('target/osdk/deps/os-1'), kernel);
    };
    expect(await whether('old', replace)).toBe(true);
  });

  it('where it is there for the first time, in folders that were not there either', async () => {
    const build = async () => {
      mkdirSync(folder.at('target'));
      await setTimeout(300);
      mkdirSync(folder.at('target/osdk'));
      await setTimeout(300);
      folder.put('target/osdk/os.elf', 'new');
    };
    expect(await whether(null, build)).toBe(true);
  });

  it('where that happened before anybody waited', async () => {
    folder.put('kernel.elf', 'new');
    expect(await whether('old', () => {})).toBe(true);
  });

  it('where it was named itself', async () => {
    const kernel = folder.put('mine.bin', 'old');
    folder.put('next.bin', 'new');
    expect(await whether('old', () => renameSync(folder.at('next.bin'), kernel), kernel)).toBe(true);
  });

  it('where it is back after it was deleted, with the same bytes too', async () => {
    const kernel = folder.put('kernel.elf', 'old');
    const build = async () => {
      rmSync(kernel);
      await setTimeout(400);
      folder.put('kernel.elf', 'old');
    };
    expect(await whether('old', build)).toBe(true);
    expect(said).toEqual(['deleted']);
  });

  it('once it is whole: the writer has paused', async () => {
    const kernel = folder.put('kernel.elf', 'old');
    let written = 0;
    const write = async () => {
      writeFileSync(kernel, '');
      for (written = 1; written < 8; written++) {
        appendFileSync(kernel, 'part');
        await setTimeout(60);
      }
    };
    const waiting = kernelChanged(folder.path, RULES, sha256(Buffer.from('old')), {
      signal: user.signal,
      deleted: () => undefined,
    }).then(() => written);
    await write();
    expect(await waiting).toBe(8);
  });
});

describe('nothing has changed', () => {
  it('where the same bytes were built again, or another file', async () => {
    const kernel = folder.put('kernel.elf', 'old');
    const both = () => {
      writeFileSync(kernel, 'old');
      folder.put('notes.txt', 'new');
    };
    expect(await Promise.race([whether('old', both), aSecond()])).toBe('waits');
  });

  it('where the kernel is gone, which is said once: it is being built', async () => {
    const kernel = folder.put('kernel.elf', 'old');
    const remove = async () => {
      rmSync(kernel);
      await setTimeout(400);
      folder.put('notes.txt', 'new');
    };
    expect(await Promise.race([whether('old', remove), aSecond()])).toBe('waits');
    expect(said).toEqual(['deleted']);
  });
});

it('ends when the user has enough', async () => {
  folder.put('kernel.elf', 'old');
  expect(await whether('old', () => user.abort())).toBe(false);
});

describe('bootgrade check --watch', () => {
  async function printed(process: ChildProcess, wanted: RegExp): Promise<string> {
    let text = '';
    return new Promise((resolve, reject) => {
      const listen = (bytes: Buffer) => {
        text += bytes.toString();
        if (wanted.test(text)) resolve(text);
      };
      process.stdout!.on('data', listen);
      process.stderr!.on('data', listen);
      process.on('close', () => reject(new Error(`ended after: ${text}`)));
    });
  }

  it('reports again when the kernel is built again, until Ctrl-C', { timeout: 120_000 }, async () => {
    const checks = 'checks: [{ id: says-hello, points: 10, console: hello }]';
    folder.put(
      'course/lab.yaml',
      `rubric: 1\ntitle: Hello\nsubmission: { kernel: kernel.elf }\nscenarios: { run: { limit: 1ms guest } }\n${checks}\n`,
    );
    folder.put('bootgrade.yaml', 'rubric: course/lab.yaml\n');
    folder.put('kernel.elf', tinyKernel('bye'));
    const child = spawn(process.execPath, [buildProgram(folder), 'check', '--watch', '--strict'], {
      cwd: folder.path,
      // A test runner may ask for colors, which its children inherit.
      env: { ...process.env, NO_COLOR: '1' },
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    try {
      expect(await printed(child, /Ctrl-C ends/)).toContain(' ✗ says-hello');
      const again = printed(child, /Ctrl-C ends/);
      writeFileSync(folder.at('kernel.elf'), tinyKernel('hello'));
      expect(await again).toContain(' ✓ says-hello');
    } finally {
      child.kill('SIGINT');
    }
    // The last report is the answer.
    expect(await ended).toBe(0);
  });
});
