import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int8 } from '../../../src/formats/index.ts';
import { integerRows } from '../../../src/testing/arbitraries/index.ts';

describe('integerRows', () => {
  it('a rise from the least integer falls by the largest, for it has no opposite', () => {
    const rows = fc.sample(integerRows(int8, 64), { numRuns: 2000, seed: 3 });
    const hills = rows.filter((x) => x.subarray(0, 32).every((one) => one === -128) && x[32] !== -128);
    const falls = hills.filter((x) => x.subarray(33).every((one) => one === x[32]));
    expect(falls.length).toBeGreaterThan(5);
    for (const x of falls) {
      expect(x[32]).toBe(127);
      expect(x.reduce((sum, one) => sum + one, 0)).toBe(-32);
    }
  });
});
