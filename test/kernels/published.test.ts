/** Failures that were published, with the numbers that were told. */
import { describe, expect, it } from 'vitest';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { sum, unary } from '../../src/kernels/index.ts';
import { fp16 } from '../../src/targets/index.ts';

describe('coremltools 2690: log-sum-exp of 32 equal numbers, the exponentials added in FP16', () => {
  /** The sum of 32 exponentials of x, one after the other. */
  const added = (x: number) => {
    const [e] = unary([x], { function: 'exp', format: binary32 }).output;
    return sum(new Float64Array(32).fill(e as number), { rows: 1, width: 32, target: fp16 });
  };

  it('7.6241 still gives 65,504', () => {
    const { output, report } = added(7.6241);
    expect(output[0]).toBe(65504);
    expect(report.totals.overflow).toBe(0);
  });

  it('7.6313 is infinite at step 31', () => {
    const { output, report } = added(7.6313);
    expect(output[0]).toBe(Infinity);
    expect(report.first.overflow).toMatchObject({ stage: 'sum', index: 31, step: 31 });
  });

  it('the logarithm of either is near 11.09, which binary16 holds', () => {
    const { output } = unary([65504], { function: 'log', format: binary16 });
    expect(output[0]).toBeCloseTo(11.09, 2);
  });
});

describe('iree 12606: serial sums in FP16', () => {
  it('2,000 threes, one after the other, are 7,316', () => {
    const run = { rows: 1, width: 2000, target: fp16 };
    const { output, report } = sum(new Float64Array(2000).fill(3), run);
    expect(output[0]).toBe(7316);
    // From 2,048 on the spacing is 2, from 4,096 on 4: each 3 counts as 4 there.
    expect(report.totals).toMatchObject({ overflow: 0, absorption: 0 });
  });
});
