/**
 * Arbitrary targets: vector units that round to different formats by different policies.
 *
 * @module
 */
import fc from 'fast-check';
import type { Reduction } from '../../accumulators/index.ts';
import { checkList, checkName } from '../../errors/index.ts';
import { defineInteger, type FloatFormat, int4, int8, int16 } from '../../formats/index.ts';
import { encode, type Rounding, roundTo } from '../../rounding/index.ts';
import { defineTarget, targets as named, type ReciprocalSqrt, type VectorTarget } from '../../targets/index.ts';
import { checkConstraints } from './constraints.ts';
import { formats } from './formats.ts';
import { type PoliciesConstraints, policies, roundings } from './policies.ts';
import {
  carefulAccumulators,
  fixedAccumulators,
  floatAccumulators,
  integerAccumulators,
  reductions,
} from './reductions.ts';

/** The machines that are defined here, not measured. */
const generic = /* @__PURE__ */ Object.values(named).filter(
  (target): target is VectorTarget => target.vectorUnits.vector !== undefined && target.verified === 'definition',
);

/** Which targets to draw. */
export interface TargetsConstraints extends PoliciesConstraints {
  /** Widest format of a rounding. @defaultValue 32 */
  readonly maxBits?: number;
  /**
   * `generic`: the named ones; `float`: any roundings and float accumulators; `integer`: integer data and arithmetic,
   * summed in integer registers; `fixed`: any roundings, summed in fixed-point registers.
   * @defaultValue the first three
   */
  readonly kinds?: readonly ('generic' | 'float' | 'integer' | 'fixed')[];
}

/**
 * Vector units: the generic targets; units whose five roundings differ in format and policy, with any reduction, mean and
 * reciprocal square root; units that compute on integers and sum in integer registers. Shrinks toward `fp16`.
 *
 * @example
 * import fc from 'fast-check';
 * import { defineTarget } from 'bittrue/targets';
 * import { targets } from 'bittrue/testing/arbitraries';
 * const asData = (value: unknown) => JSON.parse(JSON.stringify(value));
 * fc.assert(fc.property(targets(), (target) => defineTarget(asData(target)).name === target.name));
 */
export function targets(constraints: TargetsConstraints = {}): fc.Arbitrary<VectorTarget> {
  const makers = { generic: genericTargets, float: floatTargets, integer: integerTargets, fixed: fixedTargets };
  checkConstraints(constraints);
  const { kinds = ['generic', 'float', 'integer'] } = constraints;
  for (const kind of checkList('constraints.kinds', kinds)) checkName('constraints.kinds', kind, Object.keys(makers));
  return fc.oneof({ withCrossShrink: true }, ...kinds.map((kind) => makers[kind](constraints)));
}

interface Parts {
  readonly load: fc.Arbitrary<Rounding>;
  readonly compute: fc.Arbitrary<Rounding>;
  /** What may stand for `compute` where the row is centred. */
  readonly center: fc.Arbitrary<Rounding>;
  readonly accumulate: fc.Arbitrary<Rounding>;
  readonly reduction: (accumulate: Rounding) => fc.Arbitrary<Reduction>;
}

function assemble(
  constraints: TargetsConstraints,
  { load, compute, center, accumulate, reduction }: Parts,
): fc.Arbitrary<VectorTarget> {
  const { maxBits = 32 } = constraints;
  const statistics = formats({ kind: 'float', maxBits }).chain((format) =>
    fc.tuple(
      policies(format, constraints).map((policy) => ({ format, policy })),
      reciprocalSqrts(format),
    ),
  );
  return fc
    .tuple(
      accumulate.chain((rounding) => fc.tuple(fc.constant(rounding), reduction(rounding))),
      statistics,
    )
    .chain(([[accumulated, order], [statistic, reciprocalSqrt]]) =>
      fc.record({
        name: fc.constant('arbitrary'),
        vector: fc.record(
          {
            load,
            compute,
            center,
            normalize: roundings({ ...constraints, maxBits }),
            accumulate: fc.constant(accumulated),
            statistics: fc.constant(statistic),
            store: roundings({ ...constraints, maxBits }),
            reduction: fc.constant(order),
            mean: fc.constantFrom('reciprocal' as const, 'divide' as const),
            reciprocalSqrt: fc.constant(reciprocalSqrt),
          },
          {
            requiredKeys: [
              'load',
              'compute',
              'accumulate',
              'statistics',
              'store',
              'reduction',
              'mean',
              'reciprocalSqrt',
            ],
          },
        ),
      }),
    )
    .map(({ name, vector }) => defineTarget({ name, vectorUnits: { vector } }) as VectorTarget);
}

