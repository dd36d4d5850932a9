import fc from 'fast-check';
import { describe, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { bfloat16, binary16, binary32, defineFloat, e4m3fn, e5m2, tf32 } from '../../src/formats/index.ts';
import { add, cast, dot, layerNorm, matmul, multiply, rmsNorm, softmax, sum } from '../../src/kernels/index.ts';
import { roundTo } from '../../src/rounding/index.ts';
import { fp16, type VectorTarget } from '../../src/targets/index.ts';
import { seeded } from '../testing/helpers.ts';
import { anyPolicy, anyVectorTarget, distinctUnits, expectTwins, genericTargets } from './helpers.ts';
import { draw, spreads } from './spreads.ts';

const engine = await createEngine();

/** A vector unit that multiplies and adds in one format. */
function unitOf(own: ReturnType<typeof roundTo>, sum = own): VectorTarget {
  const reduction = { kind: 'sequential', accumulator: { kind: 'float', rounding: sum, fused: false } } as const;
  const steps = { load: own, compute: own, accumulate: sum, statistics: own, store: sum };
  return { ...fp16, vectorUnits: { vector: { ...fp16.vectorUnits.vector, ...steps, reduction } } };
}

const known = fc.constantFrom(
  ...[binary16, bfloat16, tf32, e4m3fn, e5m2, binary32],
  defineFloat({ exponentBits: 6, mantissaBits: 9 }),
);
const units = fc.oneof(
  known.map((format) => unitOf(roundTo(format))),
  known.map((format) => unitOf(roundTo(format, { overflow: 'saturate' }))),
  fc.tuple(known, anyPolicy()).map(([format, policy]) => unitOf(roundTo(format, policy))),
  fc.tuple(known, known).map(([format, sum]) => unitOf(roundTo(format), roundTo(sum))),
  fc.constantFrom(...genericTargets),
  anyVectorTarget(),
);

/** The matrix units of every chip that multiply floats. */
const matrixUnits = distinctUnits.filter(
  ({ unit: { scale, a } }) => scale === null && a.every(({ kind }) => kind === 'float'),
);

describe('operands of unlike sizes on the engine', () => {
  it('give the same products on vector units', () => {
    const size = fc.constantFrom(1, 3, 16, 17, 40);
    fc.assert(
      fc.property(
        units,
        size,
        size,
        fc.constantFrom(1, 5, 64, 270),
        spreads,
        spreads,
        fc.option(spreads),
        (target, m, n, k, x, y, z) => {
          const [a, b] = [draw(m, k, x), draw(k, n, y)];
          const c = z === null ? {} : { c: draw(m, n, z) };
          expectTwins((options) => matmul(a, b, { m, k, n, target, unit: 'vector', ...c, ...options }), engine);
        },
      ),
      seeded(400),
    );
  });

  it('give the same products on matrix units', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...matrixUnits),
        spreads,
        spreads,
        fc.option(spreads),
        fc.nat(40),
        ({ target, unit: { name: unit } }, x, y, z, k) => {
          const [m, n] = [3, 18];
          const [a, b] = [draw(m, k, x), draw(k, n, y)];
          const c = z === null ? {} : { c: draw(m, n, z) };
          expectTwins((options) => matmul(a, b, { m, k, n, target, unit, ...c, ...options }), engine);
          const rows = { rows: m, width: k, target, unit };
          expectTwins((options) => dot(a, draw(m, k, y), { ...rows, ...options }), engine);
        },
      ),
      seeded(400),
    );
  });

  it('give the same rows and elements', () => {
    const shapes = fc.tuple(fc.integer({ min: 1, max: 21 }), fc.constantFrom(1, 2, 9, 64, 200));
    fc.assert(
      fc.property(
        units,
        known,
        anyPolicy(),
        shapes,
        spreads,
        spreads,
        (target, format, policy, [rows, width], x, y) => {
          const [a, b] = [draw(rows, width, x), draw(rows, width, y)];
          const own = { rows, width, target };
          expectTwins((options) => sum(a, { ...own, ...options }), engine);
          expectTwins((options) => dot(a, b, { ...own, ...options }), engine);
          expectTwins((options) => rmsNorm(a, { ...own, ...options }), engine);
          expectTwins((options) => layerNorm(a, { ...own, gamma: b.slice(0, width), ...options }), engine);
          expectTwins((options) => softmax(a, { ...own, ...options }), engine);
          expectTwins((options) => add(a, b, { target, ...options }), engine);
          expectTwins((options) => multiply(a, b, { format, policy, ...options }), engine);
          expectTwins((options) => cast(a, { format, policy, ...options }), engine);
        },
      ),
      seeded(100),
    );
  });
});
