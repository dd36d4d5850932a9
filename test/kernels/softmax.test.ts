import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary16, binary32 } from '../../src/formats/index.ts';
import { flashAttentionExp2, type SoftmaxOptions, softmax } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { bf16, fp16, fp16Fp32Compute, fp32, type VectorTarget } from '../../src/targets/index.ts';
import { reals, roundings, rows, targets } from '../../src/testing/arbitraries/index.ts';
import { oracleSoftmax } from '../../src/testing/oracle/softmax.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';
import { expectReport } from './helpers.ts';

interface Case {
  readonly x: Float64Array;
  readonly options: SoftmaxOptions;
}

/** Calls with every option. */
function cases(target: fc.Arbitrary<VectorTarget>, maxWidth = 9): fc.Arbitrary<Case> {
  return target.chain((chosen) => {
    const { format } = chosen.vectorUnits.vector.load;
    const logits = fc
      .record({ width: fc.integer({ min: 0, max: maxWidth }), count: fc.integer({ min: 0, max: 3 }) })
      .chain(({ width, count }) => {
        const moderate = fc.integer({ min: -640, max: 640 }).map((n) => n / 32);
        const number = fc.oneof(
          { weight: 6, arbitrary: moderate },
          { weight: 1, arbitrary: fc.constant(-Infinity) },
          reals(format),
        );
        return fc
          .array(number, { minLength: width * count, maxLength: width * count })
          .map((x) => ({ rows: count, width, x: Float64Array.from(x) }));
      });
    const polynomial = fc
      .record({
        coefficients: fc.oneof(
          fc.constant([1, 0.6951, 0.2276, 0.0771]),
          fc.constant([1, 1]),
          fc.array(
            fc.integer({ min: -64, max: 64 }).map((n) => n / 32),
            { minLength: 1, maxLength: 4 },
          ),
        ),
        reduction: fc.constantFrom('floor' as const, 'nearest' as const),
        fused: fc.boolean(),
        lowest: fc.constantFrom(null, -14, -127),
        rounding: fc.option(
          roundings({ maxBits: 24 }).filter(
            ({ format, policy }) => format.kind === 'float' || policy.overflow === 'saturate',
          ),
          { nil: null, freq: 3 },
        ),
      })
      .map((data) => ({ kind: 'base2Polynomial' as const, ...data }));
    return fc
      .record({
        batch: fc.oneof({ weight: 2, arbitrary: logits }, rows(format, { minWidth: 1, maxWidth })),
        exp: fc.oneof(fc.constant({ kind: 'correctlyRounded' as const }), polynomial),
        normalize: fc.constantFrom('divide' as const, 'reciprocal' as const),
        clamp: fc.option(
          fc.record({ low: fc.constantFrom(-20, -3.3, 0), high: fc.constantFrom(0, 1.7, 30) }, { requiredKeys: [] }),
          {
            nil: undefined,
            freq: 3,
          },
        ),
      })
      .map(({ batch: { x, ...shape }, clamp, ...rest }) => ({
        x,
        options: {
          ...shape,
          target: chosen,
          ...rest,
          ...(clamp === undefined ? {} : { clamp: clamp as { low?: number } }),
        },
      }));
  });
}

