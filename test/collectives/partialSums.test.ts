import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allReduce, floatCodec, partialSums } from '../../src/collectives/index.ts';
import { binary32 } from '../../src/formats/index.ts';
import { fp16, fp32, h100 } from '../../src/targets/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import type { Rational } from '../../src/testing/oracle/rational.ts';
import { oracleExactSum } from '../../src/testing/oracle/reduce.ts';
import { failure } from './helpers.ts';

/** A layer: rows, inputs (often none of the devices' multiples), outputs, devices, and its numbers. */
function layers(numbers: fc.Arbitrary<number>) {
  return fc
    .record({
      rows: fc.integer({ min: 1, max: 3 }),
      inputs: fc.integer({ min: 1, max: 20 }),
      outputs: fc.integer({ min: 1, max: 4 }),
      devices: fc.integer({ min: 2, max: 9 }),
    })
    .chain((shape) => {
      const list = (length: number) => fc.array(numbers, { minLength: length, maxLength: length });
      return fc.tuple(
        fc.constant(shape),
        list(shape.rows * shape.inputs).map((values) => Float64Array.from(values)),
        list(shape.outputs * shape.inputs).map((values) => Float64Array.from(values)),
      );
    });
}

/** The unsplit layer, exactly. */
function unsplit(x: Float64Array, w: Float64Array, rows: number, inputs: number, outputs: number) {
  return Array.from({ length: rows * outputs }, (_, i) => {
    const [r, o] = [Math.floor(i / outputs), i % outputs];
    const a = x.subarray(r * inputs, (r + 1) * inputs);
    const b = w.subarray(o * inputs, (o + 1) * inputs);
    return {
      sum: oracleExactSum(a, b) as Rational,
      magnitudes: oracleExactSum(a.map(Math.abs), b.map(Math.abs)) as Rational,
    };
  });
}

const lossless = floatCodec(binary32);

describe('partialSums', () => {
  it('adds up to the unsplit layer exactly on integers, on any target and any number of devices', () => {
    const integers = layers(fc.integer({ min: -30, max: 30 }));
    fc.assert(
      fc.property(integers, fc.constantFrom(undefined, fp32), ([shape, x, w], target) => {
        const { rows, inputs, outputs, devices } = shape;
        const weight = { data: w, shape: [outputs, inputs] };
        const { partials } = partialSums(x, weight, { devices, ...(target === undefined ? {} : { target }) });
        const { output, report } = allReduce(partials, { width: outputs, codec: lossless });
        const whole = unsplit(x, w, rows, inputs, outputs).map(({ sum }) => exact.toNumber(sum) + 0);
        expect([...output]).toEqual(whole);
        expect(report.totals.inexact).toBe(0);
      }),
    );
  });

  it('stays within γ_n of the unsplit layer otherwise', () => {
    const numbers = fc.double({ min: -8, max: 8, noNaN: true }).map((x) => Math.fround(x));
    fc.assert(
      fc.property(layers(numbers.map((x) => (Math.abs(x) < 2 ** -40 ? 0 : x))), ([shape, x, w]) => {
        const { rows, inputs, outputs, devices } = shape;
        const { partials } = partialSums(x, { data: w, shape: [outputs, inputs] }, { devices, target: fp32 });
        const { output } = allReduce(partials, { width: outputs, codec: lossless });
        // A product, at most ⌈K/N⌉ additions within a device, N across (Higham 2002, §3.1); u = 2^−24.
        const n = 1 + Math.ceil(inputs / devices) + devices;
        const gamma = (n * 2 ** -24) / (1 - n * 2 ** -24);
        unsplit(x, w, rows, inputs, outputs).forEach(({ sum, magnitudes }, i) => {
          const error = exact.absolute(exact.add(exact.fromNumber(output[i]), exact.negate(sum)));
          const bound = exact.multiply(exact.fromNumber(gamma), magnitudes);
          expect(exact.compare(error, bound)).toBeLessThanOrEqual(0);
        });
      }),
    );
  });

  it('uses the arithmetic asked for: FP16 partial sums overflow where binary32 ones do not', () => {
    const x = new Float64Array(8).fill(256);
    const weight = { data: new Float64Array(8).fill(128), shape: [1, 8] };
    const half = partialSums(x, weight, { devices: 2, target: fp16 });
    expect(half.partials.map(([y]) => y)).toEqual([Infinity, Infinity]);
    expect(half.reports[1].first.overflow?.row).toBe(0);
    // On eight devices each sum is one product, and fits.
    expect(partialSums(x, weight, { devices: 8, target: fp16 }).partials.map(([y]) => y)).toEqual(
      new Array(8).fill(32768),
    );
    expect(partialSums(x, weight, { devices: 2, target: fp32 }).reports.every(({ ok }) => ok)).toBe(true);
  });

  it('takes a matrix unit by name', () => {
    const x = Float64Array.of(1, 2, 3, 4);
    const weight = { data: Float64Array.of(1, 1, 1, 1), shape: [1, 4] };
    const { partials, reports } = partialSums(x, weight, { devices: 2, target: h100, unit: 'f16' });
    expect(partials.map(([y]) => y)).toEqual([3, 7]);
    expect(reports[0].configuration.unit).toBe('f16');
  });

  it('gives zeros on devices without inputs', () => {
    const weight = { data: Float64Array.of(2), shape: [1, 1] };
    const { partials, shares } = partialSums(Float64Array.of(3), weight, { devices: 3 });
    expect(partials.map(([y]) => y)).toEqual([6, 0, 0]);
    expect(shares).toEqual([
      [0, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(partialSums(Float64Array.of(3), weight, { devices: 3, target: fp32 }).partials.map(([y]) => y)).toEqual([
      6, 0, 0,
    ]);
  });

  it('refuses operands that do not fit', () => {
    const weight = { data: new Float64Array(6), shape: [2, 3] };
    expect(failure(() => partialSums(new Float64Array(4), weight, { devices: 2 }))).toBe('shape x');
    expect(failure(() => partialSums(new Float64Array(3), { ...weight, shape: [6] }, { devices: 2 }))).toBe(
      'shape weight',
    );
    expect(failure(() => partialSums(new Float64Array(3), weight, { devices: 65 }))).toBe('range options.devices');
    expect(failure(() => partialSums(new Float64Array(3), weight, { devices: 2, units: 'f16' } as never))).toBe(
      'name options.units',
    );
  });
});
