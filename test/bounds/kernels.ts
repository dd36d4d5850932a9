/**
 * Small kernels at random, all of whose inputs can be run.
 *
 * @module
 */
import fc from 'fast-check';
import type { BoundsOptions } from '../../src/bounds/index.ts';
import type { Report } from '../../src/events/index.ts';
import type { Format } from '../../src/formats/index.ts';
import { dot, layerNorm, rmsNorm, softmax, sum } from '../../src/kernels/index.ts';
import type { EventKind } from '../../src/rounding/index.ts';
import { decode, type Rounding } from '../../src/rounding/index.ts';
import type { Numbers } from '../../src/specification/index.ts';
import { defineTarget, type Target } from '../../src/targets/index.ts';
import {
  alignedAccumulators,
  carefulAccumulators,
  floatAccumulators,
  integerAccumulators,
  reductions,
  roundings,
  targets,
} from '../../src/testing/arbitraries/index.ts';

/** A kernel with its set of inputs, and every row of that set as it may be loaded. */
export interface SmallKernel {
  readonly options: BoundsOptions;
  readonly width: number;
  /** Rows, one after the other. */
  readonly rows: Float64Array;
}

/** A NaN that an overflow made must not end a run, so that all its rows can be counted. */
const every = { nanInputs: ['zero', 'max', 'invalid'] } as const;

/** Rows of the largest kernel. */
const MOST_ROWS = 4096;

const overflows: readonly EventKind[] = ['overflow', 'saturation', 'wrap'];
const failures: readonly EventKind[] = [...overflows, 'invalid', 'divideByZero'];
const squareStages = ['load', 'scale', 'square', 'squareSum'];

const known = new Map<Format, number[]>();

/** Every finite number of a format of few bits, ascending. */
export function numbersOf(format: Format): number[] {
  const found = known.get(format);
  if (found !== undefined) return found;
  const all = [...Array(format.codes).keys()].map((code) => decode(format, code)).filter(Number.isFinite);
  const sorted = [...new Set(all.map((x) => x + 0))].sort((p, q) => p - q);
  known.set(format, sorted);
  return sorted;
}

/** What each element may be: a run of neighbours of the format, and beyond them at times. */
function columns(format: Format, width: number): fc.Arbitrary<number[][]> {
  const all = numbersOf(format);
  const most = Math.min(all.length, Math.floor(MOST_ROWS ** (1 / width)));
  const column = fc
    .tuple(fc.nat({ max: all.length - 1 }), fc.integer({ min: 1, max: most }), fc.nat({ max: 15 }))
    .map(([from, many, far]) => {
      const some = all.slice(Math.min(from, all.length - many)).slice(0, many);
      // Beyond the format: an input before `load` may be anything.
      return far === 0 ? [...some.slice(0, -1), 1.75 * (all.at(-1) as number)] : some;
    });
  return fc.array(column, { minLength: width, maxLength: width });
}

/** All rows of the grid. */
function product(of: readonly (readonly number[])[]): Float64Array {
  const count = of.reduce((many, column) => many * column.length, 1);
  const rows = new Float64Array(count * of.length);
  for (let r = 0; r < count; r++) {
    let rest = r;
    of.forEach((column, k) => {
      rows[r * of.length + k] = column[rest % column.length] as number;
      rest = Math.floor(rest / column.length);
    });
  }
  return rows;
}

/** Matrix units: aligned, integer, compensated or exact sums of narrow operands. */
function units(): fc.Arbitrary<Target> {
  const narrow = roundings({ kind: 'float', maxBits: 6, ...every });
  const outputs = roundings({ kind: 'float', maxBits: 9, ...every });
  const random = roundings({ kind: 'float', maxBits: 9, ...every, modes: ['stochastic'] });
  const made = (accumulator: Parameters<typeof reductions>[0], operand: fc.Arbitrary<Rounding>, isRounded: boolean) =>
    fc.record({ operand, product: outputs, reduction: reductions(accumulator), output: outputs }).map((data) =>
      defineTarget({
        name: 'arbitrary',
        source: 'test',
        matrixUnits: {
          unit: {
            a: [data.operand.format],
            k: 4,
            load: {
              rounding: data.operand.policy.rounding === 'stochastic' ? 'tiesToEven' : data.operand.policy.rounding,
            },
            product: isRounded ? data.product : null,
            reduction: data.reduction,
            output: data.output,
          },
        },
      }),
    );
  const signed = narrow.filter(({ format }) => format.kind === 'float' && format.signed);
  const integers = roundings({ kind: 'integer', maxBits: 4, ...every }).filter(
    ({ format }) => format.kind === 'integer' && format.fractionBits === 0,
  );
  return fc.oneof(
    made(alignedAccumulators(outputs), signed, false),
    made(integerAccumulators(), integers, false),
    made(
      carefulAccumulators(outputs).filter(({ kind }) => kind === 'exact'),
      narrow,
      false,
    ),
    made(
      carefulAccumulators(outputs).filter(({ kind }) => kind !== 'exact'),
      signed,
      true,
    ),
    made(
      floatAccumulators(random).map((one) => ({ ...one, fused: true }) as typeof one),
      signed,
      false,
    ),
    made(
      floatAccumulators(outputs).map((one) => ({ ...one, fused: true }) as typeof one),
      signed,
      false,
    ),
  );
}

