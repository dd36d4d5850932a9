import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/**
 * `npm run test:exhaustive`: the long sweeps, and the properties of arithmetic, rounding, engine and kernels with all of their runs, outside CI;
 * their last full result stands in docs/verification.md.
 */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: ['test/**/*.exhaustive.ts', 'test/{arithmetic,rounding,engine,kernels}/**/*.test.ts'],
    env: { PROPERTY_RUNS: '1' },
    testTimeout: 3_600_000,
    passWithNoTests: true,
  },
});
