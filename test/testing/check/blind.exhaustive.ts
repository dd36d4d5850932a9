/**
 * Wrong functions that were written when no behaviour knew of them, many after public bug reports: each is caught, and named as
 * it says here. Diagnoses take a second or so each, which makes this a long test.
 */
import { expect, it } from 'vitest';
import { quantizeMultiplier } from '../../../src/arithmetic/index.ts';
import {
  bfloat16,
  binary16,
  binary32,
  e2m1fn,
  e4m3fn,
  e5m2,
  type FloatFormat,
  type Format,
} from '../../../src/formats/index.ts';
import { encode, round, roundTo } from '../../../src/rounding/index.ts';
import {
  type Check,
  checkBlockQuantizer,
  checkCodec,
  checkOperation,
  checkQuantizer,
  checkRequantization,
  checkRounding,
  checkSum,
} from '../../../src/testing/check/index.ts';

const runs = 2000;
const f = Math.fround;
const even = (x: number): number => {
  const [low, rest] = [Math.floor(x), x - Math.floor(x)];
  return rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
};
const clamp = (x: number): number => Math.max(-128, Math.min(127, x));
const bytes = new DataView(new ArrayBuffer(4));
const number = (bits: number): number => {
  bytes.setUint32(0, bits >>> 0);
  return bytes.getFloat32(0);
};

const bits = (to: FloatFormat | string, implementation: (code: number) => number, more = {}): Check =>
  checkRounding(implementation, { from: 'binary32', to, takes: 'codes', gives: 'codes', runs: 3000, ...more });
const numbers = (to: FloatFormat, implementation: (x: number) => number): Check =>
  checkRounding(implementation, { from: 'binary32', to, runs: 3000 });
const quantize = (scale: number, implementation: (x: number) => number, more = {}): Check =>
  checkQuantizer(implementation, { to: 'int8', scale, runs, ...more });
const register = (format: Format) =>
  ({ kind: 'sequential', accumulator: { kind: 'float', rounding: roundTo(format) } }) as const;
const sum = (implementation: (terms: readonly number[]) => number, format: Format = binary32): Check =>
  checkSum(implementation, { format, reduction: register(format), runs });
const operate = (
  operation: 'mul' | 'add' | 'roundToInt',
  format: FloatFormat,
  implementation: (a: number, b: number) => number,
): Check => checkOperation(implementation, { operation, format, runs: 3000 });
const requantize = (scale: object, zeroPoint: number, implementation: (x: number) => number): Check =>
  checkRequantization(implementation, {
    requantization: { scale, outputZeroPoint: zeroPoint, low: -128, high: 127 } as never,
    runs: 3000,
  });
const largest = (block: ArrayLike<number>): number =>
  Array.from(block).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const four = (x: number): number => round(e2m1fn, x, { overflow: 'saturate' });
const blocks = (
  format: string,
  size: number,
  of: (block: number[], all: Float32Array) => readonly [number, readonly number[]],
  part: 'scales' | 'elements',
): Check =>
  checkBlockQuantizer(
    (x) => {
      const made = Array.from({ length: x.length / size }, (_, i) => of([...x.subarray(i * size, (i + 1) * size)], x));
      return { scales: made.map(([scale]) => scale), elements: made.flatMap(([, elements]) => elements) };
    },
    { format, gives: 'numbers' },
  )[part];
const powerScale = (block: readonly number[], less: number): number => {
  const most = largest(block);
  return 2 ** (most === 0 ? -127 : Math.max(-127, Math.floor(Math.log2(most)) - less));
};
const halves = (terms: readonly number[]): number => {
  const some = [...terms];
  for (let half = some.length >> 1; half > 0; half >>= 1) {
    for (let i = 0; i < half; i++) some[i] = f((some[i] as number) + (some[i + half] as number));
  }
  return some[0] ?? 0;
};
const third = quantizeMultiplier(0.3);
const small = quantizeMultiplier(0.007247427341846);

