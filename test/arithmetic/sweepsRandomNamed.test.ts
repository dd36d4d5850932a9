/** binary16, bfloat16, tf32 and binary32: biased random cases, twenty thousand an operation and mode with all runs. */
import { describe, expect, it } from 'vitest';
import { createUnit } from '../../src/arithmetic/index.ts';
import { bfloat16 } from '../../src/formats/index.ts';
import { runsOf } from '../testing/helpers.ts';
import { describeRandom, namedFormats } from './sweeps/describeRandom.ts';

describeRandom(namedFormats, runsOf(20_000));

describe('bfloat16', () => {
  it('fuses 1.5 × 1.0078125 − 2^−60 without double rounding, in every mode', () => {
    const fused = (rounding: 'tiesToEven' | 'tiesToAway' | 'towardPositive' | 'towardNegative', c: number): number =>
      createUnit({ format: bfloat16, policy: { rounding } }).fusedMultiplyAdd(1.5, 1.0078125, c);
    // The product 1.51171875 is the midpoint of 1.5078125 and 1.515625; binary64 cannot hold it and 2^−60 at once.
    expect(fused('tiesToEven', -(2 ** -60))).toBe(1.5078125);
    expect(fused('tiesToAway', -(2 ** -60))).toBe(1.5078125);
    expect(fused('tiesToEven', 0)).toBe(1.515625);
    expect(fused('towardPositive', -(2 ** -60))).toBe(1.515625);
    expect(fused('towardNegative', 2 ** -60)).toBe(1.5078125);
  });
});
