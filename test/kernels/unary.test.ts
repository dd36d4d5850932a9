import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binary16,
  binary32,
  e2m1fn,
  e4m3fn,
  e5m2,
  e8m0fnu,
  type Format,
  int8,
  parseFormat,
} from '../../src/formats/index.ts';
import {
  type Composition,
  exp2ByCubic,
  geluByErf,
  geluByTanh,
  siluByDivision,
  siluByReciprocal,
  softcapByExponentials,
  softcapByTanh,
  tanhByExponentials,
  type UnaryFunction,
  type UnaryOptions,
  unary,
} from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { bf16, fp16, fp32, h100, type VectorTarget } from '../../src/targets/index.ts';
import { formats, policies, reals, roundings, targets } from '../../src/testing/arbitraries/index.ts';
import { oracleUnary } from '../../src/testing/oracle/unary.ts';
import { failure, outcome, seeded } from '../testing/helpers.ts';
import { expectReport } from './helpers.ts';

type Options = UnaryOptions & { readonly rows: number };
interface Case {
  readonly x: Float64Array;
  readonly options: Options;
}

const names: readonly UnaryFunction[] = [
  'exp',
  'exp2',
  'log',
  'log2',
  'tanh',
  'sigmoid',
  'erf',
  'silu',
  'gelu',
  'geluTanh',
  'softplus',
  'softcap',
  'reciprocal',
  'sqrt',
  'rsqrt',
  'relu',
];
const presets: readonly Composition[] = [
  exp2ByCubic,
  geluByErf,
  geluByTanh,
  siluByDivision,
  siluByReciprocal,
  softcapByExponentials(50),
  softcapByTanh(30),
  tanhByExponentials,
];

const ofInput = (format: Format): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -1280, max: 1280 }).map((n) => n / 64) },
    { weight: 2, arbitrary: fc.constantFrom(0, -0, 1, 2, 0.5, -1, Infinity, -Infinity, Number.NaN) },
    { weight: 2, arbitrary: fc.double() },
    { weight: 4, arbitrary: reals(format) },
  );

/** Random lists of operations on what is there. */
const compositions: fc.Arbitrary<Composition> = fc.oneof(
  fc.constantFrom(...presets),
  fc
    .array(
      fc.record({
        operation: fc.constantFrom(
          ...([
            'add',
            'subtract',
            'multiply',
            'divide',
            'fusedMultiplyAdd',
            'squareRoot',
            'reciprocalSquareRoot',
          ] as const),
          ...(['round', 'scaleByPowerOfTwo', 'negate', 'absolute', 'maximum', 'minimum', 'floor', 'nearest'] as const),
          ...([
            'exp',
            'exp2',
            'log',
            'log2',
            'tanh',
            'sigmoid',
            'erf',
            'silu',
            'gelu',
            'geluTanh',
            'softplus',
          ] as const),
        ),
        picks: fc.array(fc.oneof(fc.nat(), fc.constantFrom(0.5, -0, 0, 1, 3, 0.1, -127)), {
          minLength: 3,
          maxLength: 3,
        }),
        constant: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
        rounding: fc.option(
          roundings({ maxBits: 24 }).filter(
            ({ format, policy }) => format.kind === 'float' || policy.overflow === 'saturate',
          ),
          { nil: null, freq: 4 },
        ),
      }),
      { minLength: 1, maxLength: 5 },
    )
    .map((steps) => {
      const arity = (name: string): number =>
        name === 'fusedMultiplyAdd'
          ? 3
          : ['add', 'subtract', 'multiply', 'divide', 'scaleByPowerOfTwo', 'maximum', 'minimum'].includes(name)
            ? 2
            : 1;
      return {
        kind: 'composition' as const,
        steps: steps.map(({ operation, picks, constant, rounding }, j) => ({
          operation,
          to: `t${j}`,
          operands: picks.slice(0, arity(operation)).map((pick, k) => {
            if (constant[k] && pick % 1 === pick % 1 && Math.abs(pick) < 200) return pick;
            const at = Math.floor(Math.abs(pick)) % (j + 1);
            return at === 0 ? 'x' : `t${at - 1}`;
          }),
          rounding,
        })),
      };
    }),
);

