import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allReduce,
  bf16Codec,
  blockCodec,
  type Codec,
  createGroupCalibration,
  decodeMessage,
  encodeMessage,
  type FeatureCodec,
  floatCodec,
  fp16Codec,
  hybridCodec,
  integerCodec,
  messageBytes,
  observeGroup,
  parseGroupCalibration,
  randomCodec,
  scaledFloatCodec,
} from '../../src/collectives/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  defineFloat,
  e4m3fn,
  e5m2,
  int8,
  mxfp4,
  nvfp4,
  parseBlock,
} from '../../src/formats/index.ts';
import { dequantizeBlocks, quantizeBlocks } from '../../src/quantization/index.ts';
import { resolvePolicy, round, roundTo } from '../../src/rounding/index.ts';
import { reals } from '../../src/testing/arbitraries/index.ts';
import { nextNumber } from '../../src/testing/index.ts';
import { exact } from '../../src/testing/oracle/index.ts';
import { oracleProject, oracleRound } from '../../src/testing/oracle/round.ts';
import { calibrated, failure, groups, normals } from './helpers.ts';

/** A calibration of one device with given ranges. */
function ranges(list: readonly (readonly [number, number])[]) {
  return parseGroupCalibration({
    schema: 'group-calibration/1',
    devices: 1,
    width: list.length,
    method: 'static',
    gamma: null,
    sequences: 1,
    ranges: [list.map(([min, max]) => ({ min, max }))],
  });
}

const decoded = (codec: Codec, x: Float64Array, width: number, device = 0) =>
  decodeMessage(codec, device, encodeMessage(codec, device, x, width), x.length / width, width);

describe('packed sizes', () => {
  it('are exactly 4.1875 bits a value at E = 5120, k = 80', () => {
    const x = normals(1, 1, 5120);
    const codec = hybridCodec(calibrated(x, 5120), { k: 80 });
    const bytes = encodeMessage(codec, 0, x[0], 5120);
    expect(bytes.length * 8).toBe(21_440);
    expect((bytes.length * 8) / 5120).toBe(4.1875);
    // No byte is idle: a message of all other bits gives all of them.
    expect(messageBytes(codec, 7, 5120)).toBe(7 * bytes.length);
  });

  it('follow from the formats, rows starting at whole bytes', () => {
    const seen = calibrated(normals(1, 1, 5120), 5120);
    const bits = (codec: Codec) => (messageBytes(codec, 64, 5120) * 8) / (64 * 5120);
    expect(bits(bf16Codec)).toBe(16);
    expect(bits(fp16Codec)).toBe(16);
    expect(bits(integerCodec(seen))).toBe(4);
    expect(bits(integerCodec(seen, { bits: 8, symmetric: false }))).toBe(8);
    expect(bits(randomCodec(seen, { k: 80 }))).toBe(4.1875);
    expect(bits(floatCodec(e4m3fn))).toBe(8);
    expect(bits(scaledFloatCodec(seen))).toBe(8);
    expect(bits(blockCodec(mxfp4))).toBe(4.25);
    expect(bits(blockCodec(nvfp4))).toBe(4.5 + 32 / (64 * 5120));
    // Llama 2 13B and Gemma 2 27B: 4608 features, k = 72.
    expect(messageBytes(hybridCodec(calibrated(normals(1, 1, 4608), 4608), { k: 72 }), 1, 4608)).toBe(
      (72 * 16 + 4536 * 4) / 8,
    );
    // An odd number of INT4 codes: half a byte is lost a row.
    expect(messageBytes(integerCodec(calibrated(normals(1, 1, 3), 3)), 5, 3)).toBe(10);
    expect(messageBytes(bf16Codec, 0, 5120)).toBe(0);
    expect(messageBytes(blockCodec(nvfp4), 0, 5120)).toBe(0);
  });
});

