import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadScript } from './load-compiled-run.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bootgrade-test-'));
  file = join(folder, 'run.cjs');
  writeFileSync(file, "exports.run = () => require('node:path').sep.length + 1;");
});
afterEach(() => rm(folder, { recursive: true }));

const answer = () => (loadScript(file).exports.run as unknown as () => number)();

describe('the command as one script', () => {
  it('runs without the code that V8 made of it', () => {
    expect(answer()).toBe(2);
  });

  it('runs with it', () => {
    const { script } = loadScript(file);
    writeFileSync(`${file}.cache`, script.createCachedData());
    expect(loadScript(file).script.cachedDataRejected).toBe(false);
    expect(answer()).toBe(2);
  });

  it('runs where V8 refuses it', () => {
    writeFileSync(`${file}.cache`, 'made by another version');
    expect(loadScript(file).script.cachedDataRejected).toBe(true);
    expect(answer()).toBe(2);
  });
});