/** Sums, dot products and square-sums of one to four elements, on any target. */
export function smallKernels(): fc.Arbitrary<SmallKernel> {
  const vectors = targets({ maxBits: 6, kinds: ['float', 'integer', 'fixed'], ...every });
  const widths = fc.integer({ min: 1, max: 4 });
  const ofVector = fc
    .tuple(vectors.map(withPlainRoot), widths, fc.constantFrom('sum', 'dot', 'squareSum'))
    .chain(([target, width, kernel]) =>
      fc
        .tuple(
          columns(target.vectorUnits.vector.load.format, width),
          weightsOf(target.vectorUnits.vector.load.format, width),
        )
        .map(([of, weights]) => kernelOf(kernel, target, undefined, width, of, weights)),
    );
  const ofUnit = fc.tuple(units(), widths).chain(([target, width]) => {
    const format = target.matrixUnits.unit?.a[0] as Format;
    return fc
      .tuple(columns(format, width), weightsOf(format, width))
      .map(([of, weights]) => kernelOf('dot', target, 'unit', width, of, weights));
  });
  return fc.oneof({ weight: 3, arbitrary: ofVector }, { weight: 2, arbitrary: ofUnit });
}

/** What follows a square-sum must not end the run. */
function withPlainRoot<T extends Target>(target: T): T {
  const { vector } = target.vectorUnits;
  if (vector === undefined) return target;
  const plain = { ...vector, reciprocalSqrt: { kind: 'correctlyRounded' } } as const;
  return { ...target, vectorUnits: { vector: plain } };
}

function weightsOf(format: Format, width: number): fc.Arbitrary<number[]> {
  return fc.array(fc.constantFrom(...numbersOf(format)), { minLength: width, maxLength: width });
}

function kernelOf(
  kernel: string,
  target: Target,
  unit: string | undefined,
  width: number,
  of: number[][],
  weights: number[],
): SmallKernel {
  const inputs = {
    kind: 'intervals',
    low: of.map((c) => Math.min(...c)),
    high: of.map((c) => Math.max(...c)),
  } as const;
  const options = {
    sum: { kernel: 'sum', width, inputs, target },
    dot: { kernel: 'dot', weights, inputs, target, ...(unit === undefined ? {} : { unit }) },
    squareSum: { kernel: 'squareSum', width, inputs, target },
  }[kernel] as BoundsOptions;
  return { options, width, rows: product(of) };
}

/** The report of a kernel on rows, and its outputs. */
export function run(options: BoundsOptions, x: Numbers, width: number): { report: Report; output: Float64Array } {
  const rows = x.length / width;
  switch (options.kernel) {
    case 'sum': {
      const { target, reduction } = options;
      return sum(x, { rows, width, record: 'counts', ...(target && { target }), ...(reduction && { reduction }) });
    }
    case 'dot': {
      const { target, unit, weights } = options;
      const b = Float64Array.from({ length: rows * width }, (_, i) => weights[i % width] as number);
      return dot(x, b, { rows, width, target, record: 'counts', ...(unit === undefined ? {} : { unit }) });
    }
    case 'squareSum':
      return rmsNorm(x, { rows, width, target: options.target, record: 'counts', epsilon: 1 });
    case 'rmsNorm':
    case 'layerNorm': {
      const { kernel, inputs: _, ...rest } = options;
      return (kernel === 'rmsNorm' ? rmsNorm : layerNorm)(x, { ...rest, rows, record: 'counts' });
    }
    case 'softmax': {
      const { kernel: _, inputs: __, ...rest } = options;
      return softmax(x, { ...rest, rows, record: 'counts' });
    }
    default:
      throw new Error(`no run of ${options.kernel}`);
  }
}

