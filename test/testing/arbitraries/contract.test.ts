/**
 * What fast-check asks of its own arbitraries, of each of ours: the same seed gives the same values, every value is in range,
 * edges come within 100 samples, shrinking ends, in range, at something simple.
 */
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { binary16, e2m1fn, e4m3fn, e5m2, int8, mxfp4, nvfp4, uint8 } from '../../../src/formats/index.ts';
import { isValue } from '../../../src/rounding/index.ts';
import {
  adjacentPairs,
  blocks,
  codes,
  integerRows,
  type Matrices,
  matrices,
  outlierRows,
  realsBetween,
  rowsNearOverflow,
  weights,
} from '../../../src/testing/arbitraries/index.ts';

interface Contract<T> {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<T>;
  readonly isInRange: (value: T) => boolean;
  /** Each of these comes within 100 samples. */
  readonly edges: readonly ((value: T) => boolean)[];
  /** A property that fails, and whether what it shrinks to is what a person would write. */
  readonly fails: (value: T) => boolean;
  readonly isSimple: (value: T) => boolean;
}

const some = (x: Float64Array): number[] => Array.from(x).filter((one) => one !== 0);
const contract = <T>(one: Contract<T>): Contract<unknown> => one as Contract<unknown>;
const isWhole = (format: typeof int8) => (x: Float64Array) => x.every((one) => isValue(format, one));

const contracts = [
  contract({
    name: 'codes',
    arbitrary: codes(e5m2),
    isInRange: (code) => Number.isInteger(code) && code >= 0 && code < 256,
    edges: [(code) => code === 0, (code) => code === 0x7c, (code) => code === 0x80, (code) => code > 0xfc],
    fails: (code) => code >= 37,
    isSimple: (code) => code === 37,
  }),
  contract({
    name: 'adjacentPairs',
    arbitrary: adjacentPairs(e4m3fn),
    isInRange: ([x, y]) => x < y && isValue(e4m3fn, x) && isValue(e4m3fn, y),
    edges: [([x]) => x === 0, ([, y]) => y === 448, ([x]) => x === -448, ([, y]) => y === 2 ** -6],
    fails: ([x]) => x >= 2.3,
    isSimple: ([x, y]) => x === 2.5 && y === 2.75,
  }),
  contract({
    name: 'realsBetween',
    arbitrary: realsBetween(-3, 1000.25),
    isInRange: (x) => x >= -3 && x <= 1000.25,
    edges: [(x) => x === -3, (x) => x === 1000.25, (x) => Object.is(x, 0), (x) => !Number.isInteger(x * 1000)],
    fails: (x) => x > 41.3,
    isSimple: (x) => x > 41.3 && String(x).length <= 3,
  }),
  contract({
    name: 'integerRows of int8',
    arbitrary: integerRows(int8, 24),
    isInRange: (x) => x.length === 24 && isWhole(int8)(x),
    edges: [
      (x) => x.every((one) => one === x[0]),
      (x) => x.includes(-128) && x.includes(127),
      (x) => some(x).length < 5,
    ],
    fails: (x) => x.reduce((sum, one) => sum + one, 0) > 300,
    isSimple: (x) => some(x).length <= 4,
  }),
  contract({
    name: 'integerRows of uint8',
    arbitrary: integerRows(uint8, 5),
    isInRange: (x) => x.length === 5 && isWhole(uint8)(x),
    edges: [(x) => x.includes(255)],
    fails: (x) => x.some((one) => one > 9),
    isSimple: (x) => some(x).length === 1,
  }),
  contract({
    name: 'outlierRows',
    arbitrary: outlierRows(32),
    isInRange: (x) => x.length === 32 && x.every(Number.isFinite),
    edges: [(x) => x.some((one) => Math.abs(one) > 100), (x) => x.some((one) => one < -10)],
    fails: (x) => x.some((one) => Math.abs(one) > 20),
    isSimple: (x) => some(x).length === 1 && String(Math.max(...some(x).map(Math.abs))).length <= 4,
  }),
  contract({
    name: 'weights',
    arbitrary: weights(3, 16),
    isInRange: (x) => x.length === 48 && x.every(Number.isFinite),
    edges: [(x) => [0, 1, 2].some((r) => x.subarray(16 * r, 16 * r + 16).every((one) => one === 0))],
    fails: (x) => x.some((one) => Math.abs(one) > 0.7),
    isSimple: (x) => some(x).length === 1 && some(x)[0] === 1,
  }),
  contract({
    name: 'matrices',
    arbitrary: matrices(binary16),
    isInRange: ({ m, n, k, a, b }) =>
      a.length === m * k && b.length === k * n && [...a, ...b].every((x) => isValue(binary16, x)),
    edges: [({ k }) => k > 32, ({ a }) => a.some((x) => Math.abs(x) > 60000), ({ k }) => k === 1],
    fails: ({ a, b, k }) => Array.from({ length: k }, (_, i) => (a[i] as number) * (b[i] as number)).some((x) => x > 5),
    isSimple: ({ a, b }) => some(a).length === 1 && some(b).length === 1,
  }),
  ...[mxfp4, nvfp4].map((format) =>
    contract({
      name: `blocks of ${format.name}`,
      arbitrary: blocks(format),
      isInRange: (x) => x.length > 0 && x.length <= 3 * format.size && x.every(Number.isFinite),
      edges: [
        (x) => x.length % format.size !== 0,
        (x) => x.subarray(0, format.size).every((one) => one === 0),
        (x) => some(x).some((one) => Math.abs(one) === e2m1fn.max),
        (x) => some(x).some((one) => Math.abs(one) > 2 ** 8),
      ],
      fails: (x) => x.some((one) => Math.abs(one) > 5),
      isSimple: (x) => some(x).length === 1 && some(x)[0] === 6,
    }),
  ),
  ...(['sum', 'rmsNorm', 'layerNorm'] as const).map((kernel) =>
    contract({
      name: `rowsNearOverflow of ${kernel}`,
      arbitrary: rowsNearOverflow('fp16', kernel, 100),
      isInRange: (x) => x.length === 100 && x.every((one) => isValue(binary16, one)),
      edges: [(x) => some(x).length === 2, (x) => some(x).length === 100],
      fails: (x) => x.reduce((sum, one) => sum + Math.abs(one) ** (kernel === 'sum' ? 1 : 2), 0) > 60000,
      isSimple: (x) => some(x).length <= 2,
    }),
  ),
];

