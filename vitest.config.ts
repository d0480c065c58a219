import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vitest/config';

// CI reads the counts from a file (.ci/run).
const results = process.env['CI_RESULTS'];

const setup = 'testing/plain-output.ts';

/** The engine for scripts, as the bundler puts it into the program (build/bundle.mjs). */
const wasm: Plugin = {
  name: 'wasm-as-base64',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('.wasm') ? `\0base64:${id}` : null),
  load: (id) => {
    const [, module] = id.split('\0base64:');
    if (module === undefined) return null;
    return `export default '${readFileSync(fileURLToPath(import.meta.resolve(module)), 'base64')}'`;
  },
};

const tests = { testTimeout: 60_000, hookTimeout: 60_000, pool: 'forks' as const, exclude: ['node_modules/**', 'dist/**'] };

export default defineConfig({
  test: {
    // On the two cores of CI one would stay idle: by default a core is left to vitest itself, which has little to do.
    maxWorkers: '100%',
    // One suite for every execution engine: as it is, most of what the machine's tests run is interpreted.
    projects: [
      { plugins: [wasm], test: { ...tests, name: 'all', include: ['**/*.test.ts'], setupFiles: [setup] } },
      {
        plugins: [wasm],
        test: {
          ...tests,
          name: 'translated',
          include: ['machine/**/*.test.ts', 'harness/run/*.test.ts', 'harness/explain/*.test.ts'],
          setupFiles: [setup, 'machine/testkit/translate-everything.ts'],
        },
      },
    ],
    ...(results ? { reporters: ['default', 'json'], outputFile: { json: results } } : {}),
  },
});
