import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/** What `npm run test:mutation` runs for every mutant: seconds, not minutes. The sweeps stay out. */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: [
      'test/arithmetic/{quick,exponential}.test.ts',
      'test/rounding/{codes,decimal,explain,philox,policy,profiles,compareProfiles,quick}.test.ts',
    ],
    // Its time is better spent on the others.
    testNamePattern: /^(?!.*(misses no pair|every value of (e5m2|binary[78])))/,
    env: { PROPERTY_RUNS: '0.05' },
    reporters: ['default'],
  },
});
