/**
 * Random calls of every kernel: any target, format and policy, every option, operands of unlike sizes.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Report } from '../../src/events/index.ts';
import { binary32, e4m3fn, type Format, int8 } from '../../src/formats/index.ts';
import {
  exp2ByCubic,
  flashAttentionExp2,
  geluByErf,
  type OutputArray,
  siluByReciprocal,
  tanhByExponentials,
  type UnaryFunction,
} from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import type { VectorTarget } from '../../src/targets/index.ts';
import { formats, policies, targets } from '../../src/testing/arbitraries/index.ts';
import { anyVectorTarget, distinctUnits, genericTargets } from '../engine/helpers.ts';
import { draw, type Spread, spreads } from '../engine/spreads.ts';

type Kernels = typeof import('../../src/kernels/index.ts');
type KernelName =
  | 'add'
  | 'attention'
  | 'cast'
  | 'castCodes'
  | 'dot'
  | 'epilogue'
  | 'layerNorm'
  | 'matmul'
  | 'multiply'
  | 'rmsNorm'
  | 'softmax'
  | 'sum'
  | 'unary';

const unaryNames: readonly UnaryFunction[] = ['exp', 'log', 'tanh', 'gelu', 'softcap', 'softplus', 'rsqrt', 'relu'];
const compositions = [exp2ByCubic, geluByErf, siluByReciprocal, tanhByExponentials];

/** A call as data: all but where it runs, what it records and where it writes. */
export interface Call {
  readonly kernel: KernelName;
  readonly inputs: readonly (Float32Array | Float64Array)[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What a call gave: outputs and report, or the message of its error. */
export type Answer = { readonly output: OutputArray; readonly report: Report } | string;

/** Carries a call out. */
export function carryOut(kernels: Kernels, { kernel, inputs, options }: Call, more: object): Answer {
  try {
    const run = kernels[kernel] as unknown as (...args: unknown[]) => Record<string, unknown>;
    const { output, codes, report } = run(...inputs, { ...options, ...more });
    return { output: (output ?? codes) as OutputArray, report: report as Report };
  } catch (error) {
    if ((error as Error).name !== 'BittrueError') throw error;
    return (error as Error).message;
  }
}

/** Two answers are one: every number, zeros with their signs, and the whole report. */
export function expectSame(found: Answer, wanted: Answer): void {
  if (typeof found === 'string' || typeof wanted === 'string') {
    expect(found).toBe(wanted);
    return;
  }
  const { output } = wanted;
  const isSame = found.output.length === output.length && found.output.every((y, i) => Object.is(y, output[i]));
  if (!isSame) expect(Array.from(found.output)).toEqual(Array.from(output));
  if (!isDeepStrictEqual(found.report, wanted.report)) expect(found.report).toEqual(wanted.report);
}

const anyTarget: fc.Arbitrary<VectorTarget> = fc.oneof(
  fc.constantFrom(...genericTargets),
  targets({ kinds: ['generic', 'float', 'integer', 'fixed'] }),
  anyVectorTarget(),
);
const width = fc.constantFrom(1, 2, 3, 7, 16, 17, 33, 64, 130);
const rows = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70 }));
const shape = fc.record({ rows, width });
const common = fc.record(
  { nonFiniteInputs: fc.constantFrom('deny' as const, 'allow' as const), reference: fc.boolean() },
  { requiredKeys: [] },
);

/** Fields that are there or not. */
function optional(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Record<string, unknown>>;
}

/** An array of so many numbers, or of as many rows of them. */
function array(count: number, lines = 1): fc.Arbitrary<Float32Array | Float64Array> {
  return spreads.map((spread: Spread) => draw(lines, count, spread));
}

/** A format with a policy of its own. */
function rounding(maxBits = 32): fc.Arbitrary<{ format: Format; policy: object }> {
  return formats({ maxBits }).chain((format) => fc.record({ format: fc.constant(format), policy: policies(format) }));
}