describe.each(contracts)('$name', ({ arbitrary, isInRange, edges, fails, isSimple }) => {
  const sample = (seed: number, numRuns = 100): unknown[] => fc.sample(arbitrary, { seed, numRuns });

  it('gives the same values for the same seed, and others for another', () => {
    expect(sample(3)).toEqual(sample(3));
    expect(sample(3)).not.toEqual(sample(4));
  });

  it('stays in range', () => {
    for (const value of sample(5, 500)) expect(isInRange(value)).toBe(true);
  });

  it('comes to its edges within 100 samples', () => {
    for (const [i, isEdge] of edges.entries()) {
      for (const seed of [1, 2, 3]) expect(sample(seed, 100).some(isEdge), `edge ${i}, seed ${seed}`).toBe(true);
    }
  });

  it('shrinks to what a person would write, and never out of range', () => {
    for (const seed of [1, 2, 3, 4]) {
      let isOut = false;
      const holds = (value: unknown): boolean => {
        if (!isInRange(value)) isOut = true;
        return !fails(value);
      };
      const { failed, counterexample } = fc.check(fc.property(arbitrary, holds), { seed, numRuns: 2000 });
      expect(failed).toBe(true);
      expect(isOut).toBe(false);
      const [value] = counterexample as [unknown];
      expect(isSimple(value), JSON.stringify(value)).toBe(true);
    }
  });
});

describe('types and arguments', () => {
  it('are what they say', () => {
    expectTypeOf(codes(e5m2)).toEqualTypeOf<fc.Arbitrary<number>>();
    expectTypeOf(adjacentPairs).returns.toEqualTypeOf<fc.Arbitrary<readonly [number, number]>>();
    expectTypeOf(matrices(binary16)).toEqualTypeOf<fc.Arbitrary<Matrices>>();
    expectTypeOf(rowsNearOverflow).parameter(1).toEqualTypeOf<'sum' | 'rmsNorm' | 'layerNorm'>();
    expectTypeOf(blocks).returns.toEqualTypeOf<fc.Arbitrary<Float64Array>>();
    // @ts-expect-error: softmax subtracts its maximum
    expect(() => rowsNearOverflow('fp16', 'softmax', 8)).toThrow(/kernel/);
    // @ts-expect-error: a name is no format here
    expect(() => codes('binary16')).toThrow(/format/);
    expect(() => integerRows(binary16, 4)).toThrow(/integer format/);
    expect(() => realsBetween(1, 0)).toThrow(/max/);
    for (const width of [1, 2, 3]) expect(fc.sample(outlierRows(width), 5).every((x) => x.length === width)).toBe(true);
    expect(() => outlierRows(3, { maxOutliers: 4 })).toThrow(/constraints.maxOutliers/);
    expect(() => rowsNearOverflow('fp17', 'sum', 8)).toThrow(/target/);
  });
});
