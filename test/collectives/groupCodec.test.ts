import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allReduce,
  decodeMessage,
  encodeMessage,
  type GroupCodec,
  groupCodec,
  messageBytes,
  parseGroup,
} from '../../src/collectives/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  e4m3fn,
  e5m2,
  e8m0fnu,
  type FloatFormat,
  formatName,
  int8,
} from '../../src/formats/index.ts';
import { nextNumber } from '../../src/testing/index.ts';
import { checkGroups, received } from './checkGroups.ts';
import { failure, normals } from './helpers.ts';

const formats = [binary16, bfloat16, binary32, e4m3fn, e5m2];
const format = fc.constantFrom(...formats);

/** Codecs with every option. */
const codecs: fc.Arbitrary<GroupCodec> = fc
  .record({
    bits: fc.integer({ min: 2, max: 8 }),
    size: fc.integer({ min: 1, max: 9 }),
    symmetric: fc.boolean(),
    scale: format,
    minimum: fc.option(format, { nil: undefined }),
    spikes: fc.option(format, { nil: undefined }),
    wider: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ bits, size, symmetric, scale, minimum, spikes, wider }) =>
    groupCodec({
      bits,
      size,
      symmetric,
      scale,
      ...(minimum === undefined || symmetric ? {} : { minimum }),
      ...(spikes === undefined ? {} : { spikes, indexBits: wider + Math.max(1, Math.ceil(Math.log2(size))) }),
    }),
  );

/** Numbers of one size, of any size, and none. */
const numbers = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: -8, max: 8, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 1e6, -1e6, 1e-30, 5e-324) },
);

describe('group codecs', () => {
  it('agree with exact rational arithmetic: bytes, values, events, for any group', () => {
    fc.assert(
      fc.property(codecs, fc.array(numbers, { minLength: 1, maxLength: 20 }), (codec, x) => {
        checkGroups(codec, x);
      }),
      { numRuns: 400 },
    );
  });

  it('round the exact quotient beside midpoints, where that in binary64 is one', () => {
    const codec = groupCodec({ bits: 4, size: 4, minimum: bfloat16 });
    const finite = fc.double({ min: -100, max: 100, noNaN: true });
    fc.assert(
      fc.property(finite, finite, fc.integer({ min: 0, max: 14 }), (a, b, k) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const { scale, minimum } = checkGroups(codec, [low, high])[0];
        if (scale === 0) return;
        const middle = minimum + (k + 0.5) * scale;
        if (middle < low || middle > high) return;
        for (const ulps of [-1, 0, 1]) checkGroups(codec, [low, high, nextNumber(middle, ulps)]);
      }),
      { numRuns: 100 },
    );
  });

  it('cut rows into groups of their own, the last one shorter, and start anew in every part', () => {
    const codec = groupCodec({ bits: 5, size: 8 });
    const [x] = normals(1, 3, 20);
    const groups = checkGroups(codec, Array.from(x), 20);
    expect(groups.map(({ codes }) => codes.length)).toEqual([8, 8, 4, 8, 8, 4, 8, 8, 4]);
    const { output } = allReduce([x, new Float64Array(60)], {
      width: 20,
      codec,
      algorithm: 'twoStep',
      split: 'features',
    });
    const half = checkGroups(codec, Array.from(x.subarray(0, 10)));
    const first = half.flatMap(({ values }) => values);
    expect([...output.subarray(0, 10)]).toEqual(
      checkGroups(codec, first.map(Math.fround)).flatMap(({ values }) => [...values]),
    );
  });
});

