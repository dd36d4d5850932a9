/**
 * Arbitrary accumulators and reductions.
 *
 * @module
 */
import fc from 'fast-check';
import { takesProducts } from '../../accumulators/define.ts';
import { type Accumulator, defineReduction, type Reduction } from '../../accumulators/index.ts';
import { BittrueError, checkInteger, checkList, checkName, checkNumbers, isOf } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/index.ts';
import { checkConstraints } from './constraints.ts';

/** Which reductions to draw. */
export interface ReductionsConstraints {
  /** How deep tiles and lanes may nest. @defaultValue 2 */
  readonly maxDepth?: number;
  /** Largest tile, and most lanes. @defaultValue 7 */
  readonly maxSize?: number;
}

/**
 * Float accumulators over roundings, fused or not.
 *
 * @example
 * import fc from 'fast-check';
 * import { binary16 } from 'bittrue/formats';
 * import { sum } from 'bittrue/kernels';
 * import { roundTo } from 'bittrue/rounding';
 * import { floatAccumulators } from 'bittrue/testing/arbitraries';
 * const ones = new Float64Array(9).fill(1);
 * const accumulators = floatAccumulators(fc.constant(roundTo(binary16)));
 * fc.assert(
 *  fc.property(accumulators, (accumulator) => {
 *    const reduction = { kind: 'sequential', accumulator } as const;
 *    return sum(ones, { rows: 1, width: 9, reduction }).output[0] === 9;
 *  }),
 * );
 */
export function floatAccumulators(rounding: fc.Arbitrary<Rounding>): fc.Arbitrary<Accumulator> {
  checkArbitrary('rounding', rounding);
  return fc.record({ kind: fc.constant('float' as const), rounding, fused: fc.boolean() });
}

/**
 * Fixed-point accumulators over roundings to integer formats, fused or not.
 *
 * @example
 * import fc from 'fast-check';
 * import { int16 } from 'bittrue/formats';
 * import { sum } from 'bittrue/kernels';
 * import { roundTo } from 'bittrue/rounding';
 * import { fixedAccumulators } from 'bittrue/testing/arbitraries';
 * const ones = new Float64Array(9).fill(1);
 * const accumulators = fixedAccumulators(fc.constant(roundTo(int16)));
 * fc.assert(
 *  fc.property(accumulators, (accumulator) => {
 *    const reduction = { kind: 'sequential', accumulator } as const;
 *    return sum(ones, { rows: 1, width: 9, reduction }).output[0] === 9;
 *  }),
 * );
 */
export function fixedAccumulators(rounding: fc.Arbitrary<Rounding>): fc.Arbitrary<Accumulator> {
  checkArbitrary('rounding', rounding);
  return fc.record({ kind: fc.constant('fixed' as const), rounding, fused: fc.boolean() });
}

/**
 * Kahan's and Neumaier's sums over roundings, and exact sums rounded once by them.
 *
 * @example
 * import fc from 'fast-check';
 * import { binary16 } from 'bittrue/formats';
 * import { sum } from 'bittrue/kernels';
 * import { roundTo } from 'bittrue/rounding';
 * import { carefulAccumulators } from 'bittrue/testing/arbitraries';
 * const ones = new Float64Array(9).fill(1);
 * const accumulators = carefulAccumulators(fc.constant(roundTo(binary16)));
 * fc.assert(
 *  fc.property(accumulators, (accumulator) => {
 *    const reduction = { kind: 'sequential', accumulator } as const;
 *    return sum(ones, { rows: 1, width: 9, reduction }).output[0] === 9;
 *  }),
 * );
 */
export function carefulAccumulators(rounding: fc.Arbitrary<Rounding>): fc.Arbitrary<Accumulator> {
  checkArbitrary('rounding', rounding);
  return fc.oneof(
    fc.record({ kind: fc.constantFrom('kahan' as const, 'neumaier' as const), rounding }),
    fc.record({ kind: fc.constant('exact' as const), output: rounding }),
  );
}

/**
 * Fused sums of tensor and matrix cores, of every variant, rounded once.
 *
 * @param groups - how many products may form one term: more than one only where formats are narrow
 * @example
 * import fc from 'fast-check';
 * import { binary32 } from 'bittrue/formats';
 * import { sum } from 'bittrue/kernels';
 * import { roundTo } from 'bittrue/rounding';
 * import { alignedAccumulators } from 'bittrue/testing/arbitraries';
 * const ones = new Float64Array(9).fill(1);
 * fc.assert(
 *   fc.property(alignedAccumulators(fc.constant(roundTo(binary32))), (accumulator) => {
 *     const reduction = { kind: 'sequential', accumulator } as const;
 *     return (sum(ones, { rows: 1, width: 9, reduction }).output[0] as number) <= 9;
 *   }),
 * );
 */
