import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/** `npm run test:exhaustive`: the long sweeps, outside CI; their last full result stands in docs/verification.md. */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: ['test/**/*.exhaustive.ts'],
    testTimeout: 3_600_000,
    passWithNoTests: true,
  },
});
