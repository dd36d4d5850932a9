import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineReduction } from '../../../src/accumulators/index.ts';
import { binary16, e2m1fn, e4m3fn, type Format, formatName, int8, parseFormat } from '../../../src/formats/index.ts';
import { isValue, resolvePolicy, roundTo } from '../../../src/rounding/index.ts';
import { defineTarget } from '../../../src/targets/index.ts';
import {
  alignedAccumulators,
  carefulAccumulators,
  deterministicModes,
  floatAccumulators,
  formats,
  integerAccumulators,
  policies,
  reals,
  reductions,
  roundings,
  rows,
  targets,
  values,
} from '../../../src/testing/arbitraries/index.ts';
import { seeded } from '../helpers.ts';

const sample = <T>(arbitrary: fc.Arbitrary<T>, count = 2000): T[] => fc.sample(arbitrary, { seed: 7, numRuns: count });

/** What a failing property shrinks to. */
function smallest<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean): T {
  const { counterexample } = fc.check(fc.property(arbitrary, holds), { seed: 20261122, numRuns: 2000 });
  return (counterexample as [T])[0];
}

describe('formats', () => {
  it('draws every kind, within the widest code', () => {
    const drawn = sample(formats({ maxBits: 16 }));
    expect(Math.max(...drawn.map(({ bits }) => bits))).toBe(16);
    const names = new Set(drawn.map(formatName));
    for (const name of ['binary16', 'e4m3fn', 'int8', 'e8m0fnu', 'mxint8']) expect(names).toContain(name);
    expect([...names].some((name) => /^binary\d+p\d+/.test(name))).toBe(true);
    expect([...names].some((name) => name.startsWith('float:'))).toBe(true);
    const floats = drawn.filter((format) => format.kind === 'float');
    for (const lowest of ['subnormal', 'normal', 'normalButZero']) {
      expect(floats.some((format) => format.lowest === lowest)).toBe(true);
    }
    for (const nan of ['ieee', 'topCode', 'negativeZero', 'none'])
      expect(floats.some((format) => format.nan === nan)).toBe(true);
  });

  it('draws one kind on request', () => {
    expect(sample(formats({ kind: 'float' }), 200).every(({ kind }) => kind === 'float')).toBe(true);
    expect(sample(formats({ kind: 'integer' }), 200).every(({ kind }) => kind === 'integer')).toBe(true);
    expect(sample(formats({ maxBits: 2 }), 50).every(({ bits }) => bits === 2)).toBe(true);
  });
});

describe('policies and roundings', () => {
  it.each([binary16, e2m1fn, int8].map((format): [string, Format] => [formatName(format), format]))(
    'are complete policies that %s can follow',
    (_, format) => {
      const drawn = sample(policies(format), 500);
      for (const policy of drawn) expect(resolvePolicy(format, policy)).toEqual(policy);
      expect(new Set(drawn.map(({ rounding }) => rounding))).toEqual(new Set(deterministicModes));
      expect(new Set(drawn.map(({ overflow }) => overflow)).size).toBe(format.kind === 'integer' ? 2 : 5);
    },
  );

  it('keep to the modes and NaN rules asked for', () => {
    const drawn = sample(roundings({ modes: ['toOdd'], nanInputs: ['max'], maxBits: 8 }), 200);
    expect(drawn.every(({ policy }) => policy.rounding === 'toOdd' && policy.nanInput === 'max')).toBe(true);
  });

  it('shrink to the defaults', () => {
    const found = smallest(policies(binary16), ({ rounding }) => rounding !== 'toOdd');
    expect(found).toEqual({ ...resolvePolicy(binary16), rounding: 'toOdd' });
  });
});