export function alignedAccumulators(
  output: fc.Arbitrary<Rounding>,
  groups: readonly number[] = [1],
): fc.Arbitrary<Accumulator> {
  checkArbitrary('output', output);
  checkNumbers('groups', groups);
  const bits = fc.integer({ min: 0, max: 31 });
  const lost = fc.constantFrom('truncate' as const, 'floor' as const, 'odd' as const);
  const late = fc.record({
    sumBits: bits,
    addendBits: bits,
    lost: fc.constantFrom('truncate' as const, 'floor' as const),
    far: fc.constantFrom('cut' as const, 'zero' as const),
    settle: fc.option(bits),
  });
  const made = fc.record({
    kind: fc.constant('aligned' as const),
    fractionBits: bits,
    lost,
    leastExponent: fc.constantFrom(null, -133, -126),
    zeroRule: fc.constantFrom('out' as const, 'mmasim1' as const),
    zeroGroups: fc.constantFrom('out' as const, 'scale' as const),
    zeroSign: fc.constantFrom('positive' as const, 'allNegative' as const, 'rounded' as const),
    addend: fc.oneof(fc.constant('together' as const), late),
    lanes: fc.constantFrom(1 as const, 2 as const),
    group: fc.constantFrom(...groups),
    productOverflow: fc.constantFrom('exact' as const, 'infinity' as const),
    output,
  });
  // What of the fields goes together, see `defineAccumulator`.
  return made.map((fields) => {
    const isLate = fields.addend !== 'together';
    const isOut = fields.zeroRule === 'out';
    const lanes = isLate && fields.group === 1 ? fields.lanes : 1;
    const leastExponent = isLate || !isOut ? null : fields.leastExponent;
    const zeroGroups = isOut && fields.group > 1 ? fields.zeroGroups : ('out' as const);
    const productOverflow = fields.group > 1 ? ('exact' as const) : fields.productOverflow;
    return { ...fields, lanes, leastExponent, zeroGroups, productOverflow };
  });
}

/**
 * Integer registers of 4 to 40 bits.
 *
 * @param nonFinite - what may become of terms that are no finite numbers
 * @example
 * import fc from 'fast-check';
 * import { sum } from 'bittrue/kernels';
 * import { integerAccumulators } from 'bittrue/testing/arbitraries';
 * const ones = new Float64Array(9).fill(1);
 * fc.assert(
 *   fc.property(integerAccumulators(), (accumulator) => {
 *     const reduction = { kind: 'sequential', accumulator } as const;
 *     return (sum(ones, { rows: 1, width: 9, reduction }).output[0] as number) <= 9;
 *   }),
 * );
 */
export function integerAccumulators(
  nonFinite: readonly ('error' | 'invalid')[] = ['error'],
): fc.Arbitrary<Accumulator> {
  checkSome('nonFinite', nonFinite).forEach((one, i) => {
    checkName(`nonFinite[${i}]`, one, ['error', 'invalid']);
  });
  return fc.record({
    kind: fc.constant('integer' as const),
    bits: fc.oneof(fc.constantFrom(32, 8, 16, 24), fc.integer({ min: 4, max: 40 })),
    overflow: fc.constantFrom('saturate' as const, 'wrap' as const),
    when: fc.oneof(
      fc.constantFrom('everyStep' as const, 'atEnd' as const),
      fc.record({ every: fc.integer({ min: 1, max: 5 }) }),
    ),
    nonFinite: fc.constantFrom(...nonFinite),
  });
}

/**
 * Orders of summation over the accumulators given: chains, trees, tiles (chained or summed across), lanes, heads and tails, nested.
 * Shrinks toward one chain.
 *
 * @example
 * import fc from 'fast-check';
 * import { binary16 } from 'bittrue/formats';
 * import { sum } from 'bittrue/kernels';
 * import { roundTo } from 'bittrue/rounding';
 * import { floatAccumulators, reductions } from 'bittrue/testing/arbitraries';
 * const ones = new Float64Array(9).fill(1);
 * fc.assert(
 *   fc.property(
 *     reductions(floatAccumulators(fc.constant(roundTo(binary16)))),
 *     (reduction) => sum(ones, { rows: 1, width: 9, reduction }).output[0] === 9,
 *   ),
 * );
 */
