import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/**
 * `npm run test:exhaustive`: the long sweeps, and every test with all of its runs, outside CI;
 * their last full result stands in docs/verification.md.
 */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: ['test/**/*.exhaustive.ts', 'test/**/*.test.ts'],
    env: { PROPERTY_RUNS: '1' },
    testTimeout: 3_600_000,
    passWithNoTests: true,
  },
});
