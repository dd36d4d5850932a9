import { describe, expect, it } from 'vitest';
import { defaultEngine, type Engine } from '../../../src/engine/engine.ts';
import { matmul, matmulKernel } from '../../../src/kernels/matmul.ts';
import {
  floatQuantizer,
  integerQuantizer,
  quantizeFloat,
  quantizeInteger,
  quantizeShifted,
  shiftedGridValues,
  shiftedQuantizer,
  shiftWeights,
} from '../../../src/quantization/index.ts';
import { quantizedMatmul } from '../../../src/studies/index.ts';
import {
  a100,
  amx,
  b200,
  bf16,
  e4m3fnFp16,
  fp16,
  fp32,
  h100,
  integerMac,
  mi300,
  tpu,
  v100,
} from '../../../src/targets/index.ts';
import { failure, filled, naiveProduct } from '../../quantization/helpers.ts';
import { generator, normal } from '../../random.ts';

const next = generator(21);
const spread = Array.from({ length: 40 }, () => 2 ** (9 * next() - 6));
const x = filled(6, 40, (_, j) => normal(next) * spread[j]);
const w = filled(5, 40, () => normal(next));
const weight = floatQuantizer(w, { grid: 'e2m1', granularity: 'channel' });

function transpose(b: Float64Array, rows: number): Float64Array {
  const columns = b.length / rows;
  return Float64Array.from(b, (_, i) => b[(i % rows) * columns + Math.floor(i / rows)]);
}

describe('Eq. 19 on targets', () => {
  it.each([
    ['fp16', { target: fp16 }],
    ['fp32', { target: fp32 }],
    ['bf16', { target: bf16 }],
    ['e4m3fnFp16', { target: e4m3fnFp16 }],
    ['a100 fp16', { target: a100, unit: 'fp16Fp32' }],
    ['h100 fp8', { target: h100, unit: 'fp8Wgmma' }],
  ])('%s: per-channel activations · W = X̃ · (β ⊙ W̃), bit for bit, events too', (_, where) => {
    const names = Object.keys(where.target.matrixUnits);
    const unit =
      'unit' in where && !names.includes(where.unit as string) ? names[0] : (where as { unit?: string }).unit;
    const options = { target: where.target, ...(unit === undefined ? {} : { unit }), m: 6, n: 5, k: 40 };
    for (const reading of ['difference', 'rounded'] as const) {
      const quantizer = shiftedQuantizer(x, { grid: 'e2m1', reading });
      expect(new Set(quantizer.shifts).size).toBeGreaterThan(1);
      const values = { data: quantizeFloat({ ...weight, scales: weight.scales.map(() => 1) }, w), shape: w.shape };
      const tilde = shiftedGridValues(quantizer, x);
      const perChannel = tilde.map((value, i) => value * 2 ** -quantizer.shifts[i % 40]);
      const left = matmul(perChannel, transpose(values.data, 5), options);
      const right = matmul(tilde, transpose(shiftWeights(quantizer, values), 5), options);
      expect(right.output).toEqual(left.output);
      expect(right.report.totals.overflow).toBe(left.report.totals.overflow);
      expect(right.report.counts.load?.underflow ?? 0).toBe(0);
      expect(right.report.counts.accumulate).toEqual(left.report.counts.accumulate);
    }
  });
});

describe('quantizedMatmul on the engine', () => {
  const int8 = { activation: integerQuantizer(x, { bits: 8 }), weight: integerQuantizer(w, { bits: 8 }) };
  const e2m1 = { activation: floatQuantizer(x, { grid: 'e2m1' }), weight };
  const shifted = { activation: shiftedQuantizer(x, { grid: 'e2m1' }), weight };
  it.each([
    ['fp16', e2m1, { target: fp16 }],
    ['fp16, pre-shifted', shifted, { target: fp16 }],
    ['fp32', e2m1, { target: fp32 }],
    ['bf16', e2m1, { target: bf16 }],
    ['e4m3fnFp16', e2m1, { target: e4m3fnFp16 }],
    ['v100 fp16', e2m1, { target: v100, unit: 'f16' }],
    ['a100 fp16', shifted, { target: a100, unit: 'f16' }],
    ['a100 bf16', e2m1, { target: a100, unit: 'bf16' }],
    ['h100 fp8', shifted, { target: h100, unit: 'fp8Wgmma' }],
    ['b200 fp8', e2m1, { target: b200, unit: 'fp8' }],
    ['b200 fp6', e2m1, { target: b200, unit: 'fp6' }],
    ['tpu bf16', e2m1, { target: tpu, unit: 'bf16' }],
    ['24-bit integers', int8, { target: integerMac, unit: 'acc24Wrap' }],
  ] as const)('%s: has a twin, which runs and gives what the specification gives', (_, quantizers, where) => {
    const engine = defaultEngine() as Engine;
    let calls = 0;
    const call = new Proxy(engine.core.call, {
      get: (functions, name) => {
        calls++;
        return Reflect.get(functions, name);
      },
    });
    const counted = { ...engine, core: { ...engine.core, call } };
    expect(matmulKernel.compile?.(matmulKernel.plan({ ...where, m: 6, n: 5, k: 40 }), counted)).toEqual(
      expect.anything(),
    );
    calls = 0;
    const found = quantizedMatmul(x, w, { ...quantizers, ...where, engine: counted });
    expect(calls).toBeGreaterThan(0);
    expect(found).toEqual(quantizedMatmul(x, w, { ...quantizers, ...where, engine: null }));
  });
});