describe('codes', () => {
  it('of INT4 are clamp(round(x / s), −8, 7) with s = max/7, from the exact quotient, ties to even', () => {
    const codec = integerCodec(ranges([[-2, 7]]));
    const expected = [
      [0.5, 0],
      [1.5, 2],
      [-2.5, -2],
      [6.9, 7],
      [7.4, 7],
      [7.6, 7],
      [100, 7],
      [-7.5, -8],
      [-8.5, -8],
      [-1e30, -8],
      [Infinity, 7],
      [Number.NaN, 0],
    ] as const;
    for (const [x, q] of expected) expect([x, decoded(codec, Float64Array.of(x), 1)[0]]).toEqual([x, q]);
  });

  it('agree with exact rational arithmetic for any range and number', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
    const bits = fc.integer({ min: 2, max: 8 });
    fc.assert(
      fc.property(bits, fc.boolean(), finite, finite, finite, (bits, symmetric, a, b, free) => {
        const range = [Math.min(a, b), Math.max(a, b)] as const;
        const codec = integerCodec(ranges([range]), { bits, symmetric });
        const { scales, zeroPoints, low, high } = codec.narrow!;
        const [scale, zero] = [scales[0][0], zeroPoints[0][0]];
        expect(round(binary32, scale)).toBe(scale);
        const ideal = symmetric
          ? Math.max(Math.abs(range[0]), Math.abs(range[1])) / (2 ** (bits - 1) - 1)
          : (Math.max(range[1], 0) - Math.min(range[0], 0)) / (2 ** bits - 1);
        expect(Math.abs(scale - Math.max(ideal, 1e-8))).toBeLessThanOrEqual(Math.max(ideal, 1e-8) * 2 ** -23);
        const policy = resolvePolicy(int8, {});
        // Inside the range, on a midpoint, and anywhere.
        // Next to a midpoint, where the quotient in binary64 may be one though the exact one is not.
        const beside = [0.5, 1.5, 2.5, -0.5].flatMap((q) => [1, -1].map((ulps) => nextNumber(q * scale, ulps)));
        for (const x of [a, b, (a + b) / 2, 2.5 * scale, -0.5 * scale, free, ...beside]) {
          const quotient = exact.divide(exact.fromNumber(x), exact.fromNumber(scale));
          const wide = oracleProject({ ...int8, bits: 40, min: -(2 ** 39), max: 2 ** 39 - 1 }, policy, quotient).value;
          const code = Math.min(high, Math.max(low, wide + zero));
          const bytes = encodeMessage(codec, 0, Float64Array.of(x), 1);
          expect(bytes[0]).toBe(code < 0 ? code + 2 ** bits : code);
          expect(decodeMessage(codec, 0, bytes, 1, 1)[0]).toBe((code - zero) * scale);
        }
        // Zero has a code of its own.
        expect(decoded(codec, Float64Array.of(0), 1)[0]).toBe(0);
      }),
    );
  });

  it('of asymmetric INT4 hold a range on one side at a finer step', () => {
    const codec = integerCodec(ranges([[0, 15]]), { symmetric: false });
    expect([...decoded(codec, Float64Array.of(0, 0.4, 7.5, 14.6, 99, -3), 1)]).toEqual([0, 0, 8, 15, 15, 0]);
    const below = integerCodec(ranges([[-30, 0]]), { symmetric: false });
    expect(below.narrow?.zeroPoints[0][0]).toBe(15);
    expect([...decoded(below, Float64Array.of(-30, -29, 1), 1)]).toEqual([-30, -28, 0]);
  });

  it('of floats are those of `round`, bit for bit, for every number', () => {
    for (const [codec, format] of [
      [bf16Codec, bfloat16],
      [floatCodec(e4m3fn), e4m3fn],
      [floatCodec(e5m2), e5m2],
      [floatCodec(binary32), binary32],
    ] as const) {
      const { policy } = codec.wide;
      fc.assert(
        fc.property(reals(format), (x) => {
          expect(decoded(codec, Float64Array.of(x), 1)[0]).toBe(oracleRound(format, policy, x).value);
        }),
      );
    }
  });

  it('of scaled FP8 put the largest range at 448, and saturate beyond', () => {
    const codec = scaledFloatCodec(
      ranges([
        [-1, 2],
        [0, 896],
      ]),
    );
    expect([...codec.narrow!.scales[0]]).toEqual([2, 2]);
    expect([...decoded(codec, Float64Array.of(0.015625, 900, Infinity, -1e9), 2)]).toEqual([0.015625, 896, 896, -896]);
    expect(decoded(codec, Float64Array.of(Number.NaN, 1), 2)[0]).toBeNaN();
  });

  it('of blocks are those of quantizeBlocks, part by part', () => {
    for (const format of [mxfp4, nvfp4]) {
      const [x] = normals(1, 3, 40, 5);
      x[3] = 70;
      const blocks = quantizeBlocks({ data: x, shape: [3, 40] }, format);
      expect([...decoded(blockCodec(format), x, 40)]).toEqual([...dequantizeBlocks(blocks)]);
      const { report } = allReduce([x, x], { width: 40, codec: blockCodec(format), record: 'counts' });
      const clips = blocks.clips.reduce((sum, count) => sum + count, 0);
      expect(report.clipping.map(({ clipped }) => clipped)).toEqual([clips, clips]);
      expect(report.totals.saturation).toBe(2 * clips);
      const underflows = blocks.underflows.reduce((sum, count) => sum + count, 0);
      expect(report.totals.underflow).toBe(2 * underflows);
    }
  });
});

