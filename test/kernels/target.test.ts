import { describe, expect, it } from 'vitest';
import { layerNorm, rmsNorm } from '../../src/kernels/index.ts';
import { h100 } from '../../src/targets/index.ts';
import { failure } from '../testing/helpers.ts';

describe('a target with matrix units only', () => {
  it('is refused by the kernels that need a vector unit, by name', () => {
    const matrixOnly = { ...h100, vectorUnits: {}, defaults: {} };
    const options = { rows: 1, width: 2, target: matrixOnly };
    expect(failure(() => layerNorm([1, 2], options))).toBe('unsupported options.target');
    expect(failure(() => rmsNorm([1, 2], options))).toBe('unsupported options.target');
    expect(() => layerNorm([1, 2], options)).toThrow('options.target: expected a target with a vector unit');
    expect(failure(() => layerNorm([1, 2], { ...options, target: 7 as never }))).toBe('type options.target');
  });
});