function casts(): fc.Arbitrary<Call> {
  const codes = fc.tuple(rounding(16), fc.boolean()).map(([own, packed]) => ({ ...own, packed }));
  return fc.tuple(shape, fc.oneof(rounding(), codes)).chain(([{ rows: lines, width: count }, own]) =>
    fc.record({
      kernel: fc.constant('packed' in own ? ('castCodes' as const) : ('cast' as const)),
      inputs: fc.tuple(array(count, lines)),
      options: common.map((more) => ({ ...own, ...more, rows: lines })),
    }),
  );
}

function elementwise(): fc.Arbitrary<Call> {
  return fc
    .tuple(
      shape,
      fc.oneof(
        rounding(),
        anyTarget.map((target) => ({ target })),
      ),
    )
    .chain(([{ rows: lines, width: count }, own]) =>
      fc.record({
        kernel: fc.constantFrom('add' as const, 'multiply' as const),
        inputs: fc.tuple(array(count, lines), array(count, lines)),
        options: common.map((more) => ({ ...own, ...more, rows: lines })),
      }),
    );
}

function norms(): fc.Arbitrary<Call> {
  return fc.tuple(shape, anyTarget, fc.boolean()).chain(([own, target, isLayer]) =>
    fc.record({
      kernel: fc.constant(isLayer ? ('layerNorm' as const) : ('rmsNorm' as const)),
      inputs: fc.tuple(array(own.width, own.rows)),
      options: fc
        .tuple(
          common,
          optional({
            gamma: array(own.width),
            residual: array(own.width, own.rows),
            epsilon: fc.constantFrom(0, 1e-5, 1, 2 ** -20),
            scale: fc.constantFrom(0.25, 1, 1.7),
            epsilonScaled: fc.boolean(),
          }),
          isLayer
            ? optional({
                beta: array(own.width),
                variance: fc.constantFrom('twoPass', 'onePass', 'welford'),
                negativeVariance: fc.constantFrom('clamp', 'keep'),
                affine: fc.constantFrom('separate', 'fused'),
              })
            : fc.constant({}),
        )
        .map(([more, one, two]) => ({ ...own, target, ...more, ...one, ...two })),
    }),
  );
}

function rowKernels(): fc.Arbitrary<Call> {
  return fc.tuple(shape, anyTarget, fc.boolean()).chain(([own, target, isSoftmax]) =>
    fc.record({
      kernel: fc.constant(isSoftmax ? ('softmax' as const) : ('sum' as const)),
      inputs: fc.tuple(array(own.width, own.rows)),
      options: fc
        .tuple(
          common,
          isSoftmax
            ? optional({
                exp: fc.constantFrom({ kind: 'correctlyRounded' }, flashAttentionExp2),
                normalize: fc.constantFrom('divide', 'reciprocal'),
                clamp: fc.constantFrom({ low: -20 }, { low: -8, high: 0 }),
              })
            : fc.constant({}),
        )
        .map(([more, one]) => ({ ...own, target, ...more, ...one })),
    }),
  );
}

function products(): fc.Arbitrary<Call> {
  const unit = fc.oneof(
    anyTarget.map((target) => ({ target, unit: 'vector', scale: null })),
    fc.constantFrom(...distinctUnits).map(({ target, unit: { name, scale } }) => ({ target, unit: name, scale })),
  );
  const sizes = fc.record({ m: fc.integer({ min: 1, max: 9 }), n: fc.integer({ min: 1, max: 20 }), k: width });
  return fc.tuple(unit, sizes, fc.boolean()).chain(([{ target, unit: name, scale }, { m, n: columns, k }, isDot]) => {
    const n = isDot ? m : columns;
    const blocks = scale === null ? 0 : Math.ceil(k / scale.block);
    const scaled = (count: number): fc.Arbitrary<Float64Array> =>
      fc
        .array(fc.integer({ min: -6, max: 6 }), { minLength: count, maxLength: count })
        .map((all) => Float64Array.from(all, (e) => 2 ** e));
    return fc.record({
      kernel: fc.constant(isDot ? ('dot' as const) : ('matmul' as const)),
      inputs: fc.tuple(array(k, m), isDot ? array(k, m) : array(n, k)),
      options: fc
        .tuple(
          common,
          optional({
            c: array(isDot ? m : m * n),
            splitK: fc.integer({ min: 1, max: 4 }),
            promoteEvery: fc.constantFrom(1, 4, 32, 64),
            partial: fc.constantFrom(roundTo(binary32), roundTo(e4m3fn, { overflow: 'saturate' }), roundTo(int8)),
          }),
          scale === null ? fc.constant({}) : fc.record({ scaleA: scaled(m * blocks), scaleB: scaled(n * blocks) }),
        )
        .map(([more, one, scales]) => ({
          ...(isDot ? { rows: m, width: k } : { m, n, k }),
          ...{ target, unit: name, ...more, ...one, ...scales },
        })),
    });
  });
}

