import { describe, expect, it } from 'vitest';
import { bfloat16, binary16, e2m1fn, e4m3fn } from '../../../src/formats/index.ts';
import { dot } from '../../../src/kernels/index.ts';
import { defineTarget, findTarget, type Target } from '../../../src/targets/index.ts';
import { type Different, describeDistinction, distinguish } from '../../../src/testing/distinguish/index.ts';
import { byOracle } from './catalogue.ts';

const single = { format: 'binary32' };
const double = { format: 'binary64' };
const plain = { kind: 'float', rounding: single } as const;

/** A machine of one format, binary32, whose vector unit sums in an order of its own. */
function summing(reduction: unknown, format: unknown = single): Target {
  const [load, compute, accumulate, statistics, store] = [format, format, format, format, format];
  const rest = { mean: 'reciprocal', reciprocalSqrt: { kind: 'correctlyRounded' }, reduction };
  const vector = { load, compute, accumulate, statistics, store, ...rest };
  return defineTarget({ name: 'mine', vectorUnits: { vector } });
}

describe('distinguish', () => {
  it('finds one bit of alignment with one product and an addend, and shows both sides', () => {
    const found = distinguish('h100:f16', 'a100:f16', 'dot') as Different;
    expect(found).toMatchObject({ verdict: 'different', width: 1, a: [1], b: [1], c: -(2 ** -25), nonZero: 3 });
    expect(found.sides.map(({ code }) => code)).toEqual(['0x3f7fffff', '0x3f800000']);
    expect(describeDistinction(found)).toBe(
      [
        'different on K = 1: a[0] = 1, b[0] = 1, c = -2^-25; all others 0',
        'the exact sum: 0.9999999701976776123046875',
        'h100:f16 (fused blocks of 16, 25 bits cut, to binary32 towardZero)',
        '  -2^-25 + 1 = 0.9999999403953552; exactly 0.9999999701976776123046875 (fused 25 bits cut, to binary32 towardZero)',
        '  gives 0.9999999403953552, 0x3f7fffff of binary32',
        'a100:f16 (fused blocks of 8, 24 bits cut, to binary32 towardZero)',
        '  -2^-25 + 1 = 1; exactly 0.9999999701976776123046875 (fused 24 bits cut, to binary32 towardZero)',
        '  gives 1, 0x3f800000 of binary32',
      ].join('\n'),
    );
  });

  it.each([
    ['v100:f16', 't4:f16', binary16, 3],
    ['mi300:f16', 'mi300:f16K4', binary16, 4],
    ['amx:f16', 'ipu:f16', binary16, 0],
    ['h100:f16F16', 'h100:f16F16Wgmma', binary16, 4],
    ['riscv:rvbna2', 'riscv:rvbna8', bfloat16, 3],
    ['h100:fp8Mma', 'h100:fp8Wgmma', e4m3fn, 1],
    ['b200:mxfp8', 'b200:mxfp4', e2m1fn, 3],
    ['integerMac:acc32Saturate', 'integerMac:acc32SaturateAtEnd', null, 5],
  ])('%s and %s: the exact oracle agrees with both sides', (left, right, format, nonZero) => {
    const found = distinguish(left, right, 'dot', format === null ? {} : { a: format, b: format }) as Different;
    expect(found.verdict).toBe('different');
    expect(found.nonZero).toBe(nonZero);
    const [unit] = (format === null ? findTarget('integerMac').matrixUnits.acc32Saturate?.a : [format]) ?? [];
    const group = { a: unit as never, b: unit as never, units: [] };
    const [p, q] = found.sides;
    expect(p.value).not.toBe(q.value);
    expect(byOracle(left, group, found)).toBe(p.value);
    expect(byOracle(right, group, found)).toBe(q.value);
    for (const { steps, value } of found.sides) expect(steps.at(-1)?.result ?? found.c).toBe(value);
  });

  it('proves equivalence: names, defaults, multiples of K, and what no operand can reach', () => {
    expect(distinguish('a100:f16', 'ada:f16')).toEqual({
      verdict: 'equivalent',
      kernel: 'dot',
      reason: 'the same formats, order and accumulators',
    });
    const tiles = distinguish('armInt8:sdot', 'armInt8:smmla') as { verdict: string; reason: string };
    expect(tiles.verdict).toBe('equivalent');
    expect(tiles.reason).toContain('tiles of 4 one on top of the other are one chain');
    const { f16 } = findTarget('h100').matrixUnits;
    const least = (leastExponent: number): Target => {
      const { reduction } = f16 as never as { reduction: { within: { accumulator: object } } };
      const accumulator = { ...reduction.within.accumulator, leastExponent };
      const own = { ...f16, reduction: { ...reduction, within: { ...reduction.within, accumulator } } };
      return defineTarget({ name: 'mine', matrixUnits: { f16: own }, source: '' });
    };
    const unreachable = distinguish(least(-127), 'h100:f16') as { verdict: string; reason: string };
    expect(unreachable.verdict).toBe('equivalent');
    expect(unreachable.reason).toMatch(/least exponent -127 is never reached: terms have exponents from -126 on/);
    expect(distinguish(least(-20), 'h100:f16').verdict).toBe('different');
  });

  it('tells orders and accumulators of sums apart', () => {
    const sequential = summing({ kind: 'sequential', accumulator: plain });
    const kahan = summing({ kind: 'sequential', accumulator: { kind: 'kahan', rounding: single } });
    const pairwise = summing({ kind: 'pairwise', accumulator: plain });
    const found = distinguish(sequential, pairwise, 'sum') as Different;
    expect(found).toMatchObject({ verdict: 'different', width: 4, nonZero: 3, b: null, c: null });
    expect(distinguish(sequential, kahan, 'sum').verdict).toBe('different');
    const tiled = summing({
      kind: 'tiled',
      size: 8,
      within: { kind: 'sequential', accumulator: plain },
      across: 'chain',
    });
    expect(distinguish(sequential, tiled, 'sum').verdict).toBe('equivalent');
  });

  it('tells units of binary64 apart, whose codes are no numbers', () => {
    const wide = { kind: 'float', rounding: double } as const;
    const [sequential, pairwise] = ['sequential', 'pairwise'].map((kind) =>
      summing({ kind, accumulator: wide }, double),
    );
    const found = distinguish(sequential as Target, pairwise as Target, 'sum') as Different;
    expect(found).toMatchObject({ verdict: 'different', width: 4, nonZero: 3, a: [1, 0, 2 ** -53, -1] });
    expect(found.sides.map(({ code }) => code)).toEqual(['0x0000000000000000', '0x3ca0000000000000']);
    // Random rows too are drawn from codes that no number holds.
    const pairs = (kind: string): Target => {
      const across = { kind: 'sequential', accumulator: wide };
      return summing({ kind: 'tiled', size: 2, within: { kind, accumulator: wide }, across }, double);
    };
    const open = distinguish(pairs('sequential'), pairs('pairwise'), 'sum', { rows: 3000 });
    expect(open.verdict).toBe('indistinguishable');
  });

  it('says how sure it is where it finds nothing and proves nothing', () => {
    const pairs = (within: unknown): Target =>
      summing({ kind: 'tiled', size: 2, within, across: { kind: 'sequential', accumulator: plain } });
    const chain = pairs({ kind: 'sequential', accumulator: plain });
    const tree = pairs({ kind: 'pairwise', accumulator: plain });
    expect(distinguish(chain, tree, 'sum', { rows: 3000 })).toMatchObject({
      verdict: 'indistinguishable',
      rows: 3000,
      bound: 1e-3,
      generators: ['sparse', 'dense', 'narrow', 'cancelling'],
    });
    expect(distinguish(chain, tree, 'sum', { rows: 2 })).toMatchObject({ rows: 2, bound: 1 });
    const open = distinguish(chain, tree, 'sum', { rows: 0 });
    expect(open.verdict).toBe('unknown');
    expect(describeDistinction(open)).toMatch(/^unknown: no difference on \d+ structured probes/);
    const half = { verdict: 'indistinguishable', kernel: 'dot' };
    expect(() => describeDistinction(half as never)).toThrow('distinction: expected what distinguish gives');
    expect(() => describeDistinction({ ...half, verdict: 'same' } as never)).toThrow('distinction.verdict');
  });

  it('gives operands that the kernel itself takes', () => {
    const { width, a, b, c, sides } = distinguish('h100:f16', 'mi200:f16') as Different;
    for (const { target, unit, value } of sides) {
      const { output } = dot(a, b as number[], { rows: 1, width, c: [c as number], target: `${target}:${unit}` });
      expect(output[0]).toBe(value);
    }
  });

  it('refuses sides that take different operands, and junk', () => {
    expect(() => distinguish('h100:f16', 'h100:bf16')).toThrow(/targetB.*binary16 and binary16/);
    expect(() => distinguish('h100:f16', 'h100:none')).toThrow(/targetB/);
    expect(() => distinguish('h100:f16', 'a100:f16', 'softmax' as never)).toThrow(/kernel/);
    expect(() => distinguish('h100:f16', 'a100:f16', 'dot', { rows: -1 })).toThrow(/options.rows/);
    expect(() => distinguish('fp16', 'bf16', 'sum', { a: 'binary16' })).toThrow(/options.a/);
  });
});