export function reductions(
  accumulator: fc.Arbitrary<Accumulator>,
  constraints: ReductionsConstraints = {},
): fc.Arbitrary<Reduction> {
  checkArbitrary('accumulator', accumulator);
  checkConstraints(constraints);
  const { maxDepth = 2, maxSize = 7 } = constraints;
  checkInteger('constraints.maxDepth', maxDepth, 0, 8);
  checkInteger('constraints.maxSize', maxSize, 1, 2 ** 20);
  return plain(accumulator, maxDepth, maxSize).map((reduction) => defineReduction(reduction));
}

function plain(accumulator: fc.Arbitrary<Accumulator>, depth: number, maxSize: number): fc.Arbitrary<Reduction> {
  const order = fc.constantFrom('ascending' as const, 'descending' as const);
  const chain = fc
    .record({
      kind: fc.constant('sequential' as const),
      accumulator,
      order,
      start: fc.constantFrom('zero' as const, 'first' as const),
    })
    .map((made) => (takesProducts(made) ? { ...made, start: 'zero' as const } : made));
  const tree = fc
    .record({
      kind: fc.constantFrom('pairwise' as const, 'butterfly' as const),
      accumulator,
      leaf: fc.constantFrom('chain' as const, 'element' as const),
      lanes: fc.constantFrom(undefined, 2, 8),
    })
    .map(({ lanes, ...made }) => ({
      ...made,
      ...(takesProducts(made) ? { leaf: 'chain' as const } : {}),
      ...(lanes === undefined || made.kind === 'pairwise' ? {} : { lanes }),
    }));
  const ordered = fc.oneof({ withCrossShrink: true }, chain, tree);
  if (depth === 0) return ordered;
  const inner = plain(accumulator, depth - 1, maxSize);
  const size = fc.integer({ min: 1, max: maxSize });
  const tiled = { kind: fc.constant('tiled' as const), short: fc.constantFrom('last' as const, 'first' as const) };
  const split = { kind: fc.constant('split' as const), multipleOf: size };
  const alike = ([head, tail]: readonly [Reduction, Reduction]): boolean => takesProducts(head) === takesProducts(tail);
  const pair = (tail: fc.Arbitrary<Reduction>) => fc.tuple(inner, tail).filter(alike);
  const strided = fc.constant('strided' as const);
  const lanes = { kind: strided, lanes: size, run: fc.integer({ min: 1, max: 3 }) };
  const chained = fc.constant('chain' as const);
  return fc.oneof(
    { withCrossShrink: true },
    ordered,
    fc.record({ ...tiled, size, within: chain, across: chained }),
    fc.record({ ...tiled, size, within: inner, across: inner.map(ungrouped) }),
    fc.record({ ...lanes, within: chain, across: chained }),
    fc.record({ ...lanes, within: inner, across: inner.map(ungrouped) }),
    fc
      .record({ ...split, parts: pair(inner), across: inner.map(ungrouped) })
      .map(({ parts: [head, tail], ...rest }) => ({ ...rest, head, tail })),
    fc
      .record({ ...split, parts: pair(chain), across: chained })
      .map(({ parts: [head, tail], ...rest }) => ({ ...rest, head, tail })),
  );
}

/** Results of sums form no groups. */
function ungrouped<T>(reduction: T): T {
  const { across, accumulator } = reduction as { across?: unknown; accumulator?: object };
  if (across !== undefined) {
    const parts = Object.entries(reduction as object).filter(([key]) => ['within', 'head', 'tail'].includes(key));
    const own = Object.fromEntries(parts.map(([key, part]) => [key, ungrouped(part)]));
    return { ...reduction, ...own, across: across === 'chain' ? across : ungrouped(across) };
  }
  const isAligned = accumulator !== undefined && 'group' in accumulator;
  return isAligned ? { ...reduction, accumulator: { ...accumulator, group: 1, zeroGroups: 'out' } } : reduction;
}

function checkArbitrary<T>(argument: string, value: fc.Arbitrary<T>): void {
  if (!isOf(value, fc.Arbitrary)) throw new BittrueError('type', argument, value, 'an arbitrary of fast-check');
}

/** A list to choose from. */
/** A list of names is shorter; each choice is an argument of fast-check's. */
const MOST_CHOICES = 1000;

function checkSome(argument: string, value: unknown): readonly unknown[] {
  const found = checkList(argument, value);
  if (found.length === 0 || found.length > MOST_CHOICES) {
    throw new BittrueError('shape', argument, found, `1 to ${MOST_CHOICES} to choose from`);
  }
  return found;
}