describe('blocks under scales with fraction bits', () => {
  it.each([
    ['block:e2m1fn;size=16;scale=e4m3fn', (2 * 66) / 64],
    ['block:int8;size=32;scale=binary16', 127 * 2 * round(binary16, 1 / 127)],
    ['block:e4m3fn;size=128;scale=binary32', 2],
    ['nvfp4', 2],
  ])('%s: two devices of ones give 2, as near as the scale goes', (text, sum) => {
    const ones = new Float64Array(40).fill(1);
    const { output, report } = allReduce([ones, ones], { width: 40, codec: blockCodec(parseBlock(text)) });
    expect([...output]).toEqual([...ones].map(() => Math.fround(sum)));
    expect(Math.abs(sum - 2)).toBeLessThan(0.07);
    expect(report.ok).toBe(true);
  });

  it('arrive as they were sent, scales of 32 bits too', () => {
    for (const text of ['block:e4m3fn;size=16;scale=binary32', 'block:int8;size=16;scale=binary16']) {
      const [x] = normals(1, 3, 40, 5);
      const blocks = quantizeBlocks({ data: x, shape: [3, 40] }, parseBlock(text));
      expect([...decoded(blockCodec(parseBlock(text)), x, 40)]).toEqual([...dequantizeBlocks(blocks)]);
    }
  });
});

describe('scales of blocks out of range', () => {
  const width = 16;
  const ten = new Array<number>(15).fill(10);
  const zeros = new Float64Array(width);

  it('are events at the largest number of their block', () => {
    const codec = blockCodec(parseBlock('block:e2m1fn;size=16;scale=e4m3fn'));
    const x = Float64Array.of(...ten, -3000);
    const { report } = allReduce([zeros, x], { width, codec });
    expect(report.ok).toBe(false);
    expect([report.totals.scaleOverflow, report.totals.scaleUnderflow]).toEqual([1, 0]);
    expect(report.first.scaleOverflow).toMatchObject({
      stage: 'gather.encode',
      device: 1,
      row: 0,
      feature: 15,
      operation: 'divide',
      operands: [3000, 6],
      exact: '500',
      result: 448,
    });
  });

  it('that become 0 zero their block', () => {
    const x = Float64Array.of(2688, ...new Array<number>(15).fill(0), ...new Array<number>(16).fill(0.0001));
    const { report } = allReduce([x, x], { width: 32, codec: blockCodec(nvfp4) });
    const { scaleUnderflow, scaleOverflow, underflow, saturation } = report.totals;
    expect([scaleUnderflow, scaleOverflow, underflow, saturation, report.ok]).toEqual([2, 0, 32, 0, false]);
    expect(report.first.scaleUnderflow).toMatchObject({ device: 0, feature: 16, operands: [0.0001, 6], result: 0 });
  });
});

describe('hybrid codecs', () => {
  it('keep k features as BF16 and round the others by their own device and feature', () => {
    fc.assert(
      fc.property(groups(fc.double({ min: -100, max: 100, noNaN: true })), fc.nat(), ({ partials, width }, n) => {
        const k = n % (width + 1);
        const seen = calibrated(partials, width);
        const codec = hybridCodec(seen, { k });
        const kept = codec.kept === 'all' ? partials[0].map((_, j) => j) : codec.kept;
        expect(kept.length >= k).toBe(true);
        const all = integerCodec(seen);
        partials.forEach((data, device) => {
          const mixed = decoded(codec, data, width, device);
          const narrow = decoded(all, data, width, device);
          const wide = decoded(bf16Codec, data, width, device);
          mixed.forEach((value, i) => {
            expect(value).toBe(kept.includes(i % width) ? wide[i] : narrow[i]);
          });
        });
      }),
    );
  });

  it('are all-INT4 at k = 0 and BF16 at k = E', () => {
    const partials = normals(3, 4, 9);
    const seen = calibrated(partials, 9);
    const none = hybridCodec(seen, { k: 0 });
    expect(none.kept).toEqual([]);
    const all = hybridCodec(seen, { k: 9 });
    expect([all.kept, all.narrow]).toEqual(['all', null]);
    for (const [device, data] of partials.entries()) {
      expect(encodeMessage(none, device, data, 9)).toEqual(encodeMessage(integerCodec(seen), device, data, 9));
      expect(encodeMessage(all, device, data, 9)).toEqual(encodeMessage(bf16Codec, device, data, 9));
    }
    expect(failure(() => hybridCodec(seen, { k: 10 }))).toBe('range options.k');
  });

  it('take another wide format and width of codes', () => {
    const seen = calibrated(normals(1, 1, 16), 16);
    const codec = hybridCodec(seen, { k: 2, bits: 8, wide: e5m2, symmetric: false });
    expect(messageBytes(codec, 1, 16)).toBe(16);
    expect(codec.name).toBe('hybrid asymmetric');
  });
});