const isSaturating = ({ format, policy }: { format: Format; policy: { overflow: string } }): boolean =>
  format.kind === 'float' || policy.overflow === 'saturate';

function cases(places: fc.Arbitrary<{ format: Format; own: Partial<Options> }>): fc.Arbitrary<Case> {
  return places.chain(({ format, own }) =>
    fc
      .record({
        name: fc.constantFrom(...names),
        cap: fc.constantFrom(50, 30, 1, 0.1, 2 ** -140),
        method: fc.option(compositions, { nil: undefined, freq: 2 }),
        rows: fc.integer({ min: 0, max: 3 }),
        width: fc.integer({ min: 0, max: 5 }),
      })
      .chain(({ name, cap, method, rows, width }) =>
        fc.array(ofInput(format), { minLength: rows * width, maxLength: rows * width }).map((x) => ({
          x: Float64Array.from(x),
          options: {
            rows,
            width,
            function: name,
            ...(name === 'softcap' ? { cap } : {}),
            ...(method === undefined ? {} : { method }),
            ...own,
          },
        })),
      ),
  );
}

function agree({ x, options }: Case): void {
  const { target, format, policy, ...rest } = options;
  const wanted = outcome(() =>
    oracleUnary({
      ...rest,
      x,
      ...(target === undefined
        ? { rounding: roundTo(format as Format, policy) }
        : { unit: (target as VectorTarget).vectorUnits.vector }),
    }),
  );
  const found = outcome(() => unary(x, { ...options, record: 'all', limit: 2 ** 32 }));
  if (wanted === 'refused' || found === 'refused') {
    expect(found).toEqual(wanted);
    return;
  }
  expect([...found.output]).toEqual(wanted.output);
  expectReport(found.report, wanted, options.rows);
}

const byFormat = formats({ maxBits: 32 })
  .chain((format) => fc.record({ format: fc.constant(format), policy: policies(format) }))
  .filter(({ format, policy }) => isSaturating(roundTo(format, policy)))
  .map(({ format, policy }) => ({ format, own: { format, policy } }));
const onTarget = (chosen: fc.Arbitrary<VectorTarget>) =>
  chosen
    .filter(({ vectorUnits: { vector } }) => isSaturating(vector.compute))
    .map((target) => ({ format: target.vectorUnits.vector.load.format, own: { target } }));

describe('unary equals the naive model, bit for bit and event for event', () => {
  it('in any format and mode', () => {
    fc.assert(fc.property(cases(byFormat), agree), seeded(800));
  });

  it('on any target', () => {
    const any = fc.oneof(targets({ maxBits: 20 }), targets({ kinds: ['generic'] }));
    fc.assert(fc.property(cases(onTarget(any)), agree), seeded(800));
  });
});

const at = (name: UnaryFunction, x: number[], format: Format = binary16): number[] => [
  ...unary(x, { function: name, format, ...(name === 'softcap' ? { cap: 50 } : {}) }).output,
];