function genericTargets(): fc.Arbitrary<VectorTarget> {
  return fc.constantFrom(...generic);
}

function floatTargets(constraints: TargetsConstraints): fc.Arbitrary<VectorTarget> {
  const { maxBits = 32 } = constraints;
  const any = roundings({ ...constraints, maxBits, kind: 'float' });
  return assemble(constraints, {
    load: roundings({ ...constraints, maxBits }),
    compute: any,
    center: any,
    accumulate: any,
    // Mostly the accumulate rounding itself, and sometimes partial sums of other formats.
    reduction: (accumulate) => {
      const rounding = fc.oneof({ weight: 3, arbitrary: fc.constant(accumulate) }, any);
      const careful = { weight: 1, arbitrary: carefulAccumulators(rounding) };
      return reductions(fc.oneof({ weight: 6, arbitrary: floatAccumulators(rounding) }, careful));
    },
  });
}

/** Registers of a fixed point take any numbers, rounded to their grid. */
function fixedTargets(constraints: TargetsConstraints): fc.Arbitrary<VectorTarget> {
  const { maxBits = 32 } = constraints;
  const any = roundings({ ...constraints, maxBits });
  const registers = fc
    .record({ bits: fc.constantFrom(16, 24, 32), fractionBits: fc.integer({ min: 0, max: 16 }) })
    .map(({ bits, fractionBits }) => defineInteger({ bits, signed: true, fractionBits }))
    .chain((format) => policies(format, constraints).map((policy) => roundTo(format, policy)));
  return assemble(constraints, {
    load: any,
    compute: any,
    center: any,
    accumulate: registers,
    reduction: (accumulate) => reductions(fixedAccumulators(fc.constant(accumulate))),
  });
}

/** Integer terms need integer arithmetic before them. */
function integerTargets(constraints: TargetsConstraints): fc.Arbitrary<VectorTarget> {
  const { maxBits = 32 } = constraints;
  const integers = fc
    .constantFrom(...[int16, int8, int4].filter(({ bits }) => bits <= Math.max(4, maxBits)))
    .chain((format) =>
      policies(format, { ...constraints, nanInputs: ['zero', 'max'] }).map((policy) => ({ format, policy })),
    );
  return assemble(constraints, {
    load: integers,
    compute: integers,
    center: integers,
    accumulate: roundings({ ...constraints, maxBits, kind: 'float' }),
    reduction: () => reductions(integerAccumulators(['error', 'invalid'])),
  });
}

function reciprocalSqrts(format: FloatFormat): fc.Arbitrary<ReciprocalSqrt> {
  const named = fc
    .constantFrom('correctlyRounded' as const, 'sqrtThenReciprocal' as const, 'sqrtThenDivide' as const)
    .map((kind): ReciprocalSqrt => ({ kind }));
  if (!format.signed || format.nan === 'none' || format.lowest === 'normal') return named;
  // The exponent of 1/√w is −e/2: the magic number is 3/2 of the code of 1, and a few tuned bits below.
  const center = Math.floor((encode(format, 1, { overflow: 'saturateFinite' }) * 3) / 2);
  const newton = fc.record({ below: fc.nat({ max: 4 }), steps: fc.nat({ max: 3 }) }).map(
    ({ below, steps: count }): ReciprocalSqrt => ({
      kind: 'newton',
      magic: Math.max(0, center - below),
      steps: count,
    }),
  );
  return fc.oneof({ weight: 3, arbitrary: named }, { weight: 1, arbitrary: newton });
}
