import { describe, expect, it } from 'vitest';
import { exp2, log2 } from '../../src/quantization/logarithm.ts';
import { generator } from '../random.ts';

describe('log2 and exp2', () => {
  it('are exact for powers of two', () => {
    for (let n = -900; n <= 900; n += 7) {
      expect(log2(2 ** n)).toBe(n);
      expect(exp2(n)).toBe(2 ** n);
    }
  });

  it('are within a few units in the last place of the machine’s', () => {
    const next = generator(1);
    for (let i = 0; i < 5000; i++) {
      const y = next() * 400 - 200;
      expect(Math.abs(exp2(y) / 2 ** y - 1)).toBeLessThan(2 ** -50);
      const a = (0.5 + next()) * 2 ** Math.floor(y);
      expect(Math.abs(log2(a) - Math.log2(a))).toBeLessThanOrEqual(2 ** -51 * Math.max(1, Math.abs(log2(a))));
    }
  });
});
