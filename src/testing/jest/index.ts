/**
 * Adds the matchers to jest's `expect`, with their types: `import 'bittrue/testing/jest'` in a test, or in
 * `setupFilesAfterEnv`. It looks for the global `expect`, as jest gives it unless `injectGlobals` is off; then
 * `expect.extend(matchers)` does the same.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { NumberMatchers } from '../matchers/expectation.ts';
import { matchers } from '../matchers/matchers.ts';

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: as jest declares it
    interface Matchers<R, T = {}> extends NumberMatchers<R> {}
  }
}

const { expect } = globalThis as { readonly expect?: { readonly extend?: (matchers: object) => void } };
if (typeof expect?.extend !== 'function') {
  throw new BittrueError('unsupported', 'expect', typeof expect, "jest's global expect, or expect.extend(matchers)");
}
expect.extend(matchers);

export { matchers };
