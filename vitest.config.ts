import { defineConfig } from 'vitest/config';

// CI reads the counts from a file (.ci/run).
const results = process.env['CI_RESULTS'];

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**'],
    testTimeout: 60_000,
    pool: 'forks',
    ...(results ? { reporters: ['default', 'json'], outputFile: { json: results } } : {}),
  },
});
