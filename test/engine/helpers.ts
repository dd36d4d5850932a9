/** What the tests of the fast twins share. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Reduction } from '../../src/accumulators/index.ts';
import type { Engine } from '../../src/engine/index.ts';
import { compile } from '../../src/engine/module.ts';
import { ALIVE, answer, createState, DONE, markPiece, REFUSED, setLife } from '../../src/engine/state.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  e4m3fn,
  e5m2,
  type FloatFormat,
  tf32,
} from '../../src/formats/index.ts';
import type { OutputArray, Result } from '../../src/kernels/index.ts';
import { carryOut } from '../../src/kernels/threads/part.ts';
import type { Part } from '../../src/kernels/threads/share.ts';
import {
  flushFlagsRules,
  fusedInvalidRules,
  type PartialPolicy,
  type Rounding,
  roundingModes,
  roundTo,
} from '../../src/rounding/index.ts';
import {
  bf16,
  e4m3fnFp16,
  e4m3fnFp32,
  e5m2Fp16,
  fp16,
  fp16Fp32Accumulate,
  fp16Fp32Compute,
  fp16Tile64,
  fp32,
  type MatrixUnit,
  type Target,
  targets,
  type VectorTarget,
} from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { share } from '../testing/helpers.ts';

/** The generic machines. */
export const genericTargets: readonly VectorTarget[] = [
  fp16,
  bf16,
  fp32,
  e4m3fnFp16,
  e4m3fnFp32,
  e5m2Fp16,
  fp16Fp32Accumulate,
  fp16Fp32Compute,
  fp16Tile64,
];

/** Any float format that rounds to at most 24 bits. */
export function anyFloat(): fc.Arbitrary<FloatFormat> {
  return fc
    .record({
      exponentBits: fc.integer({ min: 2, max: 8 }),
      mantissaBits: fc.integer({ min: 0, max: 23 }),
      infinities: fc.constantFrom('ieee' as const, 'none' as const),
      nan: fc.constantFrom('ieee' as const, 'topCode' as const, 'negativeZero' as const, 'none' as const),
    })
    .map((fields) => {
      try {
        return defineFloat(fields);
      } catch {
        return defineFloat({ exponentBits: fields.exponentBits, mantissaBits: Math.max(1, fields.mantissaBits) });
      }
    });
}

/** Any policy but stochastic rounding; half of them the usual one. */
export function anyPolicy(): fc.Arbitrary<PartialPolicy> {
  return fc.oneof(
    fc.constant({}),
    fc.record({
      rounding: fc.constantFrom(...roundingModes.slice(0, 6)),
      subnormals: fc.constantFrom(
        'gradual' as const,
        'flushOutputs' as const,
        'flushInputs' as const,
        'flushBoth' as const,
      ),
      overflow: fc.constantFrom(
        'ieee' as const,
        'infinity' as const,
        'saturate' as const,
        'saturateFinite' as const,
        'nan' as const,
      ),
      tininess: fc.constantFrom('afterRounding' as const, 'beforeRounding' as const),
      fusedInvalid: fc.constantFrom(...fusedInvalidRules),
      // The engine refuses the second of these where outputs are flushed.
      flushFlags: fc.oneof({ weight: 7, arbitrary: fc.constant(flushFlagsRules[0]) }, fc.constant(flushFlagsRules[1])),
    }),
  );
}

/** The matrix units of every chip, one of those that compute the same: names, sources and words aside. */
export const distinctUnits: readonly { readonly target: Target; readonly unit: MatrixUnit }[] = [
  ...new Map(
    Object.values(targets)
      .flatMap((target) => Object.values(target.matrixUnits).map((unit) => ({ target, unit })))
      .reverse()
      .map((chosen) => {
        const { name: _, instructions, source, verified, confidence, disputed, ...arithmetic } = chosen.unit;
        return [JSON.stringify(arithmetic), chosen] as const;
      }),
  ).values(),
].reverse();

/** Arrays of n numbers of every class: ordinary, subnormal, huge, ties, any size, specials, and all mixed. */
export function samples(format: FloatFormat, n: number): Float64Array[] {
  const random = generator(n + 17);
  const sign = (): number => (random() < 0.5 ? -1 : 1);
  const { max, minNormal, mantissaBits } = format;
  const quantum = minNormal * 2 ** -mantissaBits;
  const special = [0, -0, Infinity, -Infinity, Number.NaN, max, -max, minNormal, quantum, quantum / 2];
  const classes: (() => number)[] = [
    () => (random() + random() + random() - 1.5) * 2,
    () => sign() * minNormal * random() * 1.5,
    () => sign() * max * (0.5 + random()),
    () => sign() * (Math.floor(random() * 2 ** (mantissaBits + 1)) + 0.5) * quantum,
    () => sign() * 2 ** Math.floor(random() * 250 - 125) * (1 + random()),
    () => special[Math.floor(random() * special.length)]!,
  ];
  const mixed = (): number => classes[Math.floor(random() * classes.length)]!();
  return [...classes, mixed].map((draw) => Float64Array.from({ length: n }, draw));
}