describe('reals and values', () => {
  it('lie on values, midpoints and their neighbours, around the ends, and beyond', () => {
    const drawn = sample(reals(e4m3fn), 6000);
    for (const x of [0, 448, -448, 464, 2 ** -9, 2 ** -10, Infinity, -Infinity, -0]) expect(drawn).toContain(x);
    expect(drawn.some(Number.isNaN)).toBe(true);
    expect(drawn.some((x) => x > 448 && x < 464)).toBe(true);
    expect(drawn.some((x) => Math.abs(x) > 1e10 && Number.isFinite(x))).toBe(true);
  });

  it('leave out what they are told to', () => {
    const drawn = sample(reals(e4m3fn, { noNaN: true, noInfinity: true }));
    expect(drawn.every(Number.isFinite)).toBe(true);
    expect(sample(values(binary16, { noNaN: true, noInfinity: true }), 500).every(Number.isFinite)).toBe(true);
  });

  it('values are values', () => {
    fc.assert(
      fc.property(
        formats({ maxBits: 40 }).chain((format) => fc.tuple(fc.constant(format), values(format))),
        ([format, x]) => isValue(format, x),
      ),
      seeded(1000),
    );
  });

  it('shrink toward zero', () => {
    expect(Math.abs(smallest(values(binary16), (x) => !(Math.abs(x) > 0)))).toBe(2 ** -24);
    expect(Math.abs(smallest(values(e4m3fn, { noNaN: true }), (x) => x <= 3.2))).toBe(3.25);
    expect(smallest(reals(e2m1fn), (x) => !Number.isNaN(x))).toBeNaN();
  });
});

describe('rows', () => {
  it('have their shape, and are of the kinds that break kernels', () => {
    const drawn = sample(rows(binary16, { maxRows: 2, maxWidth: 9 }), 800);
    for (const { rows: count, width, x } of drawn) expect(x).toHaveLength(count * width);
    expect(new Set(drawn.map(({ width }) => width)).size).toBe(9);
    const squares = drawn.map(({ x }) => x.reduce((sum, value) => sum + value * value, 0));
    expect(squares.some((sum) => sum > 65504 / 4 && sum < 65504 * 4)).toBe(true);
    expect(drawn.some(({ x }) => x.length > 3 && x.every((value) => value !== 0 && Math.abs(value) < 2 ** -12))).toBe(
      true,
    );
    expect(drawn.some(({ x }) => x.length > 3 && new Set(x).size === 1)).toBe(true);
    expect(drawn.some(({ x }) => x.some(Number.isNaN))).toBe(true);
  });

  it('shrink to one narrow row of zeros', () => {
    expect(smallest(rows(binary16), () => false)).toEqual({ rows: 1, width: 1, x: Float64Array.of(0) });
  });
});

describe('reductions', () => {
  const half = fc.constant(roundTo(binary16));

  it('are what defineReduction makes', () => {
    const accumulator = fc.oneof(
      floatAccumulators(half),
      carefulAccumulators(half),
      alignedAccumulators(half),
      integerAccumulators(),
    );
    const drawn = sample(reductions(accumulator), 500);
    for (const reduction of drawn) expect(defineReduction(JSON.parse(JSON.stringify(reduction)))).toEqual(reduction);
    expect(new Set(drawn.map(({ kind }) => kind)).size).toBe(6);
    const text = JSON.stringify(drawn);
    for (const kind of ['float', 'kahan', 'neumaier', 'exact', 'aligned', 'integer'])
      expect(text).toContain(`"kind":"${kind}"`);
  });

  it('nest no deeper than asked', () => {
    for (const { kind } of sample(reductions(floatAccumulators(half), { maxDepth: 0 }), 100)) {
      expect(['sequential', 'pairwise', 'butterfly']).toContain(kind);
    }
  });

  it('shrink to a chain', () => {
    expect(smallest(reductions(floatAccumulators(half)), () => false)).toMatchObject({ kind: 'sequential' });
  });
});

describe('targets', () => {
  it('are what defineTarget makes', () => {
    const drawn = sample(targets(), 300);
    for (const target of drawn) expect(defineTarget(JSON.parse(JSON.stringify(target)))).toEqual(target);
    expect(drawn.some(({ name }) => name === 'fp16Tile64')).toBe(true);
    expect(new Set(drawn.map(({ vectorUnits: { vector } }) => vector.reciprocalSqrt.kind)).size).toBe(4);
    expect(new Set(drawn.map(({ vectorUnits: { vector } }) => vector.mean)).size).toBe(2);
  });

  it('keep to the kinds asked for', () => {
    const text = JSON.stringify(
      sample(targets({ kinds: ['integer'] }), 50).map(({ vectorUnits: { vector } }) => vector.reduction),
    );
    expect(text).not.toContain('"float"');
    expect(
      sample(targets({ kinds: ['generic'] }), 50).every(
        ({ verified, name }) => verified === 'definition' && name !== 'arbitrary',
      ),
    ).toBe(true);
  });

  it('shrink to fp16', () => {
    expect(smallest(targets(), () => false).name).toBe('fp16');
    expect(parseFormat('fp16')).toBe(binary16);
  });
});