function agree({ x, options }: Case): void {
  const { target, ...rest } = options;
  const unit = (target as VectorTarget).vectorUnits.vector;
  const wanted = outcome(() => oracleSoftmax({ ...rest, x, unit }));
  const found = outcome(() => softmax(x, { ...options, record: 'all', limit: 2 ** 32 }));
  if (wanted === 'refused' || found === 'refused') {
    expect(found).toEqual(wanted);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  expectReport(found.report, wanted, options.rows);
}

/** Integers that wrap are refused by the plan alone. */
const saturating = (target: fc.Arbitrary<VectorTarget>) =>
  target.filter(
    ({
      vectorUnits: {
        vector: { compute },
      },
    }) => compute.format.kind === 'float' || compute.policy.overflow === 'saturate',
  );

describe('softmax equals the naive model, bit for bit and event for event', () => {
  it('on any target with float accumulators', () => {
    fc.assert(fc.property(cases(targets({ kinds: ['float'], maxBits: 20 })), agree), seeded(250));
  });

  it('on any target with integer accumulators', () => {
    fc.assert(fc.property(cases(saturating(targets({ kinds: ['integer'], maxBits: 20 }))), agree), seeded(120));
  });

  it('on the generic targets', () => {
    fc.assert(fc.property(cases(targets({ kinds: ['generic'] })), agree), seeded(200));
  });

  it('where an integer part is zero: it has no sign', () => {
    // Toward negative, x − x is −0, and so is its floor.
    const down = roundTo(binary16, { rounding: 'towardNegative' });
    const target = { ...fp16, vectorUnits: { vector: { ...fp16.vectorUnits.vector, compute: down } } };
    const exp = { kind: 'base2Polynomial', coefficients: [1 / 3], rounding: roundTo(binary32) } as const;
    for (const reduction of ['floor', 'nearest'] as const) {
      agree({ x: Float64Array.of(5, 5, 4.9), options: { rows: 1, width: 3, target, exp: { ...exp, reduction } } });
    }
  });

  it('on long rows', () => {
    const target = fc.constantFrom<VectorTarget>(fp16, bf16, fp16Fp32Compute);
    fc.assert(fc.property(cases(target, 100), agree), seeded(15));
  });
});

describe('softmax', () => {
  const one = { rows: 1, target: fp16 };

  it('gives what the real function gives, correctly rounded steps apart', () => {
    const { output, report } = softmax([1, 2, 3], { ...one, width: 3, target: fp32, reference: true });
    const e = [1, 2, 3].map((v) => Math.exp(v - 3));
    const total = e.reduce((a, b) => a + b);
    output.forEach((y, i) => {
      expect(Math.abs(y - (e[i] as number) / total)).toBeLessThan(1e-7);
    });
    expect(report.error?.maxUlp).toBeLessThan(2);
    expect(report.headroom?.sum).toBeGreaterThan(126);
    expect(Object.keys(report.headroom ?? {})).toEqual(['subtract', 'exp', 'sum', 'divide', 'store']);
  });

  it('of nothing is nothing, of one number 1, of −Infinity alone NaN', () => {
    expect(softmax([], { ...one, width: 0, rows: 2 })).toMatchObject({
      output: new Float64Array(0),
      report: { ok: true },
    });
    expect([...softmax([-7], { ...one, width: 1 }).output]).toEqual([1]);
    const lost = softmax([-Infinity, -Infinity], { ...one, width: 2 });
    expect([...lost.output]).toEqual([Number.NaN, Number.NaN]);
    expect(lost.report.first.invalid).toMatchObject({ stage: 'subtract', index: 0, masked: false });
    expect([...softmax([0, -Infinity], { ...one, width: 2 }).output]).toEqual([1, 0]);
    expect([...softmax([0, Number.NaN], { ...one, width: 2 }).output]).toEqual([Number.NaN, Number.NaN]);
    expect([...softmax([0, Infinity], { ...one, width: 2 }).output]).toEqual([Number.NaN, Number.NaN]);
  });

  it('overflows where 70,000 ones are summed in binary16, or stagnates before', () => {
    const { report } = softmax(new Float64Array(70_000), { ...one, width: 70_000, record: 'first' });
    // A sequential binary16 sum of ones stops at 2048.
    expect(report.counts.sum?.absorption).toBe(70_000 - 2048);
    expect(report.totals.overflow).toBe(0);
    const tree = { kind: 'pairwise', accumulator: { kind: 'float', rounding: roundTo(binary16) } } as const;
    const pairs = softmax(new Float64Array(70_000), {
      ...one,
      width: 70_000,
      target: { ...fp16, vectorUnits: { vector: { ...fp16.vectorUnits.vector, reduction: tree } } },
    });
    expect(pairs.report.first.overflow).toMatchObject({ stage: 'sum', masked: true });
    expect(pairs.output[0]).toBe(0);
  });

  it('clamps on request and says how often', () => {
    const { output, report } = softmax([-Infinity, -Infinity], { ...one, width: 2, clamp: { low: -10 } });
    expect([...output]).toEqual([0.5, 0.5]);
    expect(report.counts.clamp?.saturation).toBe(2);
    expect(report.stages.slice(0, 3)).toEqual(['constants', 'load', 'clamp']);
  });

  it('states an approximation in full: FlashAttention’s polynomial, by hand', () => {
    const f = Math.fround;
    // Products of binary32 numbers are exact in binary64, and so are these sums' roundings (53 ≥ 2·24 + 2 fails for an
    // FMA in general; for this argument the exact value is far from a tie).
    const t = f(-1.25 * f(Math.LOG2E));
    const n = Math.floor(t);
    const u = f(t - n);
    const [c0, c1, c2, c3] = flashAttentionExp2.coefficients as [number, number, number, number];
    const p = f(f(f(c3 * u + c2) * u + c1) * u + c0);
    const { report } = softmax([0, -1.25], { ...one, width: 2, target: fp32, exp: flashAttentionExp2, record: 'all' });
    const last = report.events?.filter(({ stage, index }) => stage === 'exp' && index === 1).at(-1);
    expect(last).toMatchObject({ operation: 'fusedMultiplyAdd', step: 10, result: p });
    const exact = softmax([0, -1.25], { ...one, width: 2, target: fp32 }).output[1] as number;
    const approximate = softmax([0, -1.25], { ...one, width: 2, target: fp32, exp: flashAttentionExp2 })
      .output[1] as number;
    expect(Math.abs(approximate / exact - 1)).toBeLessThan(2e-4);
    expect(approximate).not.toBe(exact);
  });

  it('takes reciprocal and multiply as two roundings', () => {
    const x = [0, 0, 0];
    const divided = softmax(x, { ...one, width: 3 }).output[0];
    const multiplied = softmax(x, { ...one, width: 3, normalize: 'reciprocal' });
    expect(multiplied.report.stages).toEqual([
      'load',
      'max',
      'subtract',
      'exp',
      'sum',
      'reciprocal',
      'multiply',
      'store',
    ]);
    expect(divided).toBe(0.333251953125);
    expect(multiplied.output[0]).toBe(0.333251953125);
    const y = softmax([0, -1, -1], { ...one, width: 3, target: bf16, normalize: 'reciprocal' }).output[0];
    expect(y).not.toBe(softmax([0, -1, -1], { ...one, width: 3, target: bf16 }).output[1]);
  });

  it('refuses what it cannot mean', () => {
    const given = { ...one, width: 1 };
    expect(failure(() => softmax([1, 2], given))).toBe('shape x');
    expect(failure(() => softmax([1], { ...given, exp: { kind: 'table' } as never }))).toBe('name options.exp.kind');
    const polynomial = { kind: 'base2Polynomial', coefficients: [1, Number.NaN] } as const;
    expect(failure(() => softmax([1], { ...given, exp: polynomial }))).toBe('range options.exp.coefficients[1]');
    expect(failure(() => softmax([1], { ...given, exp: { ...polynomial, coefficients: [] } }))).toBe(
      'type options.exp.coefficients',
    );
    expect(failure(() => softmax([1], { ...given, clamp: { low: 2, high: 1 } }))).toBe('range options.clamp.high');
    expect(failure(() => softmax([1], { ...given, normalize: 'half' as never }))).toBe('name options.normalize');
    expect(failure(() => softmax([1], { ...given, target: { name: 'x' } as never }))).toBe(
      'unsupported options.target',
    );
    const wrap = { format: 'int8', policy: { overflow: 'wrap' } };
    const unit = { ...fp16.vectorUnits.vector, compute: wrap } as never;
    expect(failure(() => softmax([1], { ...given, target: { ...fp16, vectorUnits: { vector: unit } } }))).toBe(
      'unsupported options.target.vectorUnits.vector.compute',
    );
  });
});
