/**
 * Arbitrary dot products and matrix products, and their comparison with the oracle, bits and events.
 *
 * @module
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { takesProducts } from '../../src/accumulators/define.ts';
import {
  bfloat16,
  binary16,
  binary32,
  e2m1fn,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e8m0fnu,
  type Format,
  int4,
  int8,
  tf32,
  uint8,
} from '../../src/formats/index.ts';
import { type DotOptions, dot, type MatmulOptions, matmul } from '../../src/kernels/index.ts';
import { type Rounding, roundTo } from '../../src/rounding/index.ts';
import { defineTarget, type MatrixUnit, type Target, targets } from '../../src/targets/index.ts';
import {
  alignedAccumulators,
  carefulAccumulators,
  floatAccumulators,
  integerAccumulators,
  policies,
  reals,
  reductions,
  roundings,
  values,
} from '../../src/testing/arbitraries/index.ts';
import { oracleDot } from '../../src/testing/oracle/dot.ts';
import { oracleUnit } from '../targets/vectors/made.ts';
import { outcome } from '../testing/helpers.ts';
import { expectReport } from './helpers.ts';

/** A unit with the formats of its operands. */
export interface ChosenUnit {
  readonly target: Target;
  readonly unit: MatrixUnit;
  readonly a: Format;
  readonly b: Format;
}

/** Every unit of every chip that has its own, with every pair of formats. */
export const namedUnits: readonly ChosenUnit[] = Object.values(targets)
  .filter(({ sameAs }) => sameAs === undefined)
  .flatMap((target) =>
    Object.values(target.matrixUnits).flatMap((unit) =>
      unit.a.flatMap((a) => (unit.mixes === 'same' ? [a] : unit.b).map((b): ChosenUnit => ({ target, unit, a, b }))),
    ),
  );

/** Units of any reduction over any accumulator. */
export function madeUnits(kind: 'float' | 'careful' | 'aligned' | 'grouped' | 'integer'): fc.Arbitrary<ChosenUnit> {
  const formats =
    kind === 'integer'
      ? fc.constantFrom(int8, int4, uint8)
      : kind === 'grouped'
        ? fc.constantFrom<Format>(e2m1fn, e4m3fn)
        : fc.constantFrom<Format>(e4m3fn, e5m2, binary16, bfloat16, tf32, e4m3fnuz, e2m1fn);
  const narrow = roundings({ kind: 'float', maxBits: 20, nanInputs: ['zero', 'max'] });
  const singles = fc
    .constantFrom(binary32, binary16)
    .chain((format) => policies(format).map((policy) => roundTo(format, policy)));
  const accumulators = {
    float: () => floatAccumulators(narrow),
    careful: () => carefulAccumulators(narrow),
    aligned: () => alignedAccumulators(singles),
    grouped: () => alignedAccumulators(singles, [2, 4, 8]),
    integer: () => integerAccumulators(),
  };
  return fc
    .record({
      a: formats,
      b: formats,
      subnormals: fc.constantFrom('gradual' as const, 'flushInputs' as const),
      zeroOperands: fc.constantFrom('signed' as const, 'positive' as const),
      k: fc.integer({ min: 1, max: 8 }),
      scale: fc.constantFrom(null, e8m0fnu, e4m3fn),
      product: narrow,
      reduction: reductions(accumulators[kind]()),
      output: kind === 'integer' ? fc.constantFrom(roundTo(int8), roundTo(binary32)) : narrow,
    })
    .map(({ a, b, subnormals, zeroOperands, k, scale, product, reduction, output }) => {
      const target = defineTarget({
        name: 'arbitrary',
        matrixUnits: {
          unit: {
            a: [a],
            b: [b],
            load: { ...(kind === 'integer' ? {} : { subnormals }), nanInput: 'zero' },
            zeroOperands,
            k,
            scale: (kind === 'aligned' || kind === 'grouped') && scale ? { format: scale, block: 4 } : null,
            product: takesProducts(reduction) ? null : product,
            reduction,
            addend: kind === 'integer' ? roundTo(int8, { nanInput: 'zero' }) : output,
            output,
          },
        },
      });
      return { target, unit: target.matrixUnits.unit as MatrixUnit, a, b };
    });
}

/** A product with all its operands, row-major; B as `matmul` takes it. */
export interface ProductCase {
  readonly chosen: ChosenUnit;
  readonly kernel: 'dot' | 'matmul';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[] | null;
  readonly scaleA: readonly number[] | null;
  readonly scaleB: readonly number[] | null;
  readonly splitK: number | null;
  readonly promoteEvery: number | null;
  readonly partial: Rounding;
}

