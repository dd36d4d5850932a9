import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { e8m0fnu, parseFormat, uint4 } from '../../src/formats/index.ts';
import { formats } from '../../src/testing/arbitraries/index.ts';
import { numberAt, ordinalsOf } from '../../src/testing/index.ts';
import { oracleLimits } from '../../src/testing/oracle/codes.ts';
import { seeded } from './helpers.ts';

describe('ordinals', () => {
  it('reach from the lowest to the largest value, by the oracle’s limits', () => {
    fc.assert(
      fc.property(formats({ maxBits: 52 }), (format) => {
        const { low, high, minNormal } = ordinalsOf(format);
        if (format.kind === 'integer') {
          expect([numberAt(format, low), numberAt(format, high)]).toEqual([format.min, format.max]);
          return;
        }
        const limits = oracleLimits(format);
        expect(numberAt(format, high)).toBe(limits.max);
        expect(numberAt(format, minNormal)).toBe(limits.minNormal);
        expect(numberAt(format, format.lowest === 'normal' ? 0 : 1)).toBe(limits.smallest);
        if (format.signed) expect(numberAt(format, low)).toBe(-limits.max);
        else expect(low).toBe(0);
      }),
      seeded(500),
    );
  });

  it('ascend with the numbers, beyond the ends too', () => {
    const cases = formats({ maxBits: 40 }).chain((format) => {
      const { low, high } = ordinalsOf(format);
      return fc.tuple(fc.constant(format), fc.integer({ min: low - (low === 0 ? 0 : 5), max: high + 5 }));
    });
    fc.assert(
      fc.property(cases, ([format, ordinal]) => numberAt(format, ordinal) < numberAt(format, ordinal + 1)),
      seeded(1000),
    );
  });

  it('name neighbours by hand', () => {
    const e2m1 = parseFormat('e2m1');
    expect([-7, -1, 0, 1, 2, 7, 8, 9].map((ordinal) => numberAt(e2m1, ordinal))).toEqual([
      -6, -0.5, 0, 0.5, 1, 6, 8, 12,
    ]);
    expect(ordinalsOf(e2m1)).toEqual({ low: -7, high: 7, minNormal: 2 });
    expect(ordinalsOf(e8m0fnu)).toEqual({ low: 0, high: 254, minNormal: 0 });
    expect(ordinalsOf(uint4)).toEqual({ low: 0, high: 15, minNormal: 1 });
  });
});
