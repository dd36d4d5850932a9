/** Random runs of attention. */
import fc from 'fast-check';
import { binary16 } from '../../src/formats/index.ts';
import type { AttentionOptions } from '../../src/kernels/index.ts';
import type { Rounding } from '../../src/rounding/index.ts';
import { a100, b200, bf16, fp16, fp16Fp32Compute, fp32, h100, mi300x, type Target } from '../../src/targets/index.ts';
import { reals, roundings, targets } from '../../src/testing/arbitraries/index.ts';

/** Operands and options of a run. */
export interface AttentionCase {
  readonly q: Float64Array;
  readonly k: Float64Array;
  readonly v: Float64Array;
  readonly options: AttentionOptions;
}

/** A target, and its unit where that is not its own choice. */
export type Place = { readonly target: Target; readonly unit?: string };

const anywhere: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom<Target>(fp16, bf16, fp32, fp16Fp32Compute).map((target) => ({ target })),
  targets({ kinds: ['float'], maxBits: 20 }).map((target) => ({ target })),
  fc.constantFrom(
    { target: h100, unit: 'f16' },
    { target: h100, unit: 'bf16' },
    { target: h100, unit: 'fp8Wgmma' },
    { target: a100, unit: 'f16' },
    { target: b200, unit: 'bf16' },
    { target: mi300x, unit: 'f16' },
  ),
);

const numbers = (length: number, large: fc.Arbitrary<number>): fc.Arbitrary<Float64Array> =>
  fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: fc.integer({ min: -96, max: 96 }).map((n) => n / 32) },
        { weight: 1, arbitrary: fc.constantFrom(0, -0, 250, -300, 1e-4) },
        { weight: 1, arbitrary: large },
      ),
      { minLength: length, maxLength: length },
    )
    .map((x) => Float64Array.from(x));

const saturating = roundings({ maxBits: 24 }).filter(({ format }) => format.kind === 'float');

/** Sizes of a run at most. */
export interface Sizes {
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly tile: number;
}

/** Runs on any target, with every option. */
export const attentionCases = (
  most: Sizes,
  places: fc.Arbitrary<Place> = anywhere,
  between: fc.Arbitrary<Rounding> = saturating,
): fc.Arbitrary<AttentionCase> =>
  fc
    .record({
      place: places,
      shared: fc.integer({ min: 1, max: 2 }),
      group: fc.integer({ min: 1, max: 2 }),
      queries: fc.integer({ min: 1, max: most.queries }),
      keys: fc.integer({ min: 1, max: most.keys }),
      width: fc.integer({ min: 1, max: most.width }),
      valueWidth: fc.integer({ min: 0, max: 3 }),
      strange: fc.boolean(),
    })
    .chain(({ place, shared, group, queries, keys, width, valueWidth, strange }) => {
      const heads = shared * group;
      const large = strange ? reals(binary16) : fc.constant(2);
      const maybe = <T>(own: fc.Arbitrary<T>, freq = 2): fc.Arbitrary<T | undefined> =>
        fc.option(own, { nil: undefined, freq });
      const masks = (length: number): fc.Arbitrary<number[]> =>
        fc.array(fc.oneof(fc.constantFrom(0, -Infinity, -1e4), fc.integer({ min: -8, max: 8 })), {
          minLength: length,
          maxLength: length,
        });
      return fc
        .record({
          q: numbers(heads * queries * width, large),
          k: numbers(shared * keys * width, large),
          v: numbers(shared * keys * valueWidth, large),
          scale: maybe(fc.constantFrom(1, 0.5, 0.1)),
          softcap: maybe(fc.constantFrom(5, 50)),
          mask: maybe(fc.oneof(masks(queries * keys), masks(heads * queries * keys))),
          causal: maybe(fc.boolean()),
          window: maybe(fc.integer({ min: 1, max: most.keys }), 3),
          sinks: maybe(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: heads, maxLength: heads }), 3),
          method: fc.oneof(
            fc.record({
              kind: fc.constant('unfused' as const),
              divide: fc.constantFrom('before' as const, 'after' as const),
            }),
            fc.record({
              kind: fc.constant('flash' as const),
              tile: fc.integer({ min: 1, max: most.tile }),
              threshold: fc.constantFrom(0, 0.5, 5.5),
            }),
          ),
          exponential: maybe(fc.constantFrom('exp' as const, 'exp2' as const)),
          maximumOffset: maybe(fc.constantFrom(0, Math.log(8)), 3),
          sumOf: maybe(fc.constantFrom('computed' as const, 'rounded' as const)),
          normalize: maybe(fc.constantFrom('divide' as const, 'reciprocal' as const)),
          emptyRow: maybe(fc.constantFrom('nan' as const, 'zero' as const)),
          own: maybe(
            fc.record(
              { scores: between, probabilities: between, sum: between, maximum: between },
              { requiredKeys: [] },
            ),
            3,
          ),
          lse: fc.boolean(),
        })
        .map(({ q, k, v, own, lse, method, ...rest }) => {
          const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
          if (method.kind === 'unfused' && method.divide === 'before') delete given.sumOf;
          const options: AttentionOptions = {
            ...place,
            heads,
            sharedHeads: shared,
            queries,
            keys,
            width,
            valueWidth,
            method,
            ...given,
            ...(own === undefined ? {} : { roundings: own }),
            ...(lse ? { logSumExp: new Float64Array(heads * queries) } : {}),
          };
          return { q, k, v, options };
        });
    });
