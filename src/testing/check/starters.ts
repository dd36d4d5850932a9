/**
 * Starter tests: a file that a person changes, for each runner.
 *
 * @module
 */
import { checkName } from '../../errors/index.ts';

/** A runner that a starter test is written for. */
export type Runner = 'vitest' | 'jest' | 'node';

const runners = ['vitest', 'jest', 'node'] as const;

const yours = `// Yours in its place: a number of binary32 becomes the nearest number of E4M3.
const toFloat8 = (x) => round(e4m3fn, x);`;

const starters: Readonly<Record<Runner, string>> = {
  vitest: `import { e4m3fn } from 'bittrue/formats';
import { round } from 'bittrue/rounding';
import 'bittrue/testing/vitest';
import { expect, test } from 'vitest';

${yours}

test('rounds to E4M3', () => {
  expect(toFloat8).toRoundAs('e4m3fn', { from: 'binary32' });
});
`,
  jest: `import { e4m3fn } from 'bittrue/formats';
import { round } from 'bittrue/rounding';
import 'bittrue/testing/jest';

${yours}

test('rounds to E4M3', () => {
  expect(toFloat8).toRoundAs('e4m3fn', { from: 'binary32' });
});
`,
  node: `import assert from 'node:assert/strict';
import test from 'node:test';
import { e4m3fn } from 'bittrue/formats';
import { round } from 'bittrue/rounding';
import { checkRounding, describeCheck } from 'bittrue/testing';

${yours}

test('rounds to E4M3', () => {
  const check = checkRounding(toFloat8, { from: 'binary32', to: 'e4m3fn' });
  assert.ok(check.ok, describeCheck(check));
});
`,
};

/**
 * The text of a test that calls a converter of yours: what `bittrue verify --init` writes.
 *
 * @throws {@link BittrueError} for other runners
 * @example
 * import { starterTest } from 'bittrue/testing';
 * starterTest('node').includes("import test from 'node:test'"); // true
 */
export function starterTest(runner: Runner): string {
  return starters[checkName('runner', runner, runners)];
}
