/**
 * Decoders and quantizers to integers, written by hand, each disease as a mutant: the other half of a codec, and the other kind of
 * quantizer.
 */
import { type FloatFormat, type Format, int4, int8, uint4, uint8 } from '../../../src/formats/index.ts';
import type { Next } from '../../../src/testing/conformance/sample.ts';

/** What a decoder may get wrong. */
export interface DecoderDisease {
  readonly name: string;
  readonly behaviours: readonly string[];
  readonly decode: (format: FloatFormat, code: number) => number;
}

interface Parts {
  readonly sign: number;
  readonly field: number;
  readonly fraction: number;
}

function parts({ exponentBits, mantissaBits, signed }: FloatFormat, code: number): Parts {
  const magnitudes = 2 ** (exponentBits + mantissaBits);
  const magnitude = code % magnitudes;
  return {
    sign: signed && code >= magnitudes ? -1 : 1,
    field: Math.floor(magnitude / 2 ** mantissaBits),
    fraction: magnitude % 2 ** mantissaBits,
  };
}

/** A code's value, by the definition of its format. */
export function decodeByHand(format: FloatFormat, code: number): number {
  const { exponentBits, mantissaBits, bias, infinities, nan } = format;
  const { sign, field, fraction } = parts(format, code);
  const [top, last] = [2 ** exponentBits - 1, 2 ** mantissaBits - 1];
  if (nan === 'negativeZero' && sign < 0 && field === 0 && fraction === 0) return Number.NaN;
  if (field === top) {
    if (nan === 'ieee' && fraction > 0) return Number.NaN;
    if (nan === 'topCode' && fraction === last) return Number.NaN;
    if (infinities === 'ieee' && fraction === 0) return sign * Infinity;
    if (infinities === 'topCode' && fraction === (nan === 'topCode' ? last - 1 : last)) return sign * Infinity;
  }
  if (field === 0) return sign * fraction * 2 ** (1 - bias - mantissaBits);
  return sign * (1 + fraction / 2 ** mantissaBits) * 2 ** (field - bias);
}

const changed =
  (change: (x: number, parts: Parts, format: FloatFormat) => number) =>
  (format: FloatFormat, code: number): number =>
    change(decodeByHand(format, code), parts(format, code), format);
const isSubnormal = ({ field, fraction }: Parts): boolean => field === 0 && fraction > 0;

/** One disease each. */
export const decoders: readonly DecoderDisease[] = [
  {
    name: 'reads subnormals a binade small',
    behaviours: ['subnormalsHalved'],
    decode: changed((x, p) => (isSubnormal(p) ? x / 2 : x)),
  },
  {
    name: 'reads subnormals a binade large',
    behaviours: ['subnormalsDoubled'],
    decode: changed((x, p) => (isSubnormal(p) ? x * 2 : x)),
  },
  {
    name: 'reads subnormals with the hidden bit',
    behaviours: ['subnormalsAsNormal'],
    decode: changed((x, { sign, field, fraction }, { mantissaBits, bias }) =>
      field === 0 && fraction > 0 ? sign * (1 + fraction / 2 ** mantissaBits) * 2 ** -bias : x,
    ),
  },
  {
    name: 'reads subnormals as zero',
    behaviours: ['subnormalsAsZero', 'flushInputs'],
    decode: changed((x, p) => (isSubnormal(p) ? 0 * x : x)),
  },
  {
    name: 'loses the sign of subnormals',
    behaviours: ['subnormalsUnsigned'],
    decode: changed((x, { field }) => (field === 0 ? Math.abs(x) : x)),
  },
  { name: 'has a bias of one too many', behaviours: ['biasTooLarge'], decode: changed((x) => x / 2) },
  { name: 'has a bias of one too few', behaviours: ['biasTooSmall'], decode: changed((x) => x * 2) },
  { name: 'forgets the sign', behaviours: ['dropsSign'], decode: changed((x) => Math.abs(x)) },
  { name: 'reads −0 as +0', behaviours: ['unsignedZero'], decode: changed((x) => (x === 0 ? 0 : x)) },
  {
    name: 'reads NaN as zero',
    behaviours: ['nanBecomesZero'],
    decode: changed((x) => (x !== x ? 0 : x)),
  },
  {
    name: 'reads infinities as NaN',
    behaviours: ['infinityToNaN'],
    decode: changed((x) => (Math.abs(x) === Infinity ? Number.NaN : x)),
  },
  {
    name: 'reads infinities and NaN as numbers',
    behaviours: ['specialsAsNumbers', 'nanAsZero'],
    decode: changed((x, { sign, field, fraction }, { mantissaBits, bias }) =>
      x - x === 0 ? x : field === 0 ? sign * 0 : sign * (1 + fraction / 2 ** mantissaBits) * 2 ** (field - bias),
    ),
  },
];