/** Products on a unit, K up to `widest`. */
export function productCases(unit: fc.Arbitrary<ChosenUnit>, widest = 20): fc.Arbitrary<ProductCase> {
  const shape = fc.record({
    kernel: fc.constantFrom('dot' as const, 'matmul' as const),
    m: fc.integer({ min: 1, max: 3 }),
    n: fc.integer({ min: 1, max: 3 }),
    k: fc.nat({ max: widest }),
  });
  return fc.tuple(unit, shape).chain(([chosen, { kernel, m, n: columns, k }]) => {
    const n = kernel === 'dot' ? 1 : columns;
    const { scale, addend } = chosen.unit;
    const blocks = scale === null ? 0 : Math.ceil(k / scale.block);
    const of = (element: fc.Arbitrary<number>, length: number): fc.Arbitrary<number[]> =>
      fc.array(element, { minLength: length, maxLength: length });
    const numbers = (format: Format, length: number): fc.Arbitrary<number[]> =>
      fc.oneof(
        { weight: 3, arbitrary: of(fc.oneof(moderate(format), fc.constant(0)), length) },
        { weight: 1, arbitrary: of(fc.oneof(values(format), reals(format)), length) },
      );
    const scales = (length: number): fc.Arbitrary<number[] | null> =>
      scale === null ? fc.constant(null) : of(values(scale.format), length);
    const rowsB = kernel === 'dot' ? m : n;
    return fc.record({
      chosen: fc.constant(chosen),
      kernel: fc.constant(kernel),
      m: fc.constant(m),
      n: fc.constant(n),
      k: fc.constant(k),
      a: numbers(chosen.a, m * k),
      b: numbers(chosen.b, rowsB * k),
      c: fc.option(numbers(addend.format, m * n)),
      scaleA: scales(m * blocks),
      scaleB: scales(rowsB * blocks),
      splitK: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 3 }),
      promoteEvery: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 3 }),
      partial: fc.constantFrom(roundTo(binary32), roundTo(binary16, { rounding: 'towardZero' })),
    });
  });
}

/** Values of like size, so that sums come out neither empty nor lost. */
function moderate(format: Format): fc.Arbitrary<number> {
  const bits = format.kind === 'float' ? Math.min(format.mantissaBits, 20) : format.bits - 2;
  const whole = fc.integer({ min: -(2 ** bits), max: 2 ** bits });
  return format.kind === 'float'
    ? fc.tuple(whole, fc.integer({ min: -3, max: 1 })).map(([x, e]) => (x / 2 ** bits) * 2 ** e)
    : whole.map((x) => (format.signed ? x : Math.abs(x)));
}

function optionsOf({ chosen, c, scaleA, scaleB, splitK, promoteEvery, partial }: ProductCase) {
  return {
    target: chosen.target,
    unit: chosen.unit.name,
    a: chosen.a,
    b: chosen.b,
    partial,
    record: 'all' as const,
    limit: 2 ** 32,
    ...(c === null ? {} : { c }),
    ...(scaleA === null || scaleB === null ? {} : { scaleA, scaleB }),
    ...(splitK === null ? {} : { splitK }),
    ...(promoteEvery === null ? {} : { promoteEvery }),
  };
}

function runKernel(given: ProductCase) {
  const { kernel, m, n, k, a, b } = given;
  const options = optionsOf(given);
  return kernel === 'dot'
    ? dot(a, b, { ...options, rows: m, width: k } satisfies DotOptions)
    : matmul(a, b, { ...options, m, n, k } satisfies MatmulOptions);
}

/** Columns of a [rows, columns] matrix, one after the other. */
function columnsOf(x: readonly number[], columns: number): number[] {
  const rows = columns === 0 ? 0 : x.length / columns;
  return Array.from({ length: x.length }, (_, i) => x[(i % rows) * columns + Math.floor(i / rows)] as number);
}

function runOracle({ chosen, kernel, m, n, k, a, b, c, scaleA, scaleB, splitK, promoteEvery, partial }: ProductCase) {
  const all = kernel === 'matmul';
  const pairs = all
    ? Array.from({ length: m * n }, (_, r) => [Math.floor(r / n), r % n] as const)
    : Array.from({ length: m }, (_, r) => [r, r] as const);
  return oracleDot({
    unit: oracleUnit(chosen.unit, chosen.a, chosen.b),
    width: k,
    a,
    b: all ? columnsOf(b, n) : b,
    c,
    scaleA,
    scaleB: all && scaleB !== null ? columnsOf(scaleB, n) : scaleB,
    pairs,
    ...(splitK === null ? {} : { splitK }),
    ...(promoteEvery === null ? {} : { promoteEvery }),
    partial,
  });
}

/** The property: kernel and oracle agree on the bits and on every event, or both refuse. */
export function productsAgree(given: ProductCase): void {
  const wanted = outcome(() => runOracle(given));
  const found = outcome(() => runKernel(given));
  if (wanted === 'refused' || found === 'refused') {
    expect(found).toEqual(wanted);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  const stages = ['load', ...(given.chosen.unit.product === null ? [] : ['product']), 'accumulate', 'store'];
  expectReport(found.report, { ...wanted, stages }, given.m * given.n);
}