/** Norms and softmaxes of one to four elements, on targets of any steps. */
export function rowKernels(): fc.Arbitrary<SmallKernel> {
  const roots = fc.constantFrom('correctlyRounded', 'sqrtThenReciprocal', 'sqrtThenDivide');
  const vectors = fc
    .tuple(targets({ maxBits: 8, kinds: ['float'], ...every }), roots)
    .map(([target, kind]) => {
      const vector = {
        ...target.vectorUnits.vector,
        reciprocalSqrt: { kind },
      } as (typeof target)['vectorUnits']['vector'];
      return { ...target, vectorUnits: { vector } };
    })
    .filter(({ vectorUnits: { vector } }) => vector.load.format.bits <= 8);
  const number = fc.integer({ min: -8, max: 8 }).map((n) => n / 4);
  return fc
    .tuple(vectors, fc.integer({ min: 1, max: 4 }), fc.constantFrom('rmsNorm', 'layerNorm', 'softmax'))
    .chain(([target, width, kernel]) =>
      fc
        .record({
          of: columns(target.vectorUnits.vector.load.format, width),
          gamma: fc.option(fc.array(number, { minLength: width, maxLength: width }), { nil: undefined }),
          beta: fc.option(fc.array(number, { minLength: width, maxLength: width }), { nil: undefined }),
          scale: fc.constantFrom(1, 0.5, 0.25),
          epsilon: fc.constantFrom(0, 0.25, 1e-5),
          normalize: fc.constantFrom('divide', 'reciprocal'),
        })
        .map(({ of, gamma, beta, scale, epsilon, normalize }) => {
          const low = of.map((column) => Math.min(...column));
          const high = of.map((column) => Math.max(...column));
          const head = { kernel, width, target, inputs: { kind: 'intervals', low, high } };
          const weights = {
            ...(gamma && { gamma }),
            ...(beta && kernel === 'layerNorm' && { beta }),
            scale,
            epsilon,
          };
          const options = (kernel === 'softmax' ? { ...head, normalize } : { ...head, ...weights }) as BoundsOptions;
          return { options, width, rows: product(of) };
        }),
    );
}

/** How many events of some kinds the kernel's own stages raised. */
function count({ kernel }: BoundsOptions, report: Report, kinds: readonly EventKind[]): number {
  const stages = kernel === 'squareSum' ? squareStages : Object.keys(report.counts);
  const counts = report.counts as Readonly<Record<string, Readonly<Record<EventKind, number>>>>;
  return stages.reduce((all, stage) => all + kinds.reduce((some, kind) => some + (counts[stage]?.[kind] ?? 0), 0), 0);
}

/** How many overflows, saturations and wraps. */
export function overflowsOf(options: BoundsOptions, report: Report): number {
  return count(options, report, overflows);
}

/** How many events that no proof allows. */
export function failuresOf(options: BoundsOptions, report: Report): number {
  return count(options, report, failures);
}

/** Sums of integers whose registers wrap, in one level or two, and whose terms cancel. */
export function wrappingKernels(): fc.Arbitrary<SmallKernel> {
  const register = fc.record({
    kind: fc.constant('integer' as const),
    bits: fc.integer({ min: 3, max: 8 }),
    overflow: fc.constantFrom('wrap' as const, 'wrap' as const, 'saturate' as const),
    when: fc.constantFrom('everyStep' as const, 'atEnd' as const),
  });
  return fc
    .tuple(
      fc.integer({ min: 2, max: 4 }),
      reductions(register),
      fc.array(fc.tuple(fc.integer({ min: -24, max: 24 }), fc.nat({ max: 4 })), { minLength: 4, maxLength: 4 }),
    )
    .map(([width, reduction, ends]) => {
      const of = ends.slice(0, width).map(([low, more]) => Array.from({ length: more + 1 }, (_, i) => low + i));
      const [low, high] = [of.map((c) => c[0] as number), of.map((c) => c.at(-1) as number)];
      const inputs = { kind: 'intervals', low, high } as const;
      return { options: { kernel: 'sum', width, inputs, reduction }, width, rows: product(of) };
    });
}
