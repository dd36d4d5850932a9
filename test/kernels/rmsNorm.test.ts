import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16 } from '../../src/formats/index.ts';
import { rmsNorm } from '../../src/kernels/index.ts';
import { round } from '../../src/rounding/index.ts';
import { fp16, fp16Fp32Accumulate, fp32 } from '../../src/targets/index.ts';
import { failure, seeded } from '../testing/helpers.ts';

const half = (x: number): number => round(binary16, x);

/** Σx² of binary16 numbers, exact in binary64 for the rows here. */
const squareSum = (x: ArrayLike<number>): number => Array.from(x).reduce((sum, value) => sum + value * value, 0);

/**
 * A row that pushes a sequential FP16 sum up as far as a true sum can: each square is a little more than half a unit in
 * the last place of the sum so far, so that each addition goes up by a whole one.
 */
function greedy(from: number, limit: number, slack: number, length: number): number[] {
  const row = [half(Math.sqrt(from))];
  let rounded = half((row[0] as number) ** 2);
  let exact = (row[0] as number) ** 2;
  while (row.length < length && Number.isFinite(rounded)) {
    const ulp = 2 ** (Math.floor(Math.log2(rounded)) - 10);
    let next = half(Math.sqrt((ulp / 2) * (1 + slack)));
    while (half(rounded + half(next * next)) === rounded) next += 2 ** (Math.floor(Math.log2(next)) - 10);
    if (exact + next * next > limit) break;
    row.push(next);
    exact += next * next;
    rounded = half(rounded + half(next * next));
  }
  return row;
}

describe('rmsNorm', () => {
  it('is the real function where formats are wide', () => {
    const { output, report } = rmsNorm([3, 4, 0, 0], {
      rows: 1,
      width: 4,
      target: fp32,
      epsilon: 0,
      gamma: [1, 1, 1, 1],
    });
    for (const [i, y] of [3 / 2.5, 4 / 2.5, 0, 0].entries()) expect(output[i]).toBeCloseTo(y, 6);
    expect(report.stages).toEqual([
      'constants',
      'load',
      'square',
      'squareSum',
      'variance',
      'epsilon',
      'reciprocalSqrt',
      'normalize',
      'gamma',
      'store',
    ]);
  });

  it('names the addition that overflows', () => {
    const { report } = rmsNorm(new Float64Array(5).fill(128), { rows: 1, width: 5, target: fp16 });
    expect(report.first.overflow).toMatchObject({
      stage: 'squareSum',
      index: 3,
      step: 3,
      operation: 'add',
      operands: [49152, 16384],
      exact: '65536',
      result: Infinity,
      masked: true,
    });
    expect(rmsNorm(new Float64Array(5).fill(128), { rows: 1, width: 5, target: fp16Fp32Accumulate }).report.ok).toBe(
      true,
    );
  });

  it('reports that ε·s² underflows to 0 in FP16', () => {
    const { report, output } = rmsNorm([0, 0], { rows: 1, width: 2, target: fp16, scale: 1 / 64 });
    expect(report.constants.first.underflow).toMatchObject({
      stage: 'constants',
      row: -1,
      result: 0,
      operation: 'round',
    });
    expect(report.first.underflow).toBeUndefined();
    expect(report.counts.constants?.underflow).toBe(1);
    // With ε gone, a row of zeros divides by zero.
    expect(report.first.divideByZero).toMatchObject({ stage: 'reciprocalSqrt', row: 0, masked: false });
    expect(output[0]).toBeNaN();
    const kept = rmsNorm([0, 0], { rows: 1, width: 2, target: fp16, scale: 1 / 64, epsilonScaled: false });
    expect(kept.report.ok).toBe(true);
  });
});

describe('the FP16 statement: |fl(s + x) − s| ≤ 2|x|', () => {
  const overflows = (x: readonly number[]): boolean =>
    (rmsNorm(x, { rows: 1, width: x.length, target: fp16, record: 'counts' }).report.counts.squareSum?.overflow ?? 0) >
    0;

  it('a square-sum of at most 32,600 never overflows, however it is made', () => {
    const rows = fc.oneof(
      fc
        .record({ from: fc.integer({ min: 1, max: 32_000 }), slack: fc.double({ min: 0, max: 0.1, noNaN: true }) })
        .map(({ from, slack }) => greedy(from, 32_600, slack, 32_600)),
      fc.array(fc.double({ min: 0, max: 181, noNaN: true }), { minLength: 1, maxLength: 400 }).map((given) => {
        const scale = Math.sqrt(Math.min(1, 32_500 / squareSum(given)));
        return given.map((x) => round(binary16, x * scale, { rounding: 'towardZero' }));
      }),
    );
    fc.assert(
      fc.property(rows, (row) => {
        expect(squareSum(row)).toBeLessThanOrEqual(32_600);
        expect(overflows(row)).toBe(false);
      }),
      seeded(60),
    );
  });

  it('the widest safe row: 32,600 ones and their like', () => {
    expect(overflows(new Array(32_600).fill(1))).toBe(false);
    expect(overflows(greedy(1, 32_600, 0.001, 32_600))).toBe(false);
  });

  it('beyond, a true sum that fits may overflow: 181² followed by 1,600 × 4.004²', () => {
    const row = [181, ...new Array(1600).fill(half(4.004))];
    expect(squareSum(row)).toBeLessThan(65_504);
    const { report } = rmsNorm(row, { rows: 1, width: row.length, target: fp16 });
    expect(report.first.overflow).toMatchObject({ stage: 'squareSum', index: 1024, operands: [65_504, 16.03125] });
  });

  it('and the bound is tight: a true sum just above 65,520 / 2 can overflow', () => {
    const row = greedy(64, 40_000, 0.001, 32_600);
    const at = rmsNorm(row, { rows: 1, width: row.length, target: fp16 }).report.first.overflow?.index as number;
    expect(at).toBeGreaterThan(0);
    expect(squareSum(row.slice(0, at + 1))).toBeLessThan(32_900);
    expect(squareSum(row.slice(0, at + 1))).toBeGreaterThan(32_600);
  });
});

describe('bad input', () => {
  const bad: [change: object, expected: string][] = [
    [{ beta: [1, 1] }, 'name options.beta'],
    [{ variance: 'onePass' }, 'name options.variance'],
    [{ affine: 'fused' }, 'name options.affine'],
    [{ gamma: [1] }, 'shape options.gamma'],
    [{ scale: 0 }, 'range options.scale'],
    [{ epsilon: Infinity }, 'range options.epsilon'],
    [{ rows: 2 }, 'shape x'],
    [{ target: undefined }, 'type options.target'],
  ];
  it.each(bad)('%o: %s', (change, expected) => {
    expect(failure(() => rmsNorm([1, 2], { rows: 1, width: 2, target: fp16, ...change }))).toBe(expected);
  });

  it('answers at the ends of binary64, the reference pass included: ε of 1e300, scales of 1e-300', () => {
    const [rows, width] = [64, 128];
    const x = Float64Array.from({ length: rows * width }, (_, i) => Math.sin(i) * 4);
    const started = performance.now();
    for (const options of [{ epsilon: 1e300 }, { scale: 1e-300 }, { scale: 1e300, epsilonScaled: true }]) {
      const { report } = rmsNorm(x, { rows, width, target: fp16, reference: true, ...options });
      expect(report.error).toBeDefined();
    }
    // Exact decimals took 6 ms an operation, a minute and more for the second alone.
    expect(performance.now() - started).toBeLessThan(30_000);
  }, 60_000);
});
