// What all parts of the build share: the bundler's settings, and the machine's generated module, which is put in as bytes.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** @import { BuildOptions, Plugin } from 'esbuild' */

/**
 * The engine for scripts is WebAssembly, and goes in as a text, which costs nothing until a rubric has a script.
 *
 * @satisfies {BuildOptions}
 */
export const shared = /** @type {const} */ ({
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
  loader: { '.wasm': 'base64' },
});

/**
 * No source maps: nothing reads them when the program runs, and with them the package would be three times as large. The names in the code
 * stay, so that a stack trace can be read without.
 *
 * @satisfies {BuildOptions}
 */
export const product = /** @type {const} */ ({ ...shared, minifySyntax: true, minifyWhitespace: true, metafile: true });

/**
 * Leaves zod's messages in other languages out, which nothing asks for: a tenth of the program.
 *
 * @type {Plugin}
 */
export const englishOnly = {
  name: 'english-only',
  setup: (b) =>
    b.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" })),
};

/**
 * string-width divides every text into what people see as characters. For that, Node loads the data of all languages, which takes 7 ms of a command
 * that may take 100. Now that waits for a text that is not ASCII; in one that is, each character is as wide as the others.
 *
 * @type {Plugin}
 */
export const lateSegmenter = {
  name: 'late-segmenter',
  setup: (b) =>
    b.onLoad({ filter: /string-width[\\/]index\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text
        .replace('const segmenter = new Intl.Segmenter();', 'let segmenter;')
        .replace(
          'let width = 0;',
          'if (/^[ -~]*$/.test(string)) return string.length;\n\tsegmenter ??= new Intl.Segmenter();\n\tlet width = 0;',
        );
      if (!contents.includes('let segmenter;') || !contents.includes('segmenter ??=')) throw new Error(`${path} is not as it was`);
      return { contents };
    }),
};

/** Some dependencies are CommonJS and call require() for Node's own modules. */
export const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * @template Result
 * @param {(folder: string) => Promise<Result>} act
 */
export async function inTemporaryFolder(act) {
  const folder = await mkdtemp(join(tmpdir(), 'bootgrade-build-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * What a source exports, for the build itself to use.
 *
 * @param {string} source
 */
export function exportsOf(source) {
  return inTemporaryFolder(async (folder) => {
    const outfile = join(folder, 'source.mjs');
    await build({ ...shared, entryPoints: [source], outfile });
    return import(pathToFileURL(outfile).href);
  });
}

/**
 * The generated module, and its variant that logs accesses.
 *
 * @typedef {{ ordinary: Uint8Array, logging: Uint8Array }} Core
 * @returns {Promise<Core>}
 */
export async function generateCore() {
  const { generate } = await exportsOf('machine/exec/generate.ts');
  return { ordinary: generate(), logging: generate({ logging: true }) };
}

/**
 * Stands in for machine/exec/core-bytes.ts.
 *
 * @param {Core} core
 * @param {'node' | 'anywhere'} place where the code will run: Node decodes faster than what browsers have as well
 * @returns {Plugin}
 */
export function coreBytes({ ordinary, logging }, place) {
  const code = (/** @type {Uint8Array} */ bytes) => {
    const text = `'${Buffer.from(bytes).toString('base64')}'`;
    return { node: `Buffer.from(${text}, 'base64')`, anywhere: `decoded(atob(${text}))` }[place];
  };
  const decoded = `
    function decoded(text) {
      const bytes = new Uint8Array(text.length);
      for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
      return bytes;
    }`;
  const contents = `
    export const coreBytes = () => ${code(ordinary)};
    export const loggingCoreBytes = () => ${code(logging)};${decoded}`;
  return { name: 'core-bytes', setup: (b) => b.onLoad({ filter: /exec[\\/]core-bytes\.ts$/ }, () => ({ contents })) };
}