const cases: readonly (readonly [string, string, () => Check])[] = [
  [
    'a range that ends with an exponent, ties up on bits',
    'tiesToAway + topBinadeSaturated',
    () =>
      bits(
        e4m3fn,
        (code) => {
          const [sign, field, fraction] = [(code >>> 24) & 0x80, (code >>> 23) & 255, code & 0x7fffff];
          if (field === 255 && fraction !== 0) return sign | 0x7f;
          if (field - 120 >= 15) return sign | 0x7e;
          if (field - 120 < -3) return sign;
          if (field - 120 > 0) return sign | (((field - 120) << 3) + (fraction >> 20) + ((fraction >> 19) & 1));
          const shifted = (fraction | 0x800000) >> (121 - field);
          return sign | ((shifted >> 20) + ((shifted >> 19) & 1));
        },
        { policy: { overflow: 'saturate' } },
      ),
  ],
  [
    'subnormals shifted down before they are rounded',
    'cut to 2^-37',
    () =>
      numbers(binary16, (x) =>
        round(binary16, Math.abs(x) < binary16.minNormal ? Math.trunc(x * 2 ** 37) / 2 ** 37 || 0 * x : x),
      ),
  ],
  [
    'the exponent field for E8M0, up where there is a fraction',
    'dropsSign + fieldZeroAsNormal + towardPositive',
    () =>
      bits('e8m0', (code) => {
        const field = (code >>> 23) & 255;
        return (code & 0x7fffff) !== 0 && field < 255 ? field + 1 : field;
      }),
  ],
  [
    'a comparison that NaN fails',
    'nanBecomesMin + saturate',
    () =>
      numbers(e4m3fn, (x) => {
        if (x >= 448) return 448;
        return x > -448 ? round(e4m3fn, x) : -448;
      }),
  ],
  [
    'truncation from 256 on',
    'towardZero from 256 to below 2^16',
    () =>
      numbers(binary16, (x) =>
        round(binary16, x, Math.abs(x) >= 256 ? { rounding: 'towardZero', overflow: 'infinity' } : {}),
      ),
  ],
  [
    'ties away below 1',
    'tiesToAway below 1',
    () => numbers(e4m3fn, (x) => round(e4m3fn, x, Math.abs(x) < 1 ? { rounding: 'tiesToAway' } : {})),
  ],
  [
    'negative subnormals truncated',
    'towardZero negative below 2^-14',
    () =>
      numbers(binary16, (x) => round(binary16, x, x < 0 && x > -binary16.minNormal ? { rounding: 'towardZero' } : {})),
  ],
  [
    'nothing below a threshold',
    'cut to 2^-8 below 2^-8',
    () => numbers(e4m3fn, (x) => (Math.abs(x) < 2 ** -8 ? 0 * x : round(e4m3fn, x))),
  ],
  [
    'three digits of text',
    'toPrecision 3 first',
    () => numbers(binary16, (x) => round(binary16, Number(x.toPrecision(3)))),
  ],
  ['a factor of 1.0001', 'numbers × 1.0001', () => numbers(binary16, (x) => round(binary16, x * 1.0001))],
  ['floor(x + 0.499)', 'up from 0.501', () => quantize(0.25, (x) => clamp(Math.floor(x / 0.25 + 0.499)))],
  [
    'the magnitude of a negative number in uint8',
    'magnitudes',
    () => quantize(0.1, (x) => Math.min(255, even(Math.abs(x) / 0.1)), { to: 'uint8', quotient: 'binary64' }),
  ],
  [
    'a zero point of 127 for 128',
    'oneLess',
    () => quantize(0.25, (x) => Math.max(0, Math.min(255, even(x / 0.25) + 127)), { to: 'uint8', zeroPoint: 128 }),
  ],
  [
    'a nibble without its sign',
    'codesUnsigned',
    () => quantize(0.5, (x) => Math.max(-8, Math.min(7, even(x / 0.5))) & 15, { to: 'int4' }),
  ],
  [
    'the reciprocal in binary16',
    'reciprocal of binary16',
    () => quantize(0.03, (x) => clamp(even(x * round(binary16, 1 / 0.03)))),
  ],
  ['half steps first', 'halvesUp', () => quantize(0.5, (x) => clamp(even(Math.round(x / 0.25) / 2)))],
  ['halves of a row, an odd term lost', 'halvesLosing', () => sum(halves)],
  [
    'a warp that reads its last term again',
    'halvesLosing + padded32',
    () => sum((terms) => halves(Array.from({ length: 32 }, (_, i) => terms[Math.min(i, terms.length - 1)] as number))),
  ],
  [
    'four at a time as a tree, the rest one by one',
    'trees4, rest',
    () =>
      sum((terms) => {
        let [total, i] = [0, 0];
        const at = (k: number): number => terms[i + k] as number;
        for (; i + 4 <= terms.length; i += 4) total = f(total + f(f(at(0) + at(1)) + f(at(2) + at(3))));
        for (; i < terms.length; i++) total = f(total + at(0));
        return total;
      }),
  ],
  [
    'a sum without NaN and infinities',
    'finiteOnly',
    () =>
      sum((terms) =>
        terms
          .filter((x) => x === x)
          .reduce((total, x) => f(total + Math.max(-binary32.max, Math.min(binary32.max, x))), 0),
      ),
  ],
  [
    'eight at a time in binary32, stored in binary16',
    'parts of 8 in binary32',
    () =>
      sum((terms) => {
        let total = 0;
        for (let i = 0; i < terms.length; i += 8) {
          total = round(binary16, total + terms.slice(i, i + 8).reduce((part, x) => f(part + x), 0));
        }
        return total;
      }, binary16),
  ],
  [
    'every sum stored in bfloat16',
    'stores sums in bfloat16',
    () => sum((terms) => terms.reduce((total, x) => round(bfloat16, f(total + x)), 0)),
  ],
  [
    'every second term',
    'every2 from 0',
    () => sum((terms) => terms.filter((_, i) => i % 2 === 0).reduce((total, x) => f(total + x), 0)),
  ],
  [
    'pairs that saturate to sixteen bits',
    'pairsSaturate16',
    () => {
      const saturated = (x: number): number => Math.max(-32768, Math.min(32767, x));
      const pairs = (terms: readonly number[]): number => {
        let total = 0;
        for (let i = 0; i < terms.length; i += 2) total += saturated((terms[i] as number) + (terms[i + 1] ?? 0));
        return total;
      };
      const integer = { kind: 'sequential', accumulator: { kind: 'integer', bits: 32, overflow: 'wrap' } } as const;
      return checkSum(pairs, { format: 'int16', reduction: integer, runs: 1000 });
    },
  ],
  [
    'a product truncated',
    'infinity + towardZero',
    () => operate('mul', binary16, (a, b) => round(binary16, a * b, { rounding: 'towardZero', overflow: 'infinity' })),
  ],
  [
    'a sum by way of bfloat16',
    'via bfloat16',
    () => operate('add', e4m3fn, (a, b) => round(e4m3fn, round(bfloat16, a + b))),
  ],
  [
    'an integer by way of int16',
    'throughInt16',
    () => operate('roundToInt', binary16, (a) => (a - a === 0 ? Math.max(-32768, Math.min(32767, even(a))) : a)),
  ],
  ['an integer by x + 0.5, cut', 'halfTruncated', () => operate('roundToInt', binary16, (a) => Math.trunc(a + 0.5))],
  [
    'a leading bit of subnormals ORed into the exponent',
    'subnormalsOred',
    () => {
      const decode = (code: number): number => {
        const [sign, field, fraction] = [code & 0x8000, (code >> 10) & 31, code & 1023];
        if (field === 31) return fraction !== 0 ? Number.NaN : sign !== 0 ? -Infinity : Infinity;
        if (field !== 0) return number((sign << 16) | ((field + 112) << 23) | (fraction << 13));
        if (fraction === 0) return sign !== 0 ? -0 : 0;
        const shift = Math.clz32(fraction) - 8;
        return number((sign << 16) | ((126 - shift) << 23) | (fraction << shift));
      };
      return checkCodec({ encode: (x) => encode(binary16, x), decode }, { format: binary16, runs: 500 }).decode;
    },
  ],
  [
    'a bias of 16 for normal numbers alone',
    'biasTooLarge + subnormalsDoubled',
    () => {
      const decode = (code: number): number => {
        const [field, fraction] = [(code >> 2) & 31, code & 3];
        const special = fraction !== 0 ? Number.NaN : Infinity;
        const value = field === 0 ? (fraction / 4) * 2 ** -14 : (1 + fraction / 4) * 2 ** (field - 16);
        return (code >= 128 ? -1 : 1) * (field === 31 ? special : value);
      };
      return checkCodec({ encode: (x) => encode(e5m2, x), decode }, { format: e5m2, runs: 500 }).decode;
    },
  ],
  [
    'a product cut to sixteen bits before its last bit is rounded off',
    'narrowHalf16',
    () =>
      requantize({ kind: 'singleRounding', ...third }, 3, (x) => {
        const product = (BigInt(x) * BigInt(third.multiplier)) >> BigInt(30 - third.shift);
        return clamp(((Number(BigInt.asIntN(16, product)) + 1) >> 1) + 3);
      }),
  ],
  [
    'the high half of a multiplier',
    'multiplierCut',
    () =>
      requantize({ kind: 'singleRounding', ...small }, -7, (x) => {
        const twice = (BigInt(x) * BigInt(Math.floor(small.multiplier / 65536))) >> BigInt(14 - small.shift);
        return clamp(Number((twice + 1n) >> 1n) - 7);
      }),
  ],
  [
    'a sign lost where NVFP4 saturates',
    'clampedUnsigned',
    () =>
      blocks(
        'nvfp4',
        16,
        (block) => {
          const scale = round(e4m3fn, largest(block) / 6, { overflow: 'saturate' }) || 2 ** -9;
          return [scale, block.map((x) => (Math.abs(x / scale) > 6 ? 6 : four(x / scale)))];
        },
        'elements',
      ),
  ],
  [
    'an E4M3 scale truncated',
    'scaleCut',
    () =>
      blocks(
        'nvfp4',
        16,
        (block) => {
          const exact = largest(block) / 6;
          const scale = round(e4m3fn, exact, { rounding: 'towardZero', overflow: 'saturate' });
          return [scale, block.map((x) => (exact === 0 ? 0 : four(x / exact)))];
        },
        'scales',
      ),
  ],
  [
    'one scale for two blocks',
    'blockBefore',
    () =>
      blocks(
        'nvfp4',
        16,
        (block, all) => {
          const scale = round(e4m3fn, largest(all) / 6, { overflow: 'saturate' });
          return [scale, block.map((x) => four(x / scale))];
        },
        'scales',
      ),
  ],
  [
    'MXFP4 elements of two halves by turns',
    'halvesApart',
    () =>
      blocks(
        'mxfp4',
        32,
        (block) => {
          const scale = powerScale(block, 2);
          const elements = block.map((x) => four(x / scale));
          return [scale, elements.map((_, i) => elements[i % 2 === 0 ? i / 2 : 16 + (i - 1) / 2] as number)];
        },
        'elements',
      ),
  ],
];

it.each(cases)('%s: %s', (_, name, check) => {
  const { ok, diagnosis } = check();
  expect(ok).toBe(false);
  expect(
    diagnosis?.behaviours
      .map((one) => one.name)
      .sort()
      .join(' + '),
  ).toBe(name);
});
