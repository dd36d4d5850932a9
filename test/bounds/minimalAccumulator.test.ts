import { describe, expect, it } from 'vitest';
import { bounds, l1Bits, minimalAccumulator } from '../../src/bounds/index.ts';
import { avx512Vnni, fp16 } from '../../src/targets/index.ts';
import { generator } from '../random.ts';
import { failure } from '../testing/helpers.ts';

const unit = { target: avx512Vnni, unit: 'vpdpbusd' } as const;
const bytes = { kind: 'format', format: 'uint8' } as const;

describe('the narrowest accumulator', () => {
  const next = generator('minimal');
  const [k, n, rows] = [64, 5, 40];
  const weights = Array.from({ length: k * n }, (_, i) => Math.floor(next() * 255) - 127 + 0 * i);
  const data = Array.from({ length: rows * k }, () => Math.floor(next() * 256));
  const found = minimalAccumulator({ weights, n, inputs: bytes, data, ...unit });

  it('is proved per channel: one bit less overflows', () => {
    const { proved } = found.integer ?? { proved: { layer: 0, channels: [] } };
    expect(proved.layer).toBe(Math.max(...proved.channels));
    proved.channels.forEach((bits, c) => {
      const channel = Array.from({ length: k }, (_, i) => weights[i * n + c] as number);
      const [positive, negative] = [1, -1].map((sign) =>
        channel.reduce((sum, w) => sum + (sign * w > 0 ? 255 * w : 0), 0),
      ) as [number, number];
      // Every input may be 0, so the extremes are those of all positive and all negative weights.
      const exact = Math.max(Math.ceil(Math.log2(positive + 1)) + 1, Math.ceil(Math.log2(-negative)) + 1);
      expect(bits).toBe(exact);
      expect(bits).toBeLessThanOrEqual(l1Bits(channel, { inputBits: 8, signed: false }));
    });
  });

  it('is measured on the data: narrower than the proof, and tight', () => {
    const { measured, proved, present } = found.integer as NonNullable<typeof found.integer>;
    expect(present).toBe(32);
    measured?.channels.forEach((bits, c) => {
      expect(bits).toBeLessThanOrEqual(proved.channels[c] as number);
      // Of four products at a time, as the instruction sums them.
      let [most, least] = [0, 0];
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let i = 0; i < k; i++) {
          sum += (data[r * k + i] as number) * (weights[i * n + c] as number);
          if (i % 4 === 3) [most, least] = [Math.max(most, sum), Math.min(least, sum)];
        }
      }
      expect(bits).toBe(Math.max(2, Math.ceil(Math.log2(most + 1)) + 1, Math.ceil(Math.log2(-least)) + 1));
    });
  });

  it('tries floats by bits, then exponent bits, against what is asked', () => {
    const inputs = { kind: 'intervals', low: 0, high: 1 } as const;
    const ones = Array(256).fill(1);
    const asked = { weights: ones, n: 1, inputs, target: fp16, data: Array(512).fill(1) };
    const floats = ['binary32', 'bfloat16', 'binary16', 'e4m3fn', 'e5m2'];
    const any = minimalAccumulator({ ...asked, floats });
    expect(any.float.candidates.map(({ format }) => format)).toEqual([
      'e4m3fn',
      'e5m2',
      'binary16',
      'bfloat16',
      'binary32',
    ]);
    // e4m3fn stops at 16 and never overflows: proved, and useless.
    expect(any.float.proved).toBe('e4m3fn');
    expect(any.float.candidates[0]?.absorbed).toBeGreaterThan(0.9);
    expect(any.float.candidates[0]?.isKept).toBeNull();
    const careful = minimalAccumulator({ ...asked, floats, maxAbsorbed: 0, minSqnr: 60 });
    expect(careful.float).toMatchObject({ proved: 'binary16', measured: 'binary16' });
    expect(careful.integer).toBeNull();
  });

  it('agrees with `bounds` on the unit itself', () => {
    expect(bounds({ kernel: 'matmul', weights, n, inputs: bytes, ...unit }).verdict).toBe('proved');
  });

  it('refuses thresholds without data, and rows that do not fit', () => {
    const good = { weights, n, inputs: bytes, ...unit };
    expect(failure(() => minimalAccumulator({ ...good, minSqnr: 40 }))).toBe('unsupported options.minSqnr');
    expect(failure(() => minimalAccumulator({ ...good, data: [1, 2, 3] }))).toBe('shape options.data');
    expect(failure(() => minimalAccumulator({ ...good, n: 0 }))).toBe('range options.n');
    expect(failure(() => minimalAccumulator({ ...good, weights: [Number.NaN], n: 1 }))).toBe(
      'range options.weights[0]',
    );
    expect(failure(() => minimalAccumulator({ ...good, zzz: 1 } as never))).toBe('name options.zzz');
  });
});