describe('what a group is where scales are of no use', () => {
  const one = (codec: GroupCodec, ...x: number[]) => {
    checkGroups(codec, x);
    const { report } = allReduce([Float64Array.from(x), new Float64Array(x.length)], { width: x.length, codec });
    return { values: received(codec, x), ...report };
  };
  const plain = groupCodec({ size: 4 });
  const spiked = groupCodec({ size: 4, spikes: binary16 });

  it('all-equal numbers arrive as the minimum is rounded, or nearer', () => {
    expect(one(plain, 3, 3, 3).values).toEqual([3, 3, 3]);
    expect(one(plain, 3, 3, 3).totals.inexact).toBe(0);
    // 0.1 rounds down in binary16: what is missing is fifteen steps of the scale.
    expect(one(plain, 0.1, 0.1).values.every((x) => Math.abs(x - 0.1) < 1e-6)).toBe(true);
    // 0.7 rounds up: there is no range above it.
    const { values, totals } = one(plain, 0.7, 0.7);
    expect(values).toEqual([0.7001953125, 0.7001953125]);
    expect([totals.inexact, totals.saturation, totals.scaleUnderflow]).toEqual([2, 0, 0]);
    expect(one(spiked, 3, 3, 3).values).toEqual([3, 3, 3]);
    expect(one(groupCodec({ size: 4, symmetric: true }), 0, 0).values).toEqual([0, 0]);
  });

  it('a range that vanishes in the scale’s format leaves the minimum, and is told', () => {
    const { values, totals, first, ok } = one(plain, 1, 1 + 1e-7, 1);
    expect(values).toEqual([1, 1, 1]);
    expect([totals.scaleUnderflow, totals.underflow, totals.inexact, ok]).toEqual([1, 1, 1, false]);
    expect(first.scaleUnderflow).toMatchObject({
      stage: 'gather.encode',
      device: 0,
      feature: 1,
      operation: 'quantize',
      operands: [1 + 1e-7, 1, 15],
      result: 0,
    });
  });

  it('a range beyond the scale’s format saturates, and so does a minimum', () => {
    const { values, totals, first } = one(plain, 0, 2e6, 5);
    expect(values).toEqual([0, 15 * 65504, 0]);
    expect([totals.scaleOverflow, totals.saturation]).toEqual([1, 1]);
    expect(first.scaleOverflow).toMatchObject({ feature: 1, operands: [2e6, 0, 15], result: 65504 });
    expect(first.saturation).toMatchObject({ operation: 'quantize', operands: [2e6, 0, 65504], result: 15 });
    expect(first.scaleOverflow?.exact?.slice(0, 9)).toBe('133333.33');
    const below = one(plain, -1e5, 0);
    expect(below.values[0]).toBe(-65504);
    expect(below.first.overflow).toMatchObject({ feature: 0, operation: 'round', operands: [-1e5], result: -65504 });
    expect(one(groupCodec({ size: 4, scale: binary32 }), 0, 2e6, 5).ok).toBe(true);
  });

  it('NaN is sent as 0 is, infinities as the outermost codes, and both are told', () => {
    const { values, totals, first, nonFinite } = one(plain, -1, Number.NaN, 2, Infinity, -Infinity, -1, 2, Number.NaN);
    const [, nan, , infinity, negative] = values;
    expect(nan).toBeCloseTo(0, 3);
    expect(infinity).toBeCloseTo(2, 2);
    expect(negative).toBe(-1);
    expect([totals.invalid, totals.saturation, totals.overflow]).toEqual([2, 2, 0]);
    expect(first.invalid).toMatchObject({ feature: 1, operation: 'quantize' });
    expect(nonFinite).toEqual([{ device: 0, nan: 2, infinite: 2, row: 0, feature: 1 }]);
    expect(one(plain, Number.NaN, Infinity, -Infinity).values).toEqual([0, 0, 0]);
  });

  it('a spike may be infinite; groups of few numbers send one twice', () => {
    expect(one(spiked, 1, Infinity, 16, -Infinity).values).toEqual([1, Infinity, 16, -Infinity]);
    expect(one(spiked, Number.NaN, Number.NaN).values).toEqual([0, 0]);
    expect(one(spiked, Number.NaN, 5).values).toEqual([0, 5]);
    expect(one(spiked, 7).values).toEqual([7]);
    // Of equal ones the first is a spike: 3 at places 0 and 1.
    expect(encodeMessage(spiked, 0, Float64Array.of(3, 3, 3, 3), 4)).toEqual(
      Uint8Array.of(0, 0, 0, 0, 0, 0x42, 0, 0x42, 0, 0x42, 0b0100),
    );
  });
});

describe('spikes', () => {
  it('leave the others a range of their own: outliers cost them nothing', () => {
    const x = [100, 0.25, -0.5, 0.125, -300, 0.5, 0.375, -0.25];
    const spiked = groupCodec({ bits: 3, size: 8, spikes: binary16 });
    expect(received(spiked, x).slice(0, 1)).toEqual([100]);
    const error = (codec: GroupCodec) => Math.max(...received(codec, x).map((value, i) => Math.abs(value - x[i])));
    expect(error(spiked)).toBeLessThan(0.08);
    expect(error(groupCodec({ bits: 3, size: 8 }))).toBeGreaterThan(10);
  });

  it('have their events as numbers that are rounded', () => {
    const codec = groupCodec({ size: 4, spikes: binary16 });
    const { report } = allReduce([Float64Array.of(1, 16, 70000.5, 0.1), new Float64Array(4)], { width: 4, codec });
    expect(report.first.overflow).toMatchObject({
      feature: 2,
      operation: 'round',
      operands: [70000.5],
      result: Infinity,
    });
    expect(report.first.inexact).toMatchObject({ feature: 2 });
    expect(report.clipping[0].values).toBe(2);
  });
});