function functions(): fc.Arbitrary<Call> {
  return fc
    .tuple(
      shape,
      fc.oneof(
        rounding(),
        anyTarget.map((target) => ({ target })),
      ),
      fc.constantFrom(...unaryNames),
    )
    .chain(([{ rows: lines, width: count }, own, name]) =>
      fc.record({
        kernel: fc.constant('unary' as const),
        inputs: fc.tuple(array(count, lines)),
        options: fc.tuple(common, optional({ method: fc.constantFrom(...compositions) })).map(([more, one]) => ({
          ...own,
          ...more,
          ...one,
          rows: lines,
          function: name,
          ...(name === 'softcap' ? { cap: 50 } : {}),
        })),
      }),
    );
}

function epilogues(): fc.Arbitrary<Call> {
  const operations = optional({
    alpha: fc.constantFrom(1, 0.5, -3),
    rounding: rounding(),
    load: rounding(),
    output: rounding(),
    activation: fc.constantFrom(...unaryNames.filter((name) => name !== 'softcap')).map((name) => ({ function: name })),
  });
  return fc.tuple(shape, operations).chain(([{ rows: lines, width: count }, own]) =>
    fc.record({
      kernel: fc.constant('epilogue' as const),
      inputs: fc.tuple(array(count, lines)),
      options: fc.tuple(common, array(count, lines), array(count)).map(([more, c, bias]) => ({
        ...more,
        rows: lines,
        width: count,
        epilogue: { ...own, beta: 2, bias: 'columns' },
        c,
        bias,
      })),
    }),
  );
}

function attentions(): fc.Arbitrary<Call> {
  const unit = fc.oneof(
    anyTarget.map((target) => ({ target })),
    fc
      .constantFrom(...distinctUnits.filter(({ unit: { scale } }) => scale === null))
      .map(({ target, unit: { name } }) => ({ target, unit: name })),
  );
  const sizes = fc.record({
    heads: fc.integer({ min: 1, max: 2 }),
    queries: fc.integer({ min: 1, max: 4 }),
    keys: fc.integer({ min: 1, max: 9 }),
    width: fc.constantFrom(1, 3, 8),
    valueWidth: fc.constantFrom(1, 2, 5),
  });
  return fc.tuple(unit, sizes).chain(([own, { heads, queries, keys, width: depth, valueWidth }]) =>
    fc.record({
      kernel: fc.constant('attention' as const),
      inputs: fc.tuple(array(depth, heads * queries), array(depth, heads * keys), array(valueWidth, heads * keys)),
      options: fc
        .tuple(
          common,
          optional({
            method: fc.constantFrom(
              { kind: 'unfused', divide: 'after' },
              { kind: 'flash', tile: 2 },
              { kind: 'flash', tile: 4, threshold: 2 },
            ),
            causal: fc.boolean(),
            softcap: fc.constantFrom(20),
            exponential: fc.constantFrom('exp', 'exp2'),
            maximumOffset: fc.constantFrom(2.0794415416798357),
            emptyRow: fc.constantFrom('nan', 'zero'),
          }),
        )
        .map(([more, one]) => ({ ...own, heads, queries, keys, width: depth, valueWidth, ...more, ...one })),
    }),
  );
}

/** Any call. */
export function anyCall(): fc.Arbitrary<Call> {
  return fc.oneof(
    casts(),
    elementwise(),
    functions(),
    epilogues(),
    attentions(),
    norms(),
    rowKernels(),
    products(),
    products(),
  );
}
