/**
 * Error bounds held against runs.
 *
 * @module
 */
import fc from 'fast-check';
import type { Reduction } from '../../src/accumulators/index.ts';
import { accumulatorRounding, leaves } from '../../src/accumulators/walk.ts';
import { errorBound } from '../../src/bounds/index.ts';
import { BittrueError } from '../../src/errors/index.ts';
import { dot, flashAttentionExp2, layerNorm, type Result, rmsNorm, softmax, sum } from '../../src/kernels/index.ts';
import type { Rounding } from '../../src/rounding/index.ts';
import type { ExpMethod } from '../../src/specification/index.ts';
import { defineTarget, type Target, type VectorUnit } from '../../src/targets/index.ts';
import {
  alignedAccumulators,
  carefulAccumulators,
  floatAccumulators,
  reals,
  reductions,
  roundings,
  targets,
} from '../../src/testing/arbitraries/index.ts';
import { generator } from '../random.ts';
import { distance, OFF, realNorm, realSoftmax, realSum } from './realFunctions.ts';

/** What was seen. */
export interface ErrorTally {
  /** Kernels that ran and have a bound, and of them in a random order of their terms, against a bound for any. */
  kernels: number;
  shuffled: number;
  outputs: number;
  infinite: number;
  /** Outputs that raised nothing in the plan's order, and infinite bounds of them. */
  eventFree: number;
  vacuous: number;
  readonly ratios: number[];
}

/** A kernel on one row. */
export interface ErrorCase {
  readonly kernel: string;
  readonly x: readonly number[];
  /** For the printed counterexample. */
  readonly target: Target;
  readonly options: object;
  /** The kernel on its elements, in an order of theirs. */
  run(places: readonly number[]): Pick<Result, 'output' | 'report'>;
  bound(order: 'plan' | 'any'): Float64Array;
  real(): bigint[];
  /** How far the real one may be off. */
  readonly off: bigint;
}

function ordered(values: readonly number[], places: readonly number[]): number[] {
  return places.map((k) => values[k] as number);
}

/** Formats that hold sums of a few dozen small numbers; others overflow, and have no bound to hold against. */
function isRoomy({ format }: Rounding): boolean {
  return (
    format.max >= 2 ** 14 &&
    (format.kind === 'integer' ? format.signed : format.signed && format.lowest === 'subnormal')
  );
}

/** Where a reduction's sums are rounded. */
function roundingsOf(reduction: Reduction): Rounding[] {
  return leaves(reduction).flatMap(({ accumulator }) => accumulatorRounding(accumulator) ?? []);
}

const every = { nanInputs: ['zero', 'max', 'invalid'] } as const;

/**
 * Sums, and dot products on vector and matrix units. `many`: kernels of a unit, each of a width and data of its own; a unit takes
 * longer to draw than to run. Rows of more than one are drawn by a seed, and do not shrink.
 */
