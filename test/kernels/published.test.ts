/** Failures that were published, with the numbers that were told. */
import { describe, expect, it } from 'vitest';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { type Composition, exp2ByCubic, sum, unary } from '../../src/kernels/index.ts';
import { fp16, fp32 } from '../../src/targets/index.ts';

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

describe('flash-attention 2263: 2^x on a GB200, by its exponential unit and by FlashAttention-4’s cubic', () => {
  /** x as it was printed, and the two results’ bits. */
  const published = [
    ['-10.221991', 0x3a5b7d5c, 0x3a5b8197],
    ['-12.691620', 0x391e8128, 0x391e7fb1],
    ['-12.472450', 0x39388261, 0x39387f25],
    ['-5.655628', 0x3ca2822f, 0x3ca27fd0],
    ['-18.084177', 0x36717d95, 0x3671807e],
    ['-5.785695', 0x3c947fa3, 0x3c9480e8],
    ['-4.114324', 0x3d6c7f28, 0x3d6c8360],
    ['-7.132768', 0x3be97e0e, 0x3be982ba],
    ['-8.411281', 0x3b408029, 0x3b407e45],
    ['-1.776008', 0x3e957fbe, 0x3e9580bd],
  ] as const;
  const bitsOf = (x: number): number => new Uint32Array(Float32Array.of(x).buffer)[0] as number;
  const ofBits = (bits: number): number => new Float32Array(Uint32Array.of(bits).buffer)[0] as number;
  /** The numbers of binary32 that print so: one, or some neighbours. */
  const printedAs = (text: string): number[] =>
    Array.from({ length: 33 }, (_, i) => ofBits(bitsOf(Number(text)) + i - 16)).filter((x) => x.toFixed(6) === text);

  it.each(published)('2^%s: the cubic’s bits, and the unit’s within one of the nearest', (text, byUnit, byCubic) => {
    const x = printedAs(text);
    const given = { function: 'exp2', format: binary32 } as const;
    const cubic = [...unary(x, { ...given, method: exp2ByCubic }).output].map(bitsOf);
    const nearest = [...unary(x, given).output].map(bitsOf);
    const same = cubic.flatMap((bits, i) => (bits === byCubic ? [i] : []));
    expect(same).toHaveLength(1);
    expect(Math.abs((nearest[same[0] as number] as number) - byUnit)).toBeLessThanOrEqual(1);
  });
});

describe('vllm 56578: a soft cap of 50 in binary32', () => {
  const scores = [1, 100, 1000, 3000, 5000, 10000, -1, -10000, 4400];
  const capped = (...steps: Composition['steps']) => {
    const method: Composition = { kind: 'composition', steps };
    return unary(scores, { function: 'softcap', cap: 50, target: fp32, method });
  };
  const printed = (x: ArrayLike<number>): number[] =>
    Array.from(x, (y) => Number(y.toPrecision(Math.abs(y) < 1 ? 4 : 3)));

  it('50 · (e^t − e^−t) / (e^t + e^−t) is NaN from 5,000 on, and infinite at 4,400', () => {
    const { output, report } = capped(
      { to: 't', operation: 'divide', operands: ['x', 50] },
      { to: 'up', operation: 'exp', operands: ['t'] },
      { to: 'minus', operation: 'negate', operands: ['t'] },
      { to: 'down', operation: 'exp', operands: ['minus'] },
      { to: 'difference', operation: 'subtract', operands: ['up', 'down'] },
      { to: 'sum', operation: 'add', operands: ['up', 'down'] },
      { to: 'most', operation: 'multiply', operands: [50, 'difference'] },
      { to: 'y', operation: 'divide', operands: ['most', 'sum'] },
    );
    expect(printed(output)).toEqual([0.9999, 48.2, 50, 50, NaN, NaN, -0.9999, NaN, Infinity]);
    expect(report.first.overflow).toMatchObject({ index: 4, step: 4 * 8 + 1, operation: 'exponential' });
  });

  it('50 · (1 − 2 / (e^2t + 1)) is 50 there', () => {
    const { output } = capped(
      { to: 't', operation: 'divide', operands: ['x', 50] },
      { to: 'twice', operation: 'multiply', operands: [2, 't'] },
      { to: 'e', operation: 'exp', operands: ['twice'] },
      { to: 'sum', operation: 'add', operands: ['e', 1] },
      { to: 'part', operation: 'divide', operands: [2, 'sum'] },
      { to: 'u', operation: 'subtract', operands: [1, 'part'] },
      { to: 'y', operation: 'multiply', operands: [50, 'u'] },
    );
    expect(printed(output)).toEqual([0.9999, 48.2, 50, 50, 50, 50, -0.9999, -50, 50]);
  });
});
