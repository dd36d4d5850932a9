import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextNumber } from '../../src/testing/index.ts';
import { seeded } from './helpers.ts';

describe('nextNumber', () => {
  it('steps through the binary64 numbers', () => {
    expect(nextNumber(1, 1)).toBe(1 + Number.EPSILON);
    expect(nextNumber(1, -1)).toBe(1 - Number.EPSILON / 2);
    expect(nextNumber(0, 1)).toBe(5e-324);
    expect(nextNumber(-0, -1)).toBe(-5e-324);
    expect(nextNumber(5e-324, -1)).toBe(0);
    expect(nextNumber(-5e-324, 2)).toBe(5e-324);
    expect(nextNumber(Number.MAX_VALUE, 1)).toBe(Infinity);
    expect(nextNumber(-Number.MAX_VALUE, -5)).toBe(-Infinity);
    expect(nextNumber(2 ** -1022, -1)).toBe(2 ** -1022 - 2 ** -1074);
  });

  it('leaves NaN and infinities alone', () => {
    expect(nextNumber(Number.NaN, 1)).toBeNaN();
    expect(nextNumber(Infinity, -1)).toBe(Infinity);
    expect(nextNumber(-0, 0)).toBe(-0);
  });

  it('goes there and back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const up = nextNumber(x, 1);
        expect(up).toBeGreaterThan(x);
        if (Number.isFinite(up)) expect(nextNumber(up, -1) + 0).toBe(x + 0);
      }),
      seeded(1000),
    );
  });
});