describe('at the edges', () => {
  it('a function is its limit, with the sign of approach', () => {
    const ends = [-Infinity, Infinity];
    expect(at('exp', ends)).toEqual([0, Infinity]);
    expect(at('exp2', ends)).toEqual([0, Infinity]);
    expect(at('tanh', ends)).toEqual([-1, 1]);
    expect(at('erf', ends)).toEqual([-1, 1]);
    expect(at('sigmoid', ends)).toEqual([0, 1]);
    expect(at('softplus', ends)).toEqual([0, Infinity]);
    expect(at('softcap', ends)).toEqual([-50, 50]);
    for (const name of ['silu', 'gelu', 'geluTanh'] as const) expect(at(name, ends)).toEqual([-0, Infinity]);
    expect(at('relu', [-0, -3, -Infinity, Number.NaN, 2])).toEqual([0, 0, 0, Number.NaN, 2]);
    for (const name of ['sqrt', 'tanh', 'erf', 'silu', 'gelu', 'geluTanh'] as const)
      expect(at(name, [-0, 0])).toEqual([-0, 0]);
  });

  it('a pole divides by zero, and what has no value is invalid', () => {
    for (const name of ['log', 'log2'] as const) {
      const { output, report } = unary([0, -0, -1, 1], { function: name, format: binary16 });
      expect([...output]).toEqual([-Infinity, -Infinity, Number.NaN, 0]);
      expect(report.totals).toMatchObject({ divideByZero: 2, invalid: 1, inexact: 0 });
    }
    const { output, report } = unary([0, -0], { function: 'rsqrt', format: binary16 });
    expect([...output]).toEqual([Infinity, -Infinity]);
    expect(report.totals.divideByZero).toBe(2);
    expect(at('log2', [8, 2 ** -24])).toEqual([3, -24]);
    expect(at('exp2', [15, -24, -25])).toEqual([32768, 2 ** -24, 0]);
  });

  it('formats without infinity, without NaN, without zero do what their policies say', () => {
    expect(at('exp', [7], e4m3fn)).toEqual([Number.NaN]);
    expect(at('exp', [7, -9], e2m1fn)).toEqual([6, 0]);
    expect(at('exp', [-200, 1], e8m0fnu)).toEqual([2 ** -127, 2]);
    expect(failure(() => at('log', [-1], e2m1fn))).toBe('value x');
    expect(at('exp', [5.5, 3], int8)).toEqual([127, 20]);
    expect(at('tanh', [100], e5m2)).toEqual([1]);
    expect([
      ...unary([100], { function: 'tanh', format: binary16, policy: { rounding: 'towardZero' } }).output,
    ]).toEqual([1 - 2 ** -11]);
  });
});

