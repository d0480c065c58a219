/** Each zone type-checks without the names that are not there where its code runs (tsconfig.json of the zone). */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = import.meta.dirname;
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

/** Uses of what Node has, and of what a browser has; each is refused where the name is unknown. */
const NODE = ['process.exit', 'Buffer.from', '__dirname', 'setImmediate', "import('node:fs')"];
const BROWSER = ['document', 'window', 'localStorage', 'HTMLElement'];
/** What both have, but the machine does not use. */
const BOTH = ['console.log', 'setTimeout', 'fetch', 'performance.now', 'crypto', 'URL'];

const PLATFORM = ['webassembly', 'text'].map((file) => join(ROOT, `machine/platform/${file}.d.ts`));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-zone-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Those of the expressions that do not type-check in the zone. */
function refused(zone: string, expressions: readonly string[]): string[] {
  const files = expressions.map((expression, at) => {
    writeFileSync(join(folder, `${at}.mts`), `export const used = ${expression};\n`);
    return `${at}.mts`;
  });
  const config = {
    extends: join(ROOT, zone),
    // What `types` of the zone names is looked for near the file that is compiled, so the place has to be named here.
    compilerOptions: { typeRoots: [join(ROOT, 'node_modules/@types')] },
    include: [],
    files: [...files, ...PLATFORM],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [TSC, '-p', folder], { cwd: folder, encoding: 'utf8' });
  return expressions.filter((_, at) => stdout.includes(`${at}.mts(1,`));
}

it('the machine knows neither Node nor a browser, but WebAssembly', () => {
  expect(refused('machine/tsconfig.json', [...NODE, ...BROWSER, ...BOTH])).toEqual([...NODE, ...BROWSER, ...BOTH]);
  expect(refused('machine/tsconfig.json', ['WebAssembly.Module', '1n'])).toEqual([]);
});

it('what of the harness runs in a browser knows neither, but text', () => {
  expect(refused('harness/tsconfig.browser.json', [...NODE, ...BROWSER, ...BOTH])).toEqual([...NODE, ...BROWSER, ...BOTH]);
  expect(refused('harness/tsconfig.browser.json', ['new TextDecoder()'])).toEqual([]);
});

it('the harness knows Node, and no browser', () => {
  expect(refused('harness/tsconfig.json', [...BROWSER, ...NODE, ...BOTH])).toEqual(BROWSER);
});

it('the page knows a browser, and no Node', () => {
  expect(refused('harness/web/tsconfig.json', [...BROWSER, ...NODE, ...BOTH])).toEqual(NODE);
});

it('every script is type-checked with the harness', () => {
  const { stdout } = spawnSync(process.execPath, [TSC, '-p', join(ROOT, 'harness'), '--listFilesOnly'], { encoding: 'utf8' });
  const checked = new Set(stdout.split('\n'));
  const scripts = ['.', 'build', 'bench', 'harness', '.github'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => join(ROOT, folder, file)),
  );
  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.filter((file) => !checked.has(file))).toEqual([]);
  const { compilerOptions } = z
    .object({ compilerOptions: z.looseObject({}) })
    .parse(JSON.parse(spawnSync(process.execPath, [TSC, '-p', join(ROOT, 'harness'), '--showConfig'], { encoding: 'utf8' }).stdout));
  expect(compilerOptions).toMatchObject({ checkJs: true, strict: true });
});
