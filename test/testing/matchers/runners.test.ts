/** The entries that add the matchers to a runner's expect: vitest's own, and jest's, which is a global. */
import { expect, expectTypeOf, it } from 'vitest';
import '../../../src/testing/vitest/index.ts';
import { bfloat16 } from '../../../src/formats/index.ts';
import { round } from '../../../src/rounding/index.ts';

it('vitest: matchers are methods, with types', () => {
  expect([1, -0]).toBeBitEqual([1, -0]);
  expect((x: number) => round(bfloat16, x)).toRoundAs('bfloat16', { from: 'binary32', runs: 200 });
  expect(1.0000001).toBeWithinUlp(1, 1, 'binary32');
  expectTypeOf(expect(1).toBeBitEqual).parameter(0).toEqualTypeOf<number | ArrayLike<number>>();
  expect(() => expect(Math.fround).toRoundAs('binary16', { runs: 200 })).toThrow(/answers are wrong/);
});

it('jest: it extends the global expect, and says where there is none', async () => {
  const before = (globalThis as { expect?: unknown }).expect;
  try {
    (globalThis as { expect?: unknown }).expect = undefined;
    await expect(import('../../../src/testing/jest/index.ts')).rejects.toThrow(/global expect/);
    let added: object = {};
    (globalThis as { expect?: unknown }).expect = { extend: (matchers: object) => (added = matchers) };
    // Another address: the module that threw is not run again.
    const again = '../../../src/testing/jest/index.ts?again';
    const { matchers } = (await import(/* @vite-ignore */ again)) as { matchers: object };
    expect(added).toBe(matchers);
  } finally {
    (globalThis as { expect?: unknown }).expect = before;
  }
});