type AnyResult = Result<OutputArray>;

/** Magnitudes cost two runs more: `npm test` compares those of every fourth. */
let compared = 0;

/**
 * Runs a kernel by the specification and on an engine, alone and divided, and compares outputs, counts, flags and first
 * events; magnitudes, divided; and outputs where nothing is recorded.
 */
export function expectTwins(
  run: (options: { engine: Engine | null; record: 'first' | 'off'; magnitudes?: boolean }) => AnyResult,
  engine: Engine,
): void {
  let slow: AnyResult;
  try {
    slow = run({ engine: null, record: 'first' });
  } catch (error) {
    for (const record of ['first', 'off'] as const) {
      expect(() => run({ engine, record })).toThrow((error as Error).message);
    }
    return;
  }
  compared += 1;
  const ways = share < 1 ? (compared % 2 === 0 ? [engine] : [divided(engine)]) : [engine, divided(engine)];
  for (const on of ways) {
    for (const record of ['first', 'off'] as const) {
      const fast = run({ engine: on, record });
      const same = fast.output.every((y, i) => Object.is(y, slow.output[i]));
      if (!same) expect(Array.from(fast.output)).toEqual(Array.from(slow.output));
      if (record === 'first') expect(fast.report).toEqual(slow.report);
    }
  }
  if (share < 1 && compared % 4 !== 1) return;
  const [seen, fast] = [null, divided(engine)].map(
    (on) => run({ engine: on, record: 'first', magnitudes: true }).report,
  );
  expect(fast).toEqual(seen);
}

/** An engine of three threads that take turns: parts go through what they go through on the way to a worker. */
function divided(engine: Engine): Engine {
  const threads = [1, 2].map(() => {
    const state = createState();
    setLife(state, ALIVE);
    const post = (part: unknown): void => {
      answer(state, carryOut(engine, structuredClone(part) as Part, () => markPiece(state)) ? DONE : REFUSED);
    };
    return { state, post, terminate: () => {} };
  });
  const watch = { pulse: new Int32Array(1), isLost: false, post: () => {}, terminate: () => {} };
  const { memory } = engine.core;
  const pool = {
    open: () => expect.fail('no thread died'),
    opening: { module: compile(true), memory },
    threads,
    watch,
  };
  return { ...engine, pool, minElementsForThreads: 0 };
}

/** Any step of a float format. */
export function anyStep(): fc.Arbitrary<Rounding> {
  const known = fc.constantFrom(binary16, bfloat16, binary32, e4m3fn, e5m2, tf32);
  return fc.tuple(fc.oneof(known, anyFloat()), anyPolicy()).map(([format, policy]) => roundTo(format, policy));
}

/** Any reduction by float accumulators. */
export function anyReduction(): fc.Arbitrary<Reduction> {
  const ordered = fc
    .record({
      kind: fc.constantFrom('sequential' as const, 'pairwise' as const, 'butterfly' as const),
      step: anyStep(),
      fused: fc.boolean(),
    })
    .map(({ kind, step: own, fused }) => ({ kind, accumulator: { kind: 'float' as const, rounding: own, fused } }));
  const plain = ordered.map((reduction) => ({ ...reduction, accumulator: { ...reduction.accumulator, fused: false } }));
  const tiled = fc.record({
    kind: fc.constant('tiled' as const),
    size: fc.integer({ min: 1, max: 9 }),
    within: ordered,
    across: plain,
  });
  const chained = tiled.map((reduction) => ({
    ...reduction,
    within: { ...reduction.within, kind: 'sequential' as const },
    across: 'chain' as const,
  }));
  const strided = fc.record({
    kind: fc.constant('strided' as const),
    lanes: fc.integer({ min: 1, max: 9 }),
    within: ordered,
    across: plain,
  });
  return fc.oneof(ordered, tiled, chained, strided) as fc.Arbitrary<Reduction>;
}

/** Any target with a vector unit of float steps. */
export function anyVectorTarget(): fc.Arbitrary<VectorTarget> {
  return fc
    .record(
      {
        load: anyStep(),
        compute: anyStep(),
        center: anyStep(),
        normalize: anyStep(),
        accumulate: anyStep(),
        statistics: anyStep(),
        store: anyStep(),
        reduction: anyReduction(),
        mean: fc.constantFrom('reciprocal' as const, 'divide' as const),
        reciprocalSqrt: fc.constantFrom(
          { kind: 'correctlyRounded' as const },
          { kind: 'sqrtThenReciprocal' as const },
          { kind: 'sqrtThenDivide' as const },
        ),
      },
      { requiredKeys: ['load', 'compute', 'accumulate', 'statistics', 'store', 'reduction', 'mean', 'reciprocalSqrt'] },
    )
    .map(
      (vector): VectorTarget => ({
        ...fp16,
        name: 'any',
        vectorUnits: { vector: { ...fp16.vectorUnits.vector, ...vector } },
      }),
    );
}
