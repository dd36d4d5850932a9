/**
 * Adds the matchers to vitest's `expect`, with their types: `import 'bittrue/testing/vitest'` in a test, or in `setupFiles`.
 *
 * @module
 */
import { expect } from 'vitest';
import type { NumberMatchers } from '../matchers/expectation.ts';
import { matchers } from '../matchers/matchers.ts';

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: as vitest declares it
  interface Matchers<T = any> extends NumberMatchers<T> {}
}

expect.extend(matchers as never);

export { matchers };
