import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Reduction } from '../../src/accumulators/index.ts';
import { createEngine } from '../../src/engine/index.ts';
import { type IntegerFormat, int4, int8, uint8 } from '../../src/formats/index.ts';
import { matmul } from '../../src/kernels/index.ts';
import { armInt8, type Target } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { seeded } from '../testing/helpers.ts';
import { expectTwins } from './helpers.ts';

const engine = await createEngine();

/** A chip of one unit that multiplies integers and adds them up in a register. */
function unitOf(a: IntegerFormat, b: IntegerFormat, reduction: Reduction): Target {
  const unit = { ...armInt8.matrixUnits.sdot!, name: 'unit', a: [a], b: [b], mixes: 'any' as const, reduction };
  return { ...armInt8, matrixUnits: { unit }, defaults: { matrix: 'unit' } };
}

const register = fc.record({
  kind: fc.constant('integer' as const),
  bits: fc.integer({ min: 8, max: 32 }),
  overflow: fc.constantFrom('saturate' as const, 'wrap' as const),
  when: fc.oneof(
    fc.constantFrom('everyStep' as const, 'atEnd' as const),
    fc.record({ every: fc.integer({ min: 1, max: 9 }) }),
  ),
});
const chain = register.map((accumulator) => ({ kind: 'sequential' as const, accumulator }));
const tiles = fc.record({
  kind: fc.constant('tiled' as const),
  size: fc.integer({ min: 1, max: 9 }),
  within: chain,
  across: fc.constant('chain' as const),
});

describe('matmul in integer registers', () => {
  it('agrees with the specification for random registers, shapes and operands', () => {
    const formats = fc.constantFrom(int4, int8, uint8);
    const shapes = fc.record({ m: fc.nat(3), k: fc.nat(40), n: fc.nat(35) });
    fc.assert(
      fc.property(fc.oneof(chain, tiles), formats, formats, shapes, fc.integer(), (reduction, a, b, shape, seed) => {
        const random = generator(seed);
        const draw = (n: number, { min, max }: IntegerFormat): Float32Array =>
          Float32Array.from({ length: n }, () => Math.floor(min + random() * (max - min + 1)));
        const { m, k, n } = shape;
        const [x, y] = [draw(m * k, a), draw(k * n, b)];
        const c = draw(m * n, int4);
        const target = unitOf(a, b, reduction as Reduction);
        expectTwins((options) => matmul(x, y, { ...shape, target, ...options }), engine);
        expectTwins((options) => matmul(x, y, { ...shape, target, c, ...options }), engine);
      }),
      seeded(400),
    );
  });

  it('agrees where the second operand is taken in parts', () => {
    const random = generator(3);
    const [m, k, n] = [1, 20_000, 230];
    const draw = (size: number): Float32Array =>
      Float32Array.from({ length: size }, () => Math.floor(random() * 256) - 128);
    const [x, y] = [draw(m * k), draw(k * n)];
    const accumulator = { kind: 'integer', bits: 20, overflow: 'wrap' } as const;
    const target = unitOf(int8, int8, { kind: 'sequential', accumulator });
    expectTwins((options) => matmul(x, y, { m, k, n, target, ...options }), engine);
  });
});
