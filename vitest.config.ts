import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { compiledSources } from './test/compiled.mjs';

/** Watching and coverage follow the sources themselves. */
const takesSources = !process.argv.includes('run') || process.argv.includes('--coverage');
const src = fileURLToPath(new URL('./src/', import.meta.url));

export default defineConfig({
  // Tests, documentation examples and `examples/` import the package by its name and get the sources.
  resolve: {
    alias: [
      { find: /^bittrue$/, replacement: `${src}index.ts` },
      { find: /^bittrue\/([a-z/]+)$/, replacement: `${src}$1/index.ts` },
    ],
  },
  plugins: takesSources ? [] : [compiledSources()],
  test: {
    server: { deps: { external: [/\/\.compiled\//] } },
    include: ['test/**/*.test.ts'],
    globalSetup: ['./test/build.mjs'],
    setupFiles: ['./test/setup.ts'],
    pool: 'threads',
    // Files of one worker share what they import: to load it for each took as long as a quarter of the tests.
    isolate: false,
    maxWorkers: 2,
    testTimeout: 300_000,
    reporters: ['default', './scripts/count-reporter.mjs'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html'],
    },
  },
});
