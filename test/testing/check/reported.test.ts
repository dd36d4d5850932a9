/**
 * Quantizers, sums and norms as bug reports tell of them that came after the list of behaviours: each is caught, and named with
 * all of its wrong answers.
 */
import { describe, expect, it } from 'vitest';
import type { Reduction } from '../../../src/accumulators/index.ts';
import { binary16, e2m1fn, parseFormat } from '../../../src/formats/index.ts';
import { round, roundTo } from '../../../src/rounding/index.ts';
import {
  type Check,
  checkBlockQuantizer,
  checkLaws,
  checkQuantizer,
  checkRounding,
  checkSum,
  layerNormLaws,
} from '../../../src/testing/index.ts';

const runs = 2000;
const named = (check: Check): string => {
  const { diagnosis, counterexample } = check;
  expect(check.ok).toBe(false);
  expect(counterexample?.inputs.filter((x) => x !== 0).length).toBeLessThanOrEqual(5);
  const all = diagnosis?.explained === diagnosis?.differing ? '' : ' in part';
  return `${diagnosis?.behaviours.map(({ name }) => name).join(' and ')}${all}`;
};
const to = (name: string, implementation: (x: number) => number, policy = {}): Check =>
  checkRounding(implementation, { from: 'binary32', to: name, policy, runs });
const quantize = (implementation: (q: number) => number, more = {}): Check =>
  checkQuantizer((x: number) => implementation(x / 0.5), {
    to: 'int8',
    scale: 0.5,
    quotient: 'binary64',
    runs,
    ...more,
  });

const add = (p: number, q: number): number => round(binary16, p + q);
const chain: Reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(binary16) } };
const summed = (implementation: (terms: readonly number[]) => number): Check =>
  checkSum((terms: ArrayLike<number>) => implementation([...Array.from(terms)]), {
    format: 'binary16',
    reduction: chain,
    runs: 500,
  });

const grid = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

describe('what reports tell of', () => {
  it.each<[string, () => Check, string]>([
    [
      'E5M2 as the upper byte of binary16',
      () => to('e5m2', (x) => round(parseFormat('e5m2'), round(binary16, x), { rounding: 'towardZero' })),
      'towardZero overflowing and via binary16',
    ],
    ['the fnuz format for OCP’s', () => to('e4m3fn', (x) => round(parseFormat('e4m3fnuz'), x)), 'rounds to e4m3fnuz'],
    [
      'thresholds of FP4 compared with >, not ≥',
      () =>
        to(
          'e2m1fn',
          (x) => {
            if (x !== x) return 0;
            const k = grid.findIndex((low, i) => Math.abs(x) <= (low + (grid[i + 1] ?? Infinity)) / 2);
            return Math.sign(x) * (grid[k] as number) || x * 0;
          },
          { nanInput: 'zero' },
        ),
      'tiesToZero',
    ],
    ['a cast that keeps the low byte', () => quantize((q) => (Math.round(q) << 24) >> 24), 'tiesUp and wraps'],
    [
      '2^23 in place of 1.5 · 2^23',
      () => quantize((q) => Math.max(-128, Math.min(127, Math.fround(Math.fround(q) + 2 ** 23) - 2 ** 23))),
      'magic',
    ],
    [
      'groups of three',
      () =>
        summed((terms) => {
          let sum = 0;
          for (let i = 0; i < terms.length; i += 3) sum = add(sum, terms.slice(i, i + 3).reduce(add, 0));
          return sum;
        }),
      'tiles3',
    ],
    [
      'a sum of sorted terms',
      () => summed((terms) => [...terms].sort((p, q) => Math.abs(p) - Math.abs(q)).reduce(add, 0)),
      'smallestFirst',
    ],
    [
      'a sum without negative terms',
      () => summed((terms) => terms.map((x) => Math.max(x, 0)).reduce(add, 0)),
      'withoutNegative',
    ],
    ['a sum that starts from the first term', () => summed((terms) => terms.reduce(add)), 'fromFirst'],
  ])('%s', (_, check, name) => {
    expect(named(check())).toBe(name);
  });

  it.each([
    ['the scale of the next binade', (most: number) => Math.ceil(Math.log2(most / 6)), 'rule rceil'],
    ['the scale of the nearest binade', (most: number) => Math.round(Math.log2(most)) - 2, 'roundedBinade'],
    ['a logarithm in binary32', (most: number) => Math.floor(Math.fround(Math.log2(most))) - 2, 'floatLog2'],
  ])('%s of MXFP4', (_, pick, name) => {
    const implementation = (x: Float32Array) => {
      const most = x.reduce((largest, one) => Math.max(largest, Math.abs(one)), 0);
      const scale = 2 ** (most === 0 ? -127 : Math.max(-127, pick(most)));
      return { scales: [scale], elements: x.map((one) => round(e2m1fn, one / scale, { overflow: 'saturate' })) };
    };
    const { scales, elements } = checkBlockQuantizer(implementation, { format: 'mxfp4', gives: 'numbers' });
    expect(named(scales)).toBe(name);
    expect(elements.ok).toBe(true);
  });

  it('a LayerNorm that divides by width − 1, has ε beside the root, or subtracts no mean', () => {
    const norm =
      (less: number, isBeside: boolean, hasMean = true) =>
      (row: readonly number[]): number[] => {
        const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
        const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (row.length - less);
        const root = isBeside ? Math.sqrt(variance) + 1e-5 : Math.sqrt(variance + 1e-5);
        return row.map((x) => (x - (hasMean ? mean : 0)) / root);
      };
    const broken = (kernel: (row: readonly number[]) => number[], width: number): readonly string[] =>
      checkLaws(kernel, layerNormLaws({ width, epsilon: 1e-5 }), { runs: 50 }).broken;
    for (const width of [8, 100]) {
      expect(broken(norm(0, false), width)).toEqual([]);
      expect(broken(norm(1, false), width)).toEqual(['length']);
      expect(broken(norm(0, true), width)).toEqual(['length']);
      expect(broken(norm(0, false, false), width)).toContain('constant');
    }
  });
});