describe('features that do not vary', () => {
  it('come back as they were, within a step', () => {
    for (const symmetric of [true, false]) {
      for (const constant of [3, -0.7, 1e4]) {
        const x = new Float64Array(6).fill(constant);
        const codec = integerCodec(calibrated([x], 1), { symmetric });
        for (const value of decoded(codec, x, 1)) {
          expect(Math.abs(value - constant)).toBeLessThanOrEqual(Math.abs(constant) * 2 ** -23);
        }
      }
    }
  });

  it('seen as zero saturate when they are not, and are never NaN', () => {
    for (const symmetric of [true, false]) {
      const seen = observeGroup(createGroupCalibration({ devices: 2, width: 2 }), [
        Float64Array.of(0, 1),
        Float64Array.of(0, -1),
      ]);
      const codec = integerCodec(seen, { symmetric });
      expect(codec.narrow?.scales[0][0]).toBe(Math.fround(1e-8));
      const partials = [Float64Array.of(5, 1), Float64Array.of(0, -1)];
      const { output, report } = allReduce(partials, { width: 2, codec });
      expect(Number.isFinite(output[0])).toBe(true);
      expect(output[0]).toBe(Math.fround((symmetric ? 7 : 15) * Math.fround(1e-8)));
      expect(report.first.saturation).toMatchObject({
        stage: 'gather.encode',
        device: 0,
        row: 0,
        feature: 0,
        operation: 'divide',
        operands: [5, Math.fround(1e-8)],
      });
      expect(report.totals.saturation).toBe(1);
      expect(report.ok).toBe(false);
    }
  });
});

describe('refusals', () => {
  const seen = calibrated(normals(2, 1, 3), 3);

  it('name what does not fit', () => {
    const x = new Float64Array(3);
    expect(failure(() => encodeMessage(integerCodec(seen), 2, x, 3))).toBe('range device');
    expect(failure(() => encodeMessage(integerCodec(seen), 0, x, 1))).toBe('shape codec');
    expect(
      failure(() =>
        encodeMessage({ ...(hybridCodec(seen, { k: 1 }) as FeatureCodec), narrow: null, kept: [5] }, 0, x, 3),
      ),
    ).toBe('shape codec');
    expect(failure(() => encodeMessage(bf16Codec, 0, x, 2))).toBe('shape data');
    expect(failure(() => decodeMessage(bf16Codec, 0, new Uint8Array(5), 1, 3))).toBe('shape bytes');
    expect(failure(() => encodeMessage({} as Codec, 0, x, 3))).toBe('type codec');
    expect(failure(() => blockCodec(bfloat16 as never))).toBe('type format');
    expect(failure(() => floatCodec(int8 as never))).toBe('unsupported format');
    expect(failure(() => floatCodec(defineFloat({ exponentBits: 8, mantissaBits: 24 })))).toBe('unsupported format');
    expect(failure(() => floatCodec(bfloat16, { policy: { rounding: 'stochastic' } }))).toBe(
      'unsupported options.policy',
    );
    expect(failure(() => integerCodec(seen, { bits: 9 }))).toBe('range options.bits');
    expect(failure(() => integerCodec(seen, { scaleFloor: 0 }))).toBe('range options.scaleFloor');
    expect(failure(() => integerCodec(createGroupCalibration({ devices: 2, width: 3 })))).toBe('shape calibration');
    expect(failure(() => integerCodec(ranges([[0, 1e300]])))).toBe('range calibration');
    expect(failure(() => hybridCodec(seen, { k: 1, seed: 3 } as never))).toBe('name options.seed');
    expect(roundTo(bfloat16)).toEqual(bf16Codec.wide);
  });
});
