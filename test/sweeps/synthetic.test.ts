import { describe, expect, it } from 'vitest';
import { syntheticNumbers } from '../../src/sweeps/index.ts';
import { failure } from '../testing/helpers.ts';

const N = 40_000;
const share = (x: Float64Array, holds: (value: number) => boolean): number => x.filter(holds).length / x.length;

describe('syntheticNumbers', () => {
  it('makes normal numbers: the shares of a table of Φ', () => {
    const x = syntheticNumbers({ kind: 'normal' }, 'n', 1, N);
    // P(|x| < 0.5), P(|x| < 1), P(|x| < 2), P(|x| < 3); four standard errors are 0.01 at most.
    for (const [limit, wanted] of [
      [0.5, 0.3829],
      [1, 0.6827],
      [2, 0.9545],
      [3, 0.9973],
    ] as const) {
      expect(Math.abs(share(x, (value) => Math.abs(value) < limit) - wanted), String(limit)).toBeLessThan(0.01);
    }
    expect(Math.abs(share(x, (value) => value < 0) - 0.5)).toBeLessThan(0.01);
  });

  it('makes log-uniform magnitudes: as many in every binade, and within it', () => {
    const x = syntheticNumbers({ kind: 'logUniform', low: -3, high: 1 }, 'l', 1, N).map(Math.abs);
    expect(x.every((value) => value >= 1 / 8 && value < 2)).toBe(true);
    for (let binade = -3; binade < 1; binade++) {
      expect(Math.abs(share(x, (value) => value >= 2 ** binade && value < 2 ** (binade + 1)) - 1 / 4)).toBeLessThan(
        0.01,
      );
    }
    // The median of 1 / m on [1, 2) is √2.
    const inOne = x.filter((value) => value >= 1);
    expect(Math.abs(share(inOne, (value) => value < Math.SQRT2) - 0.5)).toBeLessThan(0.02);
  });

  it('makes outlier channels: the same columns in every row', () => {
    const width = 64;
    const x = syntheticNumbers({ kind: 'outliers', channels: 5, factor: 1000 }, 'o', 200, width);
    const columns = Array.from({ length: width }, (_, k) => k).filter(
      (k) => x.filter((_, i) => i % width === k).reduce((most, value) => Math.max(most, Math.abs(value)), 0) > 100,
    );
    expect(columns.length).toBe(5);
  });

  it('is the same for the same seed, and another for another', () => {
    const make = (seed: string) => syntheticNumbers({ kind: 'normal' }, seed, 2, 3);
    expect(make('a')).toEqual(make('a'));
    expect(make('a')).not.toEqual(make('b'));
    // Recorded: a change of these numbers changes every sweep.
    expect([...make('a')]).toMatchInlineSnapshot(`
      [
        1.5232501712162048,
        -0.6075587619561702,
        -0.4341676994226873,
        0.3108479701913893,
        -0.565942132845521,
        -0.9796637727413327,
      ]
    `);
  });

  it('refuses parameters out of range', () => {
    expect(failure(() => syntheticNumbers({ kind: 'normal', deviation: 0 }, 'a', 1, 1))).toBe(
      'range distribution.deviation',
    );
    expect(failure(() => syntheticNumbers({ kind: 'normal', deviation: 1.7e308 }, 'a', 1, 1))).toBe(
      'range distribution.deviation',
    );
    expect(failure(() => syntheticNumbers({ kind: 'outliers', factor: 2 ** 501 }, 'a', 1, 1))).toBe(
      'range distribution.factor',
    );
    const largest = { kind: 'outliers', deviation: 2 ** 500, factor: 2 ** 500 } as const;
    expect(syntheticNumbers(largest, 'a', 100, 10).every(Number.isFinite)).toBe(true);
    expect(failure(() => syntheticNumbers({ kind: 'logUniform', low: 3, high: 3 }, 'a', 1, 1))).toBe(
      'range distribution.high',
    );
    expect(failure(() => syntheticNumbers({ kind: 'normal', low: 3 } as never, 'a', 1, 1))).toBe(
      'name distribution.low',
    );
  });
});
