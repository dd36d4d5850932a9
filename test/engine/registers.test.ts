import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/index.ts';
import { defineInteger, int8 } from '../../src/formats/index.ts';
import { matmul } from '../../src/kernels/index.ts';
import { armInt8, type Target } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { seeded } from '../testing/helpers.ts';
import { expectTwins } from './helpers.ts';

const engine = await createEngine();
const int16 = defineInteger({ bits: 16, signed: true });

type When = 'everyStep' | 'atEnd' | { every: number };

function unitOf(format: typeof int8, bits: number, overflow: 'saturate' | 'wrap', when: When, size = 0): Target {
  const within = { kind: 'sequential', accumulator: { kind: 'integer', bits, overflow, when } };
  const reduction = size === 0 ? within : { kind: 'tiled', size, within, across: 'chain' };
  const { sdot } = armInt8.matrixUnits;
  const u = { ...sdot!, name: 'u', a: [format], b: [format], mixes: 'same', reduction };
  return { ...armInt8, matrixUnits: { u } } as never;
}

/** Whole numbers up to a magnitude, of one sign in most of a row, so that sums run to the register's ends and back. */
function draws(random: () => number, n: number, k: number, most: number): Float64Array {
  return Float64Array.from({ length: n * k }, (_, i) => {
    const isBack = (i % k) * 3 > k * 2;
    const sign = random() < (isBack ? 0.9 : 0.1) ? -1 : 1;
    return sign * Math.floor(random() * (most + 1));
  });
}

describe('integer products on the engine', () => {
  it('agree with the specification in registers of any width, at any step, near their ends', () => {
    const when = fc.oneof(
      fc.constantFrom<When>('everyStep', 'everyStep', 'atEnd'),
      fc.integer({ min: 1, max: 70 }).map((every): When => ({ every })),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 32 }),
        fc.constantFrom('saturate' as const, 'wrap' as const),
        when,
        fc.constantFrom(0, 0, 16, 130),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 127 }),
        fc.nat(),
        fc.boolean(),
        (bits, overflow, at, size, k, n, most, seed, hasAddend) => {
          const random = generator(seed);
          const target = unitOf(int8, bits, overflow, at, size);
          const [a, b] = [draws(random, 2, k, most), draws(random, n, k, 127).map(Math.abs)];
          const c = Float64Array.from({ length: 2 * n }, () => Math.floor((random() - 0.5) * 2 ** bits));
          const addend = hasAddend ? { c } : {};
          expectTwins((options) => matmul(a, b, { m: 2, k, n, target, unit: 'u', ...addend, ...options }), engine);
        },
      ),
      seeded(400),
    );
  });

  it('stop one short of a register of 24 bits, reach it and pass it', () => {
    // 512 products of 2^14 are 2^23, one more than the register holds; c moves the end by one each time.
    for (const k of [511, 512, 513]) {
      for (const sign of [1, -1]) {
        const a = new Float32Array(k).fill(-128);
        const b = new Float32Array(k * 17).fill(-128 * sign).map((x) => Math.min(x, 127));
        for (const start of [-2, -1, 0, 1, 2, 8191, 8192, 8193, 16383, 16384, 16385]) {
          const c = new Float64Array(17).fill(start * sign);
          for (const overflow of ['saturate', 'wrap'] as const) {
            const target = unitOf(int8, 24, overflow, 'everyStep');
            expectTwins((options) => matmul(a, b, { m: 1, k, n: 17, target, unit: 'u', c, ...options }), engine);
          }
        }
      }
    }
  });

  it('agree on operands of 16 bits and the largest of them', () => {
    const random = generator(3);
    for (const bits of [20, 28, 30]) {
      const a = Float64Array.from({ length: 3 * 131 }, () => (random() < 0.5 ? -32768 : Math.floor(random() * 32768)));
      const b = Float64Array.from({ length: 131 * 18 }, () => (random() < 0.7 ? -32768 : Math.floor(random() * 9)));
      const target = unitOf(int16 as never, bits, 'saturate', 'everyStep');
      expectTwins((options) => matmul(a, b, { m: 3, k: 131, n: 18, target, unit: 'u', ...options }), engine);
      expect(matmul(a, b, { m: 3, k: 131, n: 18, target, unit: 'u', engine }).report.totals.saturation).toBeGreaterThan(
        0,
      );
    }
  });
});
