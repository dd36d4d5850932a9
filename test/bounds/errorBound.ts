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
import { dot, type Result, sum } from '../../src/kernels/index.ts';
import type { Rounding } from '../../src/rounding/index.ts';
import { defineTarget, type Target } from '../../src/targets/index.ts';
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

/** What was seen. */
export interface ErrorTally {
  outputs: number;
  infinite: number;
  /** Outputs that raised nothing in the plan's order, and infinite bounds of them. */
  eventFree: number;
  vacuous: number;
  readonly ratios: number[];
}

/** A sum of products, or of elements. */
interface ErrorCase {
  readonly kernel: 'sum' | 'dot';
  readonly target: Target;
  readonly width: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
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

function cases(): fc.Arbitrary<ErrorCase> {
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
    return fc.integer({ min: 0, max: 40 }).chain((width) =>
      fc.record({
        kernel: fc.constant(kernel),
        target: fc.constant(target),
        width: fc.constant(width),
        a: fc.array(number, { minLength: width, maxLength: width }),
        b: fc.array(number, { minLength: width, maxLength: width }),
      }),
    );
  });
}

/** Runs random kernels; throws where an output lies beyond its bound, each bound times `share`. */
export function checkErrorBounds(runs: number, share = 1): ErrorTally {
  const tally: ErrorTally = { outputs: 0, infinite: 0, eventFree: 0, vacuous: 0, ratios: [] };
  fc.assert(
    fc.property(cases(), fc.constantFrom('plan', 'any'), fc.nat(), ({ kernel, target, width, a, b }, order, seed) => {
      const options = { rows: 1, width, target, record: 'counts' } as const;
      // A bound for any order holds for the terms in an order of their own.
      const places = a.map((_, k) => k);
      if (order === 'any') shuffle(places, seed);
      const [p, q] = [a, b].map((terms) => places.map((k) => terms[k] as number)) as [number[], number[]];
      const run = (): Result => (kernel === 'sum' ? sum(p, options) : dot(p, q, options));
      let bound: number;
      try {
        const bounds =
          kernel === 'sum'
            ? errorBound('sum', [a], { ...options, order })
            : errorBound('dot', [a, b], { ...options, order });
        bound = (bounds[0] as number) * share;
      } catch (error) {
        if (error instanceof BittrueError) return;
        throw error;
      }
      tally.outputs += 1;
      const { output, report } = run();
      const isEventFree = report.ok && order === 'plan';
      if (isEventFree) tally.eventFree += 1;
      if (bound === Infinity) {
        tally.infinite += 1;
        if (isEventFree) tally.vacuous += 1;
        return;
      }
      const real = kernel === 'sum' ? exactSum(a, null) : exactSum(a, b);
      const error = distance(output[0] as number, real);
      if (!(error <= bound)) throw new Error(`${kernel}, ${order}: off by ${error}, and the bound is ${bound}`);
      if (bound > 0) tally.ratios.push(error / bound);
    }),
    { numRuns: runs, endOnFailure: true },
  );
  return tally;
}

/** Fisher and Yates. */
function shuffle(places: number[], seed: number): void {
  const next = generator(seed);
  for (let i = places.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [places[i], places[j]] = [places[j] as number, places[i] as number];
  }
}

/** Σ a·b in units of 2^−1200, exactly. */
function exactSum(a: readonly number[], b: readonly number[] | null): bigint {
  return a.reduce((total, x, k) => total + fixed(x) * fixed(b === null ? 1 : (b[k] as number)), 0n);
}

/** A number in units of 2^−600. */
function fixed(x: number): bigint {
  if (x === 0) return 0n;
  let [n, exponent] = [x, 0];
  while (!Number.isInteger(n)) {
    n *= 2;
    exponent += 1;
  }
  return BigInt(n) << BigInt(600 - exponent);
}

/** |x − real|, rounded down: no bound may hide behind its own rounding. */
function distance(x: number, real: bigint): number {
  if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY;
  const difference = (fixed(x) << 600n) - real;
  const size = difference < 0n ? -difference : difference;
  const bits = size.toString(2).length;
  const shift = BigInt(Math.max(0, bits - 53));
  return Number(size >> shift) * 2 ** (Number(shift) - 600) * 2 ** -600;
}