describe('quantizedMatmul', () => {
  it('is the fake-quantized product where the accumulator is wide enough', () => {
    const activation = floatQuantizer(x, { grid: 'e2m1' });
    const shifted = shiftedQuantizer(x, { grid: 'e2m1' });
    const integer = integerQuantizer(x, { bits: 8 });
    const fake = quantizeFloat(weight, w);
    const close = (found: Float64Array, wanted: Float64Array) => {
      found.forEach((y, i) => {
        expect(Math.abs(y - wanted[i])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted[i])));
      });
    };
    close(
      quantizedMatmul(x, w, { activation, weight, target: fp32 }).output,
      naiveProduct(quantizeFloat(activation, x), fake, 40),
    );
    close(
      quantizedMatmul(x, w, { activation: shifted, weight, target: fp32 }).output,
      naiveProduct(quantizeShifted(shifted, x), fake, 40),
    );
    const whole = integerQuantizer(w, { bits: 8, granularity: 'channel' });
    close(
      quantizedMatmul(x, w, { activation: integer, weight: whole, target: fp32 }).output,
      naiveProduct(quantizeInteger(integer, x), quantizeInteger(whole, w), 40),
    );
    const { sums, report } = quantizedMatmul(x, w, { activation: integer, weight: whole, target: amx, unit: 'int8' });
    expect(sums.every(Number.isInteger)).toBe(true);
    expect(report.ok).toBe(true);
  });

  it('shows what a narrow accumulator does', () => {
    const wide = filled(1, 2048, () => 12);
    const ones = filled(1, 2048, () => 12);
    const quantizer = floatQuantizer(wide, { grid: 'e2m1' });
    const plain = quantizedMatmul(wide, ones, { activation: quantizer, weight: quantizer, target: fp16 });
    expect(plain.report.totals.overflow).toBeGreaterThan(0);
    expect(plain.output[0]).toBe(Infinity);
    // A few powers of two less and nothing overflows; but the sum, once large, rounds its addends.
    const shifted = quantizedMatmul(wide, ones, {
      activation: quantizer,
      weight: quantizer,
      target: fp16,
      activationShift: 2,
      weightShift: 1,
    });
    expect(shifted.report.ok).toBe(true);
    expect(shifted.output[0]).toBe(269568);
    expect(shifted.report.counts.accumulate?.inexact).toBeGreaterThan(0);
  });

  it('runs on matrix units of every maker', () => {
    const activation = floatQuantizer(x, { grid: 'e2m1' });
    const exact = naiveProduct(quantizeFloat(activation, x), quantizeFloat(weight, w), 40);
    for (const target of [a100, h100, mi300]) {
      const unit = Object.values(target.matrixUnits).find(({ a }) =>
        a.some((format) => format.kind === 'float' && format.max >= 448 && format.bits >= 8),
      );
      const { output } = quantizedMatmul(x, w, { activation, weight, target, unit: unit?.name as string });
      output.forEach((y, i) => {
        expect(Math.abs(y - exact[i])).toBeLessThan(0.05 * Math.max(1, Math.abs(exact[i])));
      });
    }
  });

  it('refuses what has no meaning here', () => {
    const activation = integerQuantizer(x, { bits: 8, symmetric: false });
    const grouped = integerQuantizer(w, { bits: 8, granularity: 'group', groupSize: 8 });
    const plain = floatQuantizer(x, { grid: 'e2m1' });
    expect(failure(() => quantizedMatmul(x, w, { activation, weight, target: fp16 }))).toBe(
      'unsupported options.activation',
    );
    expect(failure(() => quantizedMatmul(x, w, { activation: plain, weight: grouped, target: fp16 }))).toBe(
      'unsupported options.weight',
    );
    const narrow = filled(5, 4, () => 1);
    expect(failure(() => quantizedMatmul(x, narrow, { activation: plain, weight, target: fp16 }))).toBe('shape w');
    expect(failure(() => quantizedMatmul(x, w, { activation: plain, weight, target: fp16, weightShift: 0.5 }))).toBe(
      'range options.weightShift',
    );
  });
});