/** A quantizer's parameters. */
export interface Quantizing {
  readonly to: Format;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly low: number;
  readonly high: number;
}

/** Parameters at random; scales are powers of two, of few bits, or any. */
export function drawQuantizing(next: Next): Quantizing {
  const to = [int8, uint8, int4, uint4][next(4)] as typeof int8;
  const kind = next(3);
  const fraction = kind === 0 ? 1 : kind === 1 ? 1 + next(8) / 8 : Math.fround(1 + next(2 ** 23) / 2 ** 23);
  const zeroPoint = to.min + Math.floor((to.max - to.min) / 4) + next(Math.floor((to.max - to.min) / 2));
  return {
    to,
    scale: fraction * 2 ** (next(13) - 8),
    zeroPoint: zeroPoint === 0 ? 1 : zeroPoint,
    low: to.min,
    high: to.max,
  };
}

/** The nearest integer to a quotient of binary32 numbers, exactly: ties by a rule. */
function nearest(x: number, scale: number, tie: (low: number, x: number) => number): number {
  const q = x / scale;
  if (!(Math.abs(q) < 2 ** 40)) return q;
  // 24-bit numbers: twice the remainder beside the scale says all, and is exact.
  const low = Math.floor(q);
  for (const one of [low - 1, low, low + 1]) {
    const [rest, above] = [x - one * scale, x - (one + 1) * scale];
    if (rest < 0 || above >= 0) continue;
    const twice = rest * 2 - scale;
    return twice === 0 ? tie(one, x) : twice > 0 ? one + 1 : one;
  }
  return Math.round(q);
}

const toEven = (low: number): number => (low % 2 === 0 ? low : low + 1);
const clamp = (q: number, { low, high }: Quantizing): number => Math.min(Math.max(q, low), high);

/** What a quantizer may get wrong. */
export interface QuantizerDisease {
  readonly name: string;
  readonly behaviours: readonly string[];
  readonly quantize: (x: number, how: Quantizing) => number;
}

const plain = (x: number, { scale }: Quantizing): number => nearest(x, scale, toEven);

/** A right quantizer. */
export function quantizeByHand(x: number, how: Quantizing): number {
  return clamp(plain(x, how) + how.zeroPoint, how);
}

/** One disease each. */
export const quantizers: readonly QuantizerDisease[] = [
  {
    name: 'rounds ties away',
    behaviours: ['tiesToAway'],
    quantize: (x, how) => clamp(nearest(x, how.scale, (low, at) => (at > 0 ? low + 1 : low)) + how.zeroPoint, how),
  },
  {
    name: 'rounds ties up',
    behaviours: ['tiesUp'],
    quantize: (x, how) => clamp(nearest(x, how.scale, (low) => low + 1) + how.zeroPoint, how),
  },
  {
    name: 'truncates',
    behaviours: ['towardZero'],
    quantize: (x, how) => clamp(Math.trunc(x / how.scale) + how.zeroPoint, how),
  },
  {
    name: 'rounds down',
    behaviours: ['towardNegative'],
    quantize: (x, how) => clamp(Math.floor(x / how.scale) + how.zeroPoint, how),
  },
  {
    name: 'adds a half and truncates',
    behaviours: ['halfTruncated'],
    quantize: (x, how) => clamp(Math.trunc(x / how.scale + 0.5) + how.zeroPoint, how),
  },
  { name: 'forgets the zero point', behaviours: ['zeroPointLost'], quantize: (x, how) => clamp(plain(x, how), how) },
  {
    name: 'subtracts the zero point',
    behaviours: ['zeroPointNegated'],
    quantize: (x, how) => clamp(plain(x, how) - how.zeroPoint, how),
  },
  {
    name: 'clamps before the zero point',
    behaviours: ['clampsFirstOnly', 'clampsFirst'],
    quantize: (x, how) => clamp(plain(x, how), how) + how.zeroPoint,
  },
  {
    name: 'wraps',
    behaviours: ['wraps'],
    quantize: (x, how) => {
      const q = plain(x, how) + how.zeroPoint;
      const count = how.high - how.low + 1;
      return Number.isFinite(q) ? ((((q - how.low) % count) + count) % count) + how.low : how.low;
    },
  },
  {
    name: 'stops one below the highest code',
    behaviours: ['highShort'],
    quantize: (x, how) => Math.min(quantizeByHand(x, how), how.high - 1),
  },
  {
    name: 'multiplies by the scale',
    behaviours: ['multiplies'],
    quantize: (x, how) => clamp(toNearestEven(x * how.scale) + how.zeroPoint, how),
  },
  {
    name: 'divides by twice the scale',
    behaviours: ['scaleDoubled'],
    quantize: (x, how) => clamp(nearest(x, 2 * how.scale, toEven) + how.zeroPoint, how),
  },
];

function toNearestEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  return rest > 0.5 ? low + 1 : rest === 0.5 ? toEven(low) : low;
}
