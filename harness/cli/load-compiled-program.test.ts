import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeFileOf } from './kept-code.ts';
import { loadScript } from './load-compiled-program.ts';

const VERSION = Object.getOwnPropertyDescriptor(process, 'version')!;

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bootgrade-test-'));
  file = join(folder, 'run.cjs');
  writeFileSync(file, "exports.work = () => require('node:path').sep.length + 1;");
});
afterEach(() => rm(folder, { recursive: true }));

const answer = () => (loadScript(file).exports.work as unknown as () => number)();

describe('the command as one script', () => {
  it('runs without the code that V8 made of it', () => {
    expect(answer()).toBe(2);
  });

  it('runs with it', () => {
    const { script } = loadScript(file);
    writeFileSync(codeFileOf(file), script.createCachedData());
    expect(loadScript(file).script.cachedDataRejected).toBe(false);
    expect(answer()).toBe(2);
  });

  it('does not open what a different Node has made', () => {
    const { script } = loadScript(file);
    const { version } = process;
    writeFileSync(codeFileOf(file), script.createCachedData());
    Object.defineProperty(process, 'version', { ...VERSION, value: `${version}1` });
    try {
      expect(loadScript(file).script.cachedDataRejected).toBeUndefined();
      expect(answer()).toBe(2);
    } finally {
      Object.defineProperty(process, 'version', VERSION);
    }
    expect(loadScript(file).script.cachedDataRejected).toBe(false);
  });

  it('runs where V8 refuses it', () => {
    writeFileSync(codeFileOf(file), 'made by a different version');
    expect(loadScript(file).script.cachedDataRejected).toBe(true);
    expect(answer()).toBe(2);
  });
});