describe('a function as kernels write it', () => {
  it('a soft cap by exponentials is NaN where the cure gives 50', () => {
    // e^88.7 is the last that binary32 holds: 4436 / 50 = 88.72.
    const x = [-5000, -4440, -4436, -50, 0, 50, 4436, 4440, 5000];
    const cap = { function: 'softcap', cap: 50, target: fp32 } as const;
    const before = [...unary(x, { ...cap, method: softcapByExponentials(50) }).output];
    const after = [...unary(x, { ...cap, method: softcapByTanh(50) }).output];
    const t = Math.fround(50 * Math.tanh(1));
    expect(before).toEqual([Number.NaN, Number.NaN, -50, -t, 0, t, 50, Number.NaN, Number.NaN]);
    expect(after).toEqual([-50, -50, -50, -t, 0, t, 50, 50, 50]);
    expect([...unary(x, cap).output]).toEqual(after);
    const { report } = unary([5000], { ...cap, method: softcapByExponentials(50) });
    expect(report.first.overflow).toMatchObject({ stage: 'function', index: 0, step: 1, operation: 'exponential' });
    expect(report.first.invalid).toMatchObject({ step: 6, operation: 'divide', operands: [Infinity, Infinity] });
  });

  it('SiLU through a reciprocal rounds once more than a division', () => {
    const x = Float64Array.from({ length: 400 }, (_, i) => (i - 100) / 16);
    const silu = { function: 'silu', target: fp16, reference: true } as const;
    const [a, b, c] = [siluByReciprocal, siluByDivision]
      .map((method) => unary(x, { ...silu, method }))
      .concat([unary(x, silu)]);
    expect(a?.report.error?.maxUlp).toBeGreaterThan(b?.report.error?.maxUlp as number);
    expect(b?.report.error?.maxUlp).toBeGreaterThan(c?.report.error?.maxUlp as number);
    expect(c?.report.error?.maxUlp).toBeLessThanOrEqual(0.5);
    expect(Object.keys(c?.report.headroom ?? {})).toEqual(['function', 'store']);
    expect(c?.report.headroom?.function).toBeCloseTo(Math.log2(65504 / 18.6875), 3);
  });

  it('FlashAttention’s cubic is within 9e-5 of 2^x, and exact at integers', () => {
    const x = Float64Array.from({ length: 300 }, (_, i) => -i / 16);
    const { output } = unary(x, { function: 'exp2', target: fp32, method: exp2ByCubic });
    output.forEach((y, i) => {
      if (i % 16 === 0) expect(y).toBe(2 ** (x[i] as number));
      else expect(Math.abs(y / 2 ** (x[i] as number) - 1)).toBeLessThan(9e-5);
    });
    expect([...unary([-Infinity], { function: 'exp2', target: fp32, method: exp2ByCubic }).output]).toEqual([
      2 ** -127,
    ]);
  });

  it('is refused where it means nothing', () => {
    const given = { function: 'exp', format: binary16 } as const;
    const by = (...steps: object[]) =>
      failure(() => unary([1], { ...given, method: { kind: 'composition', steps } as never }));
    expect(by()).toBe('shape options.method.steps');
    expect(by({ operation: 'exp', operands: ['y'] })).toBe('name options.method.steps[0].operands[0]');
    expect(by({ operation: 'add', operands: ['x'] })).toBe('shape options.method.steps[0].operands');
    expect(by({ operation: 'exp', operands: ['x'], to: 'x' })).toBe('name options.method.steps[0].to');
    expect(by({ operation: 'softcap', operands: ['x'] })).toBe('name options.method.steps[0].operation');
    expect(by({ operation: 'add', operands: ['x', Number.NaN] })).toBe('range options.method.steps[0].operands[1]');
    expect(failure(() => unary([1], { ...given, function: 'softcap' }))).toBe('type options.cap');
    expect(failure(() => unary([1], { ...given, cap: 3 }))).toBe('unsupported options.cap');
    expect(failure(() => unary([1], { ...given, function: 'cos' as never }))).toBe('name options.function');
    expect(failure(() => unary([1], { ...given, target: 'h100' }))).toBe('type options');
    expect(failure(() => unary([1], { ...given, format: 'int8', policy: { overflow: 'wrap' } }))).toBe(
      'unsupported options.policy.overflow',
    );
    expect(failure(() => softcapByTanh(-1))).toBe('range cap');
  });

  it('takes names, plain data, and rows of nothing', () => {
    const steps = [{ operation: 'exp', operands: ['x'], rounding: { format: 'bfloat16' } }] as never;
    expect([...unary([1], { function: 'exp', target: 'fp32', method: { kind: 'composition', steps } }).output]).toEqual(
      [2.71875],
    );
    expect(unary([], { function: 'exp', target: h100, width: 0, rows: 3 }).report.ok).toBe(true);
    expect(unary([1, 12], { function: 'exp', target: bf16 }).report.ok).toBe(true);
    expect(unary([1, 12], { function: 'exp', format: parseFormat('float:e5m4:bias=16') }).output[1]).toBe(Infinity);
  });
});

describe('stochastic rounding', () => {
  it('takes its bits from the element’s place: the mean of many is the function', () => {
    const n = 1000;
    const format = binary32;
    expect(format.bits).toBe(32);
    const policy = { rounding: 'stochastic', stochastic: { bits: 16, seed: 7 } } as const;
    const { output } = unary(new Float64Array(n).fill(0.3), { function: 'tanh', format: binary16, policy });
    const mean = output.reduce((a, b) => a + b) / n;
    expect(new Set(output).size).toBe(2);
    expect(Math.abs(mean - Math.tanh(0.3))).toBeLessThan((2 ** -12 / Math.sqrt(n)) * 5);
  });
});
