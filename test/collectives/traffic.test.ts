import { describe, expect, it } from 'vitest';
import {
  allReduce,
  bf16Codec,
  blockCodec,
  hybridCodec,
  integerCodec,
  parseGroup,
} from '../../src/collectives/index.ts';
import { mxfp4, nvfp4 } from '../../src/formats/index.ts';
import { calibrated, filled, normals, summed } from './helpers.ts';

const E = 5120;
const k = 80;
/** Any numbers will do. */
const some = (devices: number, rows: number) =>
  filled(devices, rows, E, (device, row, feature) => ((feature * 37 + row * 11 + device) % 101) - 50);

describe('traffic', () => {
  it.each([
    [2, 16, 4.1875, 4.1875],
    [4, 24, 12.5625, 6.28125],
    [8, 28, 29.3125, 7.328125],
    [16, 30, 62.8125, 7.8515625],
  ])('of %i devices is what the bytes say: ring BF16 %d, all-gather %d, two-step %d bits', (devices, ...bits) => {
    const partials = some(devices, devices);
    const codec = hybridCodec(calibrated(partials, E), { k });
    const sumCodec = hybridCodec(calibrated([summed(partials)], E), { k });
    const runs = [
      allReduce(partials, { width: E, codec: bf16Codec, algorithm: 'ring', record: 'counts' }),
      allReduce(partials, { width: E, codec, record: 'counts' }),
      allReduce(partials, { width: E, codec, sumCodec, algorithm: 'twoStep', record: 'counts' }),
    ].map(({ report }) => report.traffic);
    expect(runs.map(({ bitsPerValue }) => bitsPerValue)).toEqual(bits);
    // Every device sends as much as every other.
    expect(runs.map(({ mostBitsPerValue }) => mostBitsPerValue)).toEqual(bits);
    expect(runs.map(({ messageBitsPerValue }) => messageBitsPerValue)).toEqual([16, 4.1875, 4.1875]);
    expect(runs.map(({ messages }) => messages)).toEqual([
      2 * devices * (devices - 1),
      devices * (devices - 1),
      2 * devices * (devices - 1),
    ]);
  });

  it('of recursive doubling is log2 N messages; devices beyond a power of two cost one more, each way', () => {
    const bits = (devices: number) => {
      const partials = normals(devices, 1, 64);
      const { traffic } = allReduce(partials, { width: 64, codec: bf16Codec, algorithm: 'recursiveDoubling' }).report;
      return traffic.sent.map((bytes) => (bytes * 8) / 64);
    };
    expect(bits(2)).toEqual([16, 16]);
    expect(bits(8)).toEqual(new Array(8).fill(48));
    expect(bits(6)).toEqual([48, 48, 32, 32, 16, 16]);
  });

  it('counts uneven parts as they are', () => {
    // One row on three devices: by rows one device sums it all; by features 64 are 22, 21 and 21.
    const partials = normals(3, 1, 64);
    const sent = (split: 'rows' | 'features', algorithm: 'ring' | 'twoStep') =>
      allReduce(partials, { width: 64, codec: bf16Codec, algorithm, split }).report.traffic.sent.map((n) => n / 2);
    expect(sent('rows', 'twoStep')).toEqual([2 * 64, 64, 64]);
    expect(sent('features', 'twoStep')).toEqual([42 + 44, 43 + 42, 43 + 42]);
    // Part c is sent twice by device c, once by each of the two others.
    expect(sent('rows', 'ring')).toEqual([2 * 64, 64, 64]);
    expect(sent('features', 'ring')).toEqual([2 * 22 + 21 + 21, 2 * 21 + 22 + 21, 2 * 21 + 22 + 21]);
  });

  it('of features in 16 bits falls where the features are: why two-step cuts by rows', () => {
    const partials = normals(2, 2, 64).map((data) => data.map((x, i) => (i % 64 < 8 ? 100 * x : x)));
    const codec = hybridCodec(calibrated(partials, 64), { k: 8 });
    const sumCodec = hybridCodec(calibrated([summed(partials)], 64), { k: 8 });
    const options = { width: 64, codec, sumCodec, algorithm: 'twoStep' as const };
    expect(allReduce(partials, { ...options, split: 'rows' }).report.traffic.sent).toEqual([88, 88]);
    // Device 1 sends the eight wide features of device 0's half; device 0 sends them back as part of the sum.
    const { sent } = allReduce(partials, { ...options, split: 'features' }).report.traffic;
    expect(sent).toEqual([2 * 16 + 2 * 28, 2 * 28 + 2 * 16]);
    expect(
      allReduce(normals(4, 4, 64), { ...options, codec: bf16Codec, sumCodec: bf16Codec }).report.traffic.sent,
    ).toEqual(new Array(4).fill(6 * 128));
  });

  it.each([
    [2, 4.25, 5.25, 8.25, 4.1875, 4.3125, 8.125],
    [4, 6.375, 7.875, 12.375, 6.28125, 6.46875, 12.1875],
    [8, 7.4375, 9.1875, 14.4375, 7.328125, 7.546875, 14.21875],
    [16, 7.96875, 9.84375, 15.46875, 7.8515625, 8.0859375, 15.234375],
  ])('of %i devices with groups: two-step, and INT8 around a ring', (devices, ...bits) => {
    // The share of each is the same at 5,120 features.
    const width = 1024;
    const partials = normals(devices, devices, width);
    const texts = ['uint4/128', 'uint5/128', 'uint8/128', 'uint3/64;spikes', 'uint2/32;spikes', 'int8/128'];
    const found = texts.map((text) => {
      const algorithm = text.startsWith('int') ? 'ring' : 'twoStep';
      const options = { width, codec: parseGroup(text), algorithm, record: 'counts' } as const;
      return allReduce(partials, options).report.traffic.bitsPerValue;
    });
    expect(found).toEqual(bits);
  });

  it('counts block scales, and the tensor scale of every message', () => {
    const partials = normals(4, 4, 64);
    const bits = (codec: Parameters<typeof blockCodec>[0], algorithm: 'allGather' | 'twoStep') =>
      allReduce(partials, { width: 64, codec: blockCodec(codec), algorithm }).report.traffic.bitsPerValue;
    expect(bits(mxfp4, 'allGather')).toBe(3 * 4.25);
    expect(bits(mxfp4, 'twoStep')).toBe(1.5 * 4.25);
    expect(bits(nvfp4, 'allGather')).toBe(3 * (4.5 + 32 / 256));
    expect(bits(nvfp4, 'twoStep')).toBe(1.5 * (4.5 + 32 / 64));
  });

  it('compares like with like: 3.8 times less in the same collective, more than a BF16 ring by all-gather', () => {
    const partials = some(8, 8);
    const codec = hybridCodec(calibrated(partials, E), { k });
    const gather = (one: typeof codec) =>
      allReduce(partials, { width: E, codec: one, record: 'counts' }).report.traffic.bitsPerValue;
    expect(gather(bf16Codec) / gather(codec)).toBeCloseTo(16 / 4.1875, 12);
    expect(gather(codec)).toBeGreaterThan(28);
    expect(gather(integerCodec(calibrated(partials, E)))).toBe(28);
  });
});
