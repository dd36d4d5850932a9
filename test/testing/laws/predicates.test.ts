import { describe, expect, it } from 'vitest';
import { binary16, e4m3fn, e4m3fnuz, int8 } from '../../../src/formats/index.ts';
import { round } from '../../../src/rounding/index.ts';
import { isBracketed, isCodeStable, isIdempotent, isMonotone, isSignSymmetric } from '../../../src/testing/index.ts';

const half = (x: number): number => round(binary16, x);

describe('laws hold for a rounding, and catch what is none', () => {
  it('isMonotone', () => {
    expect(isMonotone(half, 1.0001, 1)).toBe(true);
    expect(isMonotone((x) => -x, 1, 2)).toBe(false);
    expect(isMonotone(() => Number.NaN, 1, 2)).toBe(true);
  });

  it('isIdempotent', () => {
    expect(isIdempotent(half, 0.1)).toBe(true);
    expect(isIdempotent((x) => x / 2, 0.1)).toBe(false);
    expect(isIdempotent((x) => (x === 0 ? -x : x), -0)).toBe(false);
  });

  it('isSignSymmetric', () => {
    expect(isSignSymmetric(half, half, 0.1)).toBe(true);
    expect(isSignSymmetric(Math.floor, Math.ceil, 0.5)).toBe(true);
    expect(isSignSymmetric(Math.floor, Math.floor, 0.5)).toBe(false);
    expect(
      isSignSymmetric(
        (x) => x + 0,
        (x) => x + 0,
        0,
      ),
    ).toBe(true);
  });

  it('isBracketed', () => {
    expect(isBracketed(Math.floor, Math.ceil, Math.round, 0.5)).toBe(true);
    expect(isBracketed(Math.floor, Math.ceil, (x) => x, 0.5)).toBe(false);
    expect(isBracketed(Math.ceil, Math.ceil, Math.ceil, 0.5)).toBe(false);
  });

  it('isCodeStable', () => {
    expect(isCodeStable(e4m3fn, 0x7e)).toBe(true);
    expect(isCodeStable(e4m3fn, 0xff)).toBe(true);
    expect(isCodeStable(e4m3fnuz, 0x80)).toBe(true);
    expect(isCodeStable(int8, 0x80)).toBe(true);
    // A format that takes itself for another.
    expect(isCodeStable({ ...e4m3fn, bias: 8, max: 224, emax: 7, minNormal: 2 ** -6 }, 9)).toBe(false);
  });
});