export function sumCases(many = 1): fc.Arbitrary<ErrorCase[]> {
  const signed = roundings({ kind: 'float', maxBits: 12, ...every }).filter(isRoomy);
  const outputs = roundings({ kind: 'float', maxBits: 24, ...every }).filter(isRoomy);
  const matrix = fc.record({ operand: signed, product: outputs, output: outputs }).chain((data) =>
    fc
      .oneof(
        reductions(alignedAccumulators(outputs)),
        reductions(carefulAccumulators(outputs).filter(({ kind }) => kind === 'exact')),
        reductions(floatAccumulators(outputs).map((one) => ({ ...one, fused: true }) as typeof one)),
      )
      .map((reduction) =>
        defineTarget({
          name: 'arbitrary',
          source: 'test',
          matrixUnits: { unit: { a: [data.operand.format], k: 4, product: null, reduction, output: data.output } },
        }),
      ),
  );
  const any = targets({ maxBits: 20, kinds: ['generic', 'float', 'fixed'], ...every });
  const vector = any.filter(({ vectorUnits: { vector: unit } }) =>
    [unit.load, unit.compute, unit.store, ...roundingsOf(unit.reduction)].every(isRoomy),
  );
  const both = fc.oneof<fc.Arbitrary<readonly [Target, 'sum' | 'dot']>[]>(
    vector.map((target) => [target, 'sum'] as const),
    vector.map((target) => [target, 'dot'] as const),
    matrix.map((target) => [target, 'dot'] as const),
  );
  return both.chain(([target, kernel]) => {
    const { vector: unit } = target.vectorUnits;
    const format = unit?.load.format ?? target.matrixUnits.unit?.a[0];
    const edge = reals(format as NonNullable<typeof format>).filter(Number.isFinite);
    const small = fc.integer({ min: -512, max: 512 }).map((n) => n / 64);
    const number = fc.oneof({ weight: 8, arbitrary: small }, { weight: 1, arbitrary: edge });
    const caseOf = (a: readonly number[], b: readonly number[]): ErrorCase => {
      const options = { rows: 1, width: a.length, target, record: 'counts' } as const;
      const head = { kernel, x: a, target, options: { width: a.length, b }, off: 0n };
      return kernel === 'sum'
        ? {
            ...head,
            run: (places) => sum(ordered(a, places), options),
            bound: (order) => errorBound('sum', [a], { ...options, order }),
            real: () => [realSum(a, null)],
          }
        : {
            ...head,
            run: (places) => dot(ordered(a, places), ordered(b, places), options),
            bound: (order) => errorBound('dot', [a, b], { ...options, order }),
            real: () => [realSum(a, b)],
          };
    };
    if (many === 1) {
      return fc.integer({ min: 0, max: 40 }).chain((width) => {
        const row = fc.array(number, { minLength: width, maxLength: width });
        return fc.tuple(row, row).map(([a, b]) => [caseOf(a, b)]);
      });
    }
    return fc.tuple(fc.array(edge, { minLength: 24, maxLength: 24 }), fc.nat()).map(([edges, seed]) => {
      const next = generator(seed);
      const draw = (n: number): number => Math.floor(next() * n);
      const row = (width: number): number[] =>
        Array.from({ length: width }, () => (draw(9) === 0 ? (edges[draw(24)] as number) : (draw(1025) - 512) / 64));
      return Array.from({ length: many }, () => {
        const width = draw(41);
        return caseOf(row(width), row(width));
      });
    });
  });
}

/** Norms and softmax, on targets of any steps, one of a target. */
export function rowCases(): fc.Arbitrary<ErrorCase[]> {
  const roots = fc.constantFrom('correctlyRounded', 'sqrtThenReciprocal', 'sqrtThenDivide');
  const vectors = fc
    .tuple(targets({ maxBits: 20, kinds: ['generic', 'float', 'fixed'], ...every }), roots, fc.boolean())
    .map(([target, kind, divides]) => {
      const unit = { ...target.vectorUnits.vector, reciprocalSqrt: { kind }, mean: divides ? 'divide' : 'reciprocal' };
      return { ...target, vectorUnits: { vector: unit as VectorUnit } };
    })
    .filter(({ vectorUnits: { vector: unit } }) =>
      [unit.load, unit.compute, unit.statistics, unit.store, ...roundingsOf(unit.reduction)].every(isRoomy),
    );
  const kernels = fc.constantFrom('layerNorm', 'rmsNorm', 'softmax');
  return fc.tuple(vectors, kernels, fc.integer({ min: 1, max: 40 })).chain(([target, kernel, width]) => {
    const edge = reals(target.vectorUnits.vector.load.format).filter(Number.isFinite);
    const small = fc.integer({ min: -512, max: 512 }).map((n) => n / 64);
    const number = fc.oneof({ weight: 20, arbitrary: small }, { weight: 1, arbitrary: edge });
    const row = fc.array(number, { minLength: width, maxLength: width });
    const weights = fc.option(fc.array(small, { minLength: width, maxLength: width }), { nil: null });
    if (kernel === 'softmax') {
      return fc
        .tuple(
          row,
          fc.constantFrom('divide' as const, 'reciprocal' as const),
          fc.option(fc.constant([-4, 3.3] as const), { nil: null }),
          fc.constantFrom<ExpMethod>({ kind: 'correctlyRounded' }, { kind: 'correctlyRounded' }, flashAttentionExp2),
        )
        .map(([x, normalize, clamp, exp]): ErrorCase[] => {
          const options = { rows: 1, width, target, normalize, exp, record: 'counts' } as const;
          const whole = { ...options, ...(clamp && { clamp: { low: clamp[0], high: clamp[1] } }) };
          const one: ErrorCase = {
            kernel,
            x,
            target,
            options: { width, normalize, clamp, exp },
            run: (places) => softmax(ordered(x, places), whole),
            bound: (order) => errorBound('softmax', [x], { ...whole, order }),
            real: () => realSoftmax(x, clamp),
            off: OFF,
          };
          return [one];
        });
    }
    return fc
      .record({
        x: row,
        residual: fc.option(row, { nil: null, freq: 1 }),
        gamma: weights,
        beta: weights,
        scale: fc.constantFrom(1, 1, 0.5, 0.3),
        epsilonScaled: fc.boolean(),
        epsilon: fc.constantFrom(1e-5, 1e-5, 0.25, 0),
        variance: fc.constantFrom('twoPass' as const, 'twoPass' as const, 'onePass' as const, 'welford' as const),
        affine: fc.constantFrom('separate' as const, 'fused' as const),
      })
      .map(({ x, residual, gamma, beta, affine, variance, ...more }): ErrorCase[] => {
        const isLayer = kernel === 'layerNorm';
        const bias = isLayer ? beta : null;
        const given = { residual, gamma, beta: bias };
        const options = (places: readonly number[]) => ({
          rows: 1,
          width,
          target,
          record: 'counts' as const,
          ...more,
          ...Object.fromEntries(
            Object.entries(given).flatMap(([key, values]) => (values === null ? [] : [[key, ordered(values, places)]])),
          ),
          ...(isLayer ? { variance, affine: gamma && bias ? affine : ('separate' as const) } : {}),
        });
        const asGiven = x.map((_, k) => k);
        const one: ErrorCase = {
          kernel,
          x,
          target,
          options: { ...more, ...given, variance, affine, width },
          run: (places) => (isLayer ? layerNorm : rmsNorm)(ordered(x, places), options(places)),
          bound: (order) => errorBound(kernel as 'layerNorm', [x], { ...options(asGiven), order }),
          real: () => realNorm(x, { isCentered: isLayer, epsilon: more.epsilon, ...given }),
          off: OFF,
        };
        return [one];
      });
  });
}