describe('bytes', () => {
  const bits = (text: string, width = 4096) => (messageBytes(parseGroup(text), 1, width) * 8) / width;

  it('are what hand counts say', () => {
    // 16 bits of scale, and 16 of minimum where codes are asymmetric, for 128 features.
    expect([2, 3, 4, 5, 6, 7, 8].map((b) => bits(`uint${b}/128`))).toEqual(
      [2, 3, 4, 5, 6, 7, 8].map((b) => b + 32 / 128),
    );
    expect(bits('int8/128')).toBe(8 + 16 / 128);
    expect(bits('uint4/128;scale=binary32')).toBe(4.5);
    expect(bits('uint4/32')).toBe(5);
    // Two spikes of 16 bits, their indices of 5.
    expect(bits('uint2/32')).toBe(3);
    expect(bits('uint2/32;spikes')).toBe(2 + (32 + 32 + 10) / 32);
    expect(bits('uint2/32;spikes=bfloat16;index=8')).toBe(2 + (32 + 32 + 16) / 32);
    expect(bits('int3/64;spikes')).toBe(3 + (16 + 32 + 12) / 64);
    // 13 features of 5 bits: 7 bytes of 4 bits and 2 of 1; two groups of 8 and 5, 4 bytes each.
    expect(messageBytes(parseGroup('uint5/8'), 3, 13)).toBe(3 * (7 + 2 + 8));
    expect(messageBytes(parseGroup('uint7/8'), 1, 13)).toBe(7 + 4 + 2 + 8);
    // Two groups' 16 + 16 + 32 + 6 bits: 140, and four idle ones.
    expect(messageBytes(parseGroup('uint2/8;spikes'), 1, 13)).toBe(4 + 18);
    expect(messageBytes(parseGroup('uint4/128'), 0, 13)).toBe(0);
  });

  it('of one group, by hand: 5 = 4 + 1', () => {
    // Scale 1, minimum 0: the codes are the numbers.
    const x = Float64Array.of(0, 17, 31, 14, 16);
    const bytes = encodeMessage(parseGroup('uint5/8'), 0, x, 5);
    expect([...bytes]).toEqual([0x10, 0xef, 0x00, 0b10110, 0x00, 0x3c, 0, 0]);
    expect([...decodeMessage(parseGroup('uint5/8'), 0, bytes, 1, 5)]).toEqual([...x]);
  });

  it('bring back all codes of all widths, bit for bit', () => {
    for (let b = 2; b <= 8; b++) {
      for (const symmetric of [false, true]) {
        // The numbers are the codes: with the largest of them in its group, the scale is 1.
        const top = symmetric ? 2 ** (b - 1) - 1 : 2 ** b - 1;
        const all = Array.from({ length: (symmetric ? 2 : 1) * top + 1 }, (_, i) => i - (symmetric ? top : 0));
        const codec = groupCodec({ bits: b, size: all.length, symmetric });
        expect(received(codec, all)).toEqual(all);
        checkGroups(codec, all);
      }
    }
  });

  it('of another length, or with an index beyond its group, are refused', () => {
    const codec = parseGroup('uint2/4;spikes;index=8');
    const bytes = encodeMessage(codec, 0, Float64Array.of(1, 2, 3, 4), 4);
    expect(failure(() => decodeMessage(codec, 0, bytes.subarray(1), 1, 4))).toBe('shape bytes');
    bytes[bytes.length - 1] = 4;
    expect(failure(() => decodeMessage(codec, 0, bytes, 1, 4))).toBe('value bytes');
  });
});

describe('parseGroup', () => {
  it('gives the codec back that a name is of', () => {
    fc.assert(
      fc.property(codecs, (codec) => {
        expect(parseGroup(codec.name)).toEqual(codec);
      }),
    );
    expect(groupCodec()).toEqual(parseGroup('UINT4/128'));
    expect(groupCodec({ spikes: bfloat16, bits: 2 }).name).toBe('uint2/32;spikes=bfloat16');
  });

  it.each([
    ['int4', 'name codec'],
    ['uint9/128', 'name codec'],
    ['uint4/0', 'name codec'],
    ['uint4/128;scale=', 'name codec'],
    ['uint4/128;scale=binary16;scale=binary16', 'name codec'],
    ['uint4/128;size=3', 'name codec'],
    ['uint4/128;scale=int8', 'unsupported options.scale'],
    ['uint4/128;scale=e8m0fnu', 'unsupported options.scale'],
    ['uint4/128;index=7', 'unsupported options.indexBits'],
    ['uint4/128;spikes;index=6', 'range options.indexBits'],
    ['int4/128;minimum=binary16', 'unsupported options.minimum'],
  ])('refuses %s', (text, told) => {
    expect(failure(() => parseGroup(text))).toBe(told);
  });

  it('refuses options that fit no codec', () => {
    expect(failure(() => groupCodec({ bits: 9 }))).toBe('range options.bits');
    expect(failure(() => groupCodec({ size: 0 }))).toBe('range options.size');
    expect(failure(() => groupCodec({ scale: int8 as unknown as FloatFormat }))).toBe('unsupported options.scale');
    expect(failure(() => groupCodec({ scale: e8m0fnu }))).toBe('unsupported options.scale');
    expect(failure(() => groupCodec({ wide: true } as never))).toBe('name options.wide');
    expect(formats.map((one) => formatName(groupCodec({ spikes: one }).spikes!.rounding.format))).toEqual(
      formats.map(formatName),
    );
  });
});
