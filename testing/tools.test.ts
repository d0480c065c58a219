import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

describe('a tool that is not installed', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.resetModules();
  });

  async function lacksFish(required: string): Promise<boolean> {
    vi.stubEnv('PATH', '/nowhere');
    vi.stubEnv('BOOTGRADE_REQUIRE_TOOLS', required);
    const { lacks } = await import('./tools.ts');
    return lacks('fish');
  }

  it('has its tests skipped', async () => {
    expect(await lacksFish('')).toBe(true);
  });

  it('has its tests fail where CI demands it', async () => {
    await expect(lacksFish('1')).rejects.toThrow(/^not installed: fish\. .*\.ci\/run installs it/);
  });
});

/** What may decide beside `lacks` whether a test is skipped: things of the system, which no package brings. */
const OF_THE_SYSTEM = /'\/dev\/|'\/proc\/|^process\.|^!CHILDREN$/;

it('every test that is skipped for want of a tool asks here', () => {
  const tests = ['machine', 'harness', 'bench', '.github', '.'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => join(folder, file)),
  );
  const conditions = tests.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\.(?:skipIf|runIf)\((.*?)\)\(|\.skipIf\((.*?)\)\.each/g)].map(
      ([, one, other]) => ({
        file,
        condition: (one ?? other)!,
      }),
    ),
  );
  expect(conditions.length).toBeGreaterThan(20);
  expect(conditions.filter(({ condition }) => !/^lacks\(/.test(condition) && !OF_THE_SYSTEM.test(condition))).toEqual([]);
});