/**
 * Runs `runs` random kernels that have a bound, `many` at a time; throws where an output lies beyond its bound, each bound times
 * `share`.
 */
export function checkErrorBounds(
  runs: number,
  share = 1,
  kernels: fc.Arbitrary<ErrorCase[]> = sumCases(),
  seed?: number,
  many = 1,
): ErrorTally {
  const tally: ErrorTally = { kernels: 0, shuffled: 0, outputs: 0, infinite: 0, eventFree: 0, vacuous: 0, ratios: [] };
  for (let round = 0; tally.kernels < runs; round++) {
    fc.assert(
      fc.property(kernels, fc.nat(), (list, mix) => {
        const next = generator(mix);
        for (const one of list) if (tally.kernels < runs) checkOne(tally, one, next, share);
      }),
      {
        numRuns: Math.ceil((runs - tally.kernels) / many),
        endOnFailure: true,
        ...(seed !== undefined && { seed: seed + round }),
      },
    );
  }
  return tally;
}

/** One kernel, half the time in a random order of its terms, against a bound for any. */
function checkOne(tally: ErrorTally, one: ErrorCase, next: () => number, share: number): void {
  const order = next() < 0.5 ? 'plan' : 'any';
  const places = one.x.map((_, k) => k);
  if (order === 'any') shuffle(places, next);
  let bounds: Float64Array;
  try {
    bounds = one.bound(order).map((bound) => bound * share);
  } catch (error) {
    // Refused by name: another kernel is drawn in its place.
    if (error instanceof BittrueError) return;
    throw error;
  }
  const { output, report } = one.run(places);
  tally.kernels += 1;
  if (order === 'any') tally.shuffled += 1;
  tally.outputs += output.length;
  const isEventFree = report.ok && order === 'plan';
  if (isEventFree) tally.eventFree += output.length;
  const real = one.real();
  output.forEach((y, k) => {
    // Of one output a row, or of one an element.
    const at = bounds.length === 1 ? 0 : (places[k] as number);
    const bound = bounds[at] as number;
    if (bound === Number.POSITIVE_INFINITY) {
      tally.infinite += 1;
      if (isEventFree) tally.vacuous += 1;
      return;
    }
    const error = distance(y, real[at] as bigint, one.off);
    if (!(error <= bound)) {
      const { kernel, x, target, options } = one;
      const shown = JSON.stringify({ kernel, order, places, x, options, target });
      throw new Error(`${kernel}, ${order}: off by ${error}, and the bound is ${bound}: ${shown}`);
    }
    if (bound > 0 && tally.ratios.length < 100_000) tally.ratios.push(error / bound);
  });
}

/** Fisher and Yates. */
function shuffle(places: number[], next: () => number): void {
  for (let i = places.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
}
