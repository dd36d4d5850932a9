import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/engine/index.ts';
import { bfloat16, binary16, binary32, defineFloat, e4m3fn, e5m2 } from '../../src/formats/index.ts';
import { type ExpMethod, flashAttentionExp2, type SoftmaxOptions, softmax } from '../../src/kernels/index.ts';
import { decode, type Rounding, roundingModes, roundTo } from '../../src/rounding/index.ts';
import { planSoftmax } from '../../src/specification/softmax/plan.ts';
import { bf16, defineTarget, fp16, fp16Fp32Compute, fp32, type VectorTarget } from '../../src/targets/index.ts';
import { compileSoftmax } from '../../src/twins/softmax/softmax.ts';
import { generator } from '../random.ts';
import { seeded, shareOf } from '../testing/helpers.ts';
import { anyStep, anyVectorTarget, expectTwins, genericTargets, samples } from './helpers.ts';

const engine = await createEngine();

/** A target whose every step is one and the same. */
function uniform(own: Rounding): VectorTarget {
  const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: own, fused: false } } as const;
  const vector = { load: own, compute: own, accumulate: own, statistics: own, store: own, reduction };
  const vectorUnits = { vector: { ...fp16.vectorUnits.vector, ...vector } };
  return defineTarget({ ...fp16, name: 'uniform', vectorUnits }) as VectorTarget;
}

function twins(x: Float64Array | Float32Array, options: SoftmaxOptions, on: Engine = engine): void {
  expectTwins((rest) => softmax(x, { ...options, ...rest }), on);
}

/** Any way to form e^x. */
function anyExp(): fc.Arbitrary<ExpMethod> {
  const polynomial = fc.record({
    kind: fc.constant('base2Polynomial' as const),
    coefficients: fc.oneof(
      fc.constant([1, 0.6951, 0.2276, 0.0771]),
      fc.array(
        fc.integer({ min: -64, max: 64 }).map((n) => n / 32),
        { minLength: 1, maxLength: 5 },
      ),
    ),
    reduction: fc.constantFrom('floor' as const, 'nearest' as const),
    fused: fc.boolean(),
    lowest: fc.constantFrom(null, -14, -127, 1 / 3),
    log2e: fc.constantFrom(Math.LOG2E, 1, -3.7),
    rounding: fc.option(anyStep(), { nil: null }),
  });
  return fc.oneof(fc.constant({ kind: 'correctlyRounded' as const }), fc.constant(flashAttentionExp2), polynomial);
}

describe('softmax on the engine', () => {
  it('agrees with the specification on generic targets and every class of data', () => {
    let turn = 0;
    for (const target of genericTargets) {
      for (const width of [1, 7, 131]) {
        for (const data of shareOf(samples(binary16, 19 * width), turn++)) {
          twins(data, { rows: 19, width, target });
          twins(Float32Array.from(data), { rows: 19, width, target, normalize: 'reciprocal' });
          twins(data, { rows: 19, width, target, exp: flashAttentionExp2, clamp: { low: -3.3, high: 30 } });
        }
      }
    }
  });

  it('agrees for random units, methods, shapes and data', () => {
    fc.assert(
      fc.property(
        anyVectorTarget(),
        fc.nat(20),
        fc.integer({ min: 0, max: 40 }),
        fc.nat(),
        fc.record({ single: fc.boolean(), reciprocal: fc.boolean(), moderate: fc.boolean() }),
        anyExp(),
        fc.option(
          fc.record({ low: fc.constantFrom(-20, -3.3, 0), high: fc.constantFrom(0, 1.7, 30) }, { requiredKeys: [] }),
          { freq: 3, nil: undefined },
        ),
        (target, rows, width, which, { single, reciprocal, moderate }, exp, clamp) => {
          const { format } = target.vectorUnits.vector.load;
          if (format.kind !== 'float') return;
          const random = generator(which);
          const all = samples(format, rows * width);
          // Ordinary scores: differences for which e^x is neither 0 nor 1.
          const data = moderate
            ? Float64Array.from({ length: rows * width }, () => (random() - 0.5) * 20)
            : all[which % all.length]!;
          const x = single ? Float32Array.from(data) : data;
          const normalize = reciprocal ? 'reciprocal' : 'divide';
          const bounds = clamp === undefined ? {} : { clamp: clamp as { low?: number } };
          twins(x, { rows, width, target, exp, normalize, ...bounds });
        },
      ),
      seeded(2500),
    );
  });

  it('agrees for every argument of 16 bits, in every rounding mode', () => {
    for (const format of [binary16, bfloat16]) {
      // The first number is zero and the largest: the differences are the numbers themselves.
      const x = Float64Array.from({ length: 2 ** 15 }, (_, code) => decode(format, code)).map((v) => -v);
      const finite = x.filter((v) => Number.isFinite(v));
      finite[0] = 0;
      for (const rounding of roundingModes.slice(0, 6)) {
        for (const subnormals of ['gradual', 'flushBoth'] as const) {
          twins(finite, { rows: 1, width: finite.length, target: uniform(roundTo(format, { rounding, subnormals })) });
        }
      }
    }
  });

  it('agrees in every rounding mode and subnormal policy, over the whole range of the exponential', () => {
    const n = 2000;
    for (const format of [e4m3fn, e5m2, binary32, defineFloat({ exponentBits: 5, mantissaBits: 17 })]) {
      for (const rounding of roundingModes.slice(0, 6)) {
        for (const subnormals of ['gradual', 'flushBoth'] as const) {
          const target = uniform(roundTo(format, { rounding, subnormals }));
          const { minNormal, mantissaBits } = format;
          const deepest = Math.log(minNormal) - (mantissaBits + 3) * Math.LN2;
          twins(
            Float64Array.from({ length: n }, (_, i) => (deepest * i) / n),
            { rows: 1, width: n, target },
          );
        }
      }
    }
  });

  it('leaves to the specification the exponentials that lie too near a rounding boundary', () => {
    // Beside 1 every e^x of a small x lies within the proof's error of it, and directed modes ask on which side.
    const x = Float64Array.from({ length: 40 }, (_, i) => (i % 5 === 0 ? 0 : -(2 ** -(49 + i))));
    for (const rounding of ['towardPositive', 'towardNegative', 'towardZero', 'toOdd'] as const) {
      const target = uniform(roundTo(binary32, { rounding }));
      twins(x, { rows: 5, width: 8, target });
      expect(softmax(x, { rows: 5, width: 8, target, engine }).report.counts.exp?.inexact).toBe(32);
    }
    // The largest number is below 1: e^x overflows where x is small, and the specification says how.
    for (const mantissaBits of [3, 9, 23]) {
      for (const overflow of ['ieee', 'saturate'] as const) {
        const low = roundTo(defineFloat({ exponentBits: 4, mantissaBits, bias: 16 }), { overflow });
        const { vector } = uniform(roundTo(binary16)).vectorUnits;
        const target = { ...fp16, vectorUnits: { vector: { ...vector, compute: low } } };
        const scores = Float64Array.from({ length: 77 }, (_, i) => -((i * 5) % 77) / 16);
        twins(scores, { rows: 7, width: 11, target });
        twins(scores, { rows: 11, width: 7, target, normalize: 'reciprocal' });
      }
    }
  });

  it('agrees for many arguments of formats with long significands', () => {
    const random = generator(11);
    const n = 30_000;
    for (const [exponentBits, mantissaBits] of [
      [7, 20],
      [7, 21],
      [8, 21],
      [8, 23],
    ] as const) {
      for (const low of [0.01, 1, 45]) {
        const target = uniform(roundTo(defineFloat({ exponentBits, mantissaBits })));
        const x = Float64Array.from({ length: n }, (_, i) => (i === 0 ? 0 : -random() * low));
        twins(x, { rows: 1, width: n, target, normalize: 'reciprocal' });
      }
    }
  });

  it('is a twin for plain units, and none where the specification is needed', () => {
    const plan = (options: Partial<SoftmaxOptions>) => planSoftmax({ rows: 2, width: 8, target: fp16, ...options });
    expect(compileSoftmax(plan({}), engine)).not.toBeNull();
    expect(compileSoftmax(plan({ exp: flashAttentionExp2 }), engine)).not.toBeNull();
    expect(compileSoftmax(plan({ width: 0 }), engine)).toBeNull();
    const stochastic = roundTo(binary16, { rounding: 'stochastic', stochastic: { bits: 8, seed: 1 } });
    expect(compileSoftmax(plan({ target: uniform(stochastic) }), engine)).toBeNull();
  });

  it('agrees on attention scores with masks', () => {
    const random = generator(5);
    const [rows, width] = [33, 257];
    const scores = Float32Array.from({ length: rows * width }, (_, i) =>
      i % width > (i / width) * 8 ? -Infinity : (random() + random() - 1) * 12,
    );
    for (const target of [fp16, bf16, fp32, fp16Fp32Compute]) {
      twins(scores, { rows, width, target });
      twins(scores, { rows, width, target, exp: flashAttentionExp2 });
      twins(scores, { rows, width, target, exp: { ...flashAttentionExp2, lowest: null, fused: false } });
    }
  });
});
