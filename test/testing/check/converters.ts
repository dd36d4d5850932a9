/**
 * Converters of public bug reports, rebuilt as functions of our own, and right ones written in different ways.
 */
import type { FloatFormat } from '../../../src/formats/index.ts';
import { e4m3fn } from '../../../src/formats/index.ts';
import type { RoundingCheckOptions } from '../../../src/testing/check/index.ts';
import { convert } from './mutants.ts';

const view = new DataView(new ArrayBuffer(8));

/** The bits of a binary32 number. */
export function bitsOf(x: number): number {
  view.setFloat32(0, x);
  return view.getUint32(0);
}

/** The binary32 number of some bits. */
export function numberOf(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** A code of a small IEEE-like format as a number, by the book. */
export function decodeBook(code: number, exponentBits: number, mantissaBits: number): number {
  const bias = 2 ** (exponentBits - 1) - 1;
  const sign = code >> (exponentBits + mantissaBits) ? -1 : 1;
  const field = (code >> mantissaBits) & (2 ** exponentBits - 1);
  const fraction = code & (2 ** mantissaBits - 1);
  return (
    sign *
    (field === 0
      ? (fraction / 2 ** mantissaBits) * 2 ** (1 - bias)
      : (1 + fraction / 2 ** mantissaBits) * 2 ** (field - bias))
  );
}

/** A converter, how to check it, and how a diagnosis may name it. */
export interface Converter {
  readonly name: string;
  readonly implementation: (input: number) => number;
  readonly options: RoundingCheckOptions;
  /** Names, any one of which is right; several behaviours are joined by +. */
  readonly names: readonly string[];
  /** An input that the report gives. */
  readonly input: number;
}

/** E4M3 codes as numbers, by the book: the NaN codes apart. */
function e4m3(code: number): number {
  return (code & 0x7f) === 0x7f ? Number.NaN : decodeBook(code, 4, 3);
}

/** MX elements: three exponent and two fraction bits. */
const e3m2 = (code: number): number => decodeBook(code, 3, 2);

/** binary32 bits to binary16 bits as in many headers; the carry of the significand ORed in. */
function toHalfOred(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127 + 15;
  const fraction = bits & 0x7fffff;
  if (((bits >>> 23) & 0xff) === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent <= 0) {
    if (exponent < -10) return sign;
    const significand = fraction | 0x800000;
    const shift = 14 - exponent;
    const half = 1 << (shift - 1);
    const rest = significand & (2 * half - 1);
    const units = significand >> shift;
    return sign | (units + (rest > half || (rest === half && units & 1) ? 1 : 0));
  }
  const rest = fraction & 0x1fff;
  const units = fraction >> 13;
  const rounded = units + (rest > 0x1000 || (rest === 0x1000 && units & 1) ? 1 : 0);
  return sign | (exponent << 10) | rounded;
}

/** The nine reports. */
export const reported: readonly Converter[] = [
  {
    name: 'bf16 by cutting the bits',
    implementation: (bits) => bits >>> 16,
    options: { from: 'binary32', to: 'bfloat16', takes: 'codes', gives: 'codes' },
    names: ['nanCut+towardZero', 'nanCut+towardZero overflowing'],
    input: 0xff800001,
  },
  {
    name: 'f32 to f16 with the carry ORed in',
    implementation: toHalfOred,
    options: { from: 'binary32', to: 'binary16', takes: 'codes', gives: 'codes' },
    names: ['carryOred'],
    input: 0xbfffffb5,
  },
  {
    name: 'E4M3 subnormals by the normal formula',
    implementation: (code) => {
      const field = (code >> 3) & 15;
      if ((code & 0x7f) === 0x7f) return Number.NaN;
      if ((code & 0x7f) === 0) return code === 0 ? 0 : -0;
      return (code >> 7 ? -1 : 1) * (1 + (code & 7) / 8) * 2 ** (field - 7);
    },
    options: { from: 'e4m3fn', to: 'binary32', takes: 'codes' },
    names: ['subnormalsAsNormal'],
    input: 0x01,
  },
  {
    name: 'E4M3 widened to bf16 without re-biasing',
    implementation: (code) => ((code & 0x80) << 8) | ((code & 0x7f) << 4),
    options: { from: 'e4m3fn', to: 'bfloat16', takes: 'codes', gives: 'codes' },
    names: ['notRebiased+specialsAsNumbers', 'notRebiased', 'specialsAsNumbers+notRebiased'],
    input: 0x38,
  },
  {
    name: 'MX elements with subnormals a binade small',
    implementation: (code) => {
      const value = e3m2(code);
      return Math.abs(value) < 0.25 ? value / 2 : value;
    },
    options: { from: 'e3m2fn', to: 'binary32', takes: 'codes' },
    names: ['subnormalsHalved', 'subnormalResultsHalved'],
    input: 0x01,
  },
  {
    name: '256 is E4M3 0x7e',
    implementation: (x) => (Math.abs(x) >= 256 && Number.isFinite(x) ? Math.sign(x) * 448 : convert(e4m3fn, x)),
    options: { from: 'binary32', to: 'e4m3fn' },
    names: ['topBinadeSaturated'],
    input: 256,
  },
  {
    name: 'f16 subnormals halved on reading',
    implementation: (code) => {
      const field = (code >> 10) & 31;
      if (field === 31) return code & 0x3ff ? Number.NaN : code >> 15 ? -Infinity : Infinity;
      const value = decodeBook(code, 5, 10);
      return field === 0 ? value / 2 : value;
    },
    options: { from: 'binary16', to: 'binary32', takes: 'codes' },
    names: ['subnormalsHalved'],
    input: 0x0001,
  },
  {
    name: 'a NaN of binary32 cut to infinity in bf16',
    implementation: (bits) => {
      const up = 0x7fff + ((bits >>> 16) & 1);
      const isSpecial = ((bits >>> 23) & 0xff) === 0xff;
      return isSpecial ? bits >>> 16 : ((bits + up) >>> 16) & 0xffff;
    },
    options: { from: 'binary32', to: 'bfloat16', takes: 'codes', gives: 'codes' },
    names: ['nanCut'],
    input: 0xff800001,
  },
  {
    name: 'binary16 to E4M3 that loses what lies below a tie of subnormals',
    implementation: (code) => {
      const x = decodeHalf(code);
      // The significand is shifted to the subnormal grid and the bits shifted out are forgotten but the first.
      const unit = 2 ** -9;
      if (Math.abs(x) >= 2 ** -6 || x !== x) return encodeE4m3(convert(e4m3fn, x));
      const cut = Math.trunc(x / (unit / 2)) * (unit / 2);
      return encodeE4m3(convert(e4m3fn, cut === 0 ? (x < 0 || Object.is(x, -0) ? -0 : 0) : cut));
    },
    options: { from: 'binary16', to: 'e4m3fn', takes: 'codes', gives: 'codes' },
    names: ['stickyLost1 in subnormals'],
    input: 0x1401,
  },
];

function decodeHalf(code: number): number {
  const field = (code >> 10) & 31;
  if (field === 31) return code & 0x3ff ? Number.NaN : code >> 15 ? -Infinity : Infinity;
  return decodeBook(code, 5, 10);
}

function encodeE4m3(x: number): number {
  if (x !== x) return 0x7f;
  for (let code = 0; code < 256; code++)
    if (Object.is(e4m3(code), x) || (x === 0 && e4m3(code) === 0 && Object.is(x, -0) === code > 127)) return code;
  return 0;
}

/** A right converter in a way of its own. */
export interface Right {
  readonly name: string;
  /** Made for a format, and for drawn formats; null where it does not serve the format. */
  readonly make: (format: FloatFormat) => ((x: number) => number) | null;
}

const special = (format: FloatFormat, x: number): number | null => {
  if (x !== x) return format.nan === 'none' ? null : x;
  if (Math.abs(x) === Infinity) {
    return format.infinities !== 'none' ? x : format.nan !== 'none' ? Number.NaN : Math.sign(x) * format.max;
  }
  return null;
};
const over = (format: FloatFormat, x: number): number =>
  format.infinities !== 'none'
    ? Math.sign(x) * Infinity
    : format.nan !== 'none'
      ? Number.NaN
      : Math.sign(x) * format.max;
const zeroOf = (format: FloatFormat, x: number): number =>
  format.negativeZero && (x < 0 || Object.is(x, -0)) ? -0 : 0;

/** Every magnitude of a format, ascending. */
function magnitudes(format: FloatFormat): number[] {
  const found: number[] = [0];
  const { emin, emax, mantissaBits: m, max } = format;
  for (let n = 1; n < 2 ** m; n++) found.push(n * 2 ** (emin - m));
  for (let e = emin; e <= emax; e++) {
    for (let n = 0; n < 2 ** m; n++) {
      const value = (1 + n / 2 ** m) * 2 ** e;
      if (value <= max) found.push(value);
    }
  }
  return found;
}

/** Ten right ways to round. They serve formats with subnormals, to nearest, ties to even, defaults else. */
export const right: readonly Right[] = [
  { name: 'BigInt', make: (format) => (x) => convert(format, x) },
  {
    name: 'the nearest of a table, by bisection',
    make: (format) => {
      if (format.bits > 12) return null;
      const table = magnitudes(format);
      return (x) => {
        const done = special(format, x);
        if (done !== null) return done;
        const a = Math.abs(x);
        const last = table.length - 1;
        const step = table[last]! - table[last - 1]!;
        const half = format.max + step / 2;
        // The largest code is odd or even: a tie beyond it goes to the even one.
        if (a > half || (a === half && last % 2 === 1)) return over(format, x);
        if (a >= format.max) return Math.sign(x) * format.max;
        let [low, high] = [0, last];
        while (high - low > 1) {
          const middle = (low + high) >> 1;
          if (table[middle]! <= a) low = middle;
          else high = middle;
        }
        const [down, up] = [a - table[low]!, table[high]! - a];
        const index = down < up || (down === up && low % 2 === 0) ? low : high;
        return index === 0 ? zeroOf(format, x) : Math.sign(x) * table[index]!;
      };
    },
  },
  {
    name: 'a magic number added and taken away',
    make: (format) => (x) => {
      const done = special(format, x);
      if (done !== null) return done;
      const a = Math.abs(x);
      if (a >= 2 * format.max) return over(format, x);
      if (a === 0) return zeroOf(format, x);
      const exponent = Math.max(Math.floor(Math.log2(a)), format.emin);
      // log2 may be one too high just below a power of two: there the result is the power either way.
      const magic = 2 ** (exponent - format.mantissaBits + 52) * 1.5;
      const r = a + magic - magic;
      if (r > format.max) return over(format, x);
      return r === 0 ? zeroOf(format, x) : Math.sign(x) * r;
    },
  },
  {
    name: 'the significand as an integer, remainder compared',
    make: (format) => (x) => {
      const done = special(format, x);
      if (done !== null) return done;
      const a = Math.abs(x);
      if (a === 0) return zeroOf(format, x);
      view.setFloat64(0, a);
      const exponent = Math.max(((view.getUint32(0) >>> 20) & 0x7ff) - 1023, format.emin);
      const unit = 2 ** (exponent - format.mantissaBits);
      if (a / unit > 2 ** 54) return over(format, x);
      const n = Math.floor(a / unit);
      const rest = a / unit - n;
      const r = (rest > 0.5 || (rest === 0.5 && n % 2 === 1) ? n + 1 : n) * unit;
      if (r > format.max) return over(format, x);
      return r === 0 ? zeroOf(format, x) : Math.sign(x) * r;
    },
  },
  {
    name: 'Veltkamp splitting',
    make: (format) => (x) => {
      const done = special(format, x);
      if (done !== null) return done;
      const a = Math.abs(x);
      if (a > 2 * format.max) return over(format, x);
      let r: number;
      if (a < format.minNormal) {
        const magic = 1.5 * 2 ** (format.emin - format.mantissaBits + 52);
        r = a + magic - magic;
      } else {
        const c = a * (2 ** (52 - format.mantissaBits) + 1);
        r = c - (c - a);
      }
      if (r > format.max) return over(format, x);
      return r === 0 ? zeroOf(format, x) : Math.sign(x) * r;
    },
  },
  {
    name: 'half an ulp subtracted, then a step up',
    make: (format) => (x) => {
      const done = special(format, x);
      if (done !== null) return done;
      const a = Math.abs(x);
      if (a === 0) return zeroOf(format, x);
      let unit = 2 ** (format.emin - format.mantissaBits);
      while (unit * 2 ** (format.mantissaBits + 1) <= a && unit < 2 ** 600) unit *= 2;
      const quotient = a / unit;
      if (quotient >= 2 ** 53) return over(format, x);
      const below = Math.ceil(quotient - 0.5);
      const above = Math.floor(quotient + 0.5);
      const n = quotient >= 2 ** 52 ? quotient : below === above ? below : below % 2 === 0 ? below : above;
      const r = n * unit;
      if (r > format.max) return over(format, x);
      return r === 0 ? zeroOf(format, x) : Math.sign(x) * r;
    },
  },
  {
    name: 'bits of binary64, added to and masked',
    make: (format) => {
      if (format.emin - format.mantissaBits < -1000) return null;
      return (x) => {
        const done = special(format, x);
        if (done !== null) return done;
        const a = Math.abs(x);
        if (a === 0) return zeroOf(format, x);
        view.setFloat64(0, a);
        const bits = view.getBigUint64(0);
        const exponent = Number(bits >> 52n) - 1023;
        const drop = BigInt(52 - format.mantissaBits + Math.max(0, format.emin - exponent));
        const least = 2 ** (format.emin - format.mantissaBits);
        if (drop > 52n) {
          const r = a > least / 2 ? least : 0;
          return r === 0 ? zeroOf(format, x) : Math.sign(x) * r;
        }
        const odd = (bits >> drop) & 1n;
        // The implicit bit of 1.0 is not in the field: at drop 52 the last bit kept is it.
        const last = drop === 52n ? 1n : odd;
        const moved = ((bits + ((1n << (drop - 1n)) - 1n) + last) >> drop) << drop;
        view.setBigUint64(0, moved);
        const r = view.getFloat64(0);
        return r > format.max ? over(format, x) : Math.sign(x) * r;
      };
    },
  },
  {
    name: 'from above and below, the nearer',
    make: (format) => (x) => {
      const done = special(format, x);
      if (done !== null) return done;
      const a = Math.abs(x);
      const exponent =
        a < format.minNormal ? format.emin : Math.floor(Math.log2(a) + (2 ** Math.floor(Math.log2(a)) > a ? -1 : 0));
      const unit = 2 ** (exponent - format.mantissaBits);
      if (a > 4 * format.max) return over(format, x);
      const down = Math.floor(a / unit) * unit;
      const up = down + unit;
      const nearer = a - down < up - a ? down : a - down > up - a ? up : (down / unit) % 2 === 0 ? down : up;
      if (nearer > format.max) return over(format, x);
      return nearer === 0 ? zeroOf(format, x) : Math.sign(x) * nearer;
    },
  },
  {
    name: 'through binary32 rounded to odd',
    make: (format) => {
      // Rounding to odd first and once more is rounding once, with two bits to spare.
      if (format.mantissaBits > 20 || format.emin - format.mantissaBits < -140 || format.emax > 126) return null;
      return (x) => {
        const near = Math.fround(x);
        if (x !== x || near === x || Math.abs(near) === Infinity)
          return convert(format, Math.abs(near) === Infinity ? x : near);
        const bits = bitsOf(near);
        const truncated = Math.abs(near) > Math.abs(x) ? bits - 1 : bits;
        return convert(format, numberOf(truncated | 1));
      };
    },
  },
  {
    name: 'binary search on codes',
    make: (format) => {
      if (format.bits > 16) return null;
      const { mantissaBits: m, emin } = format;
      const value = (code: number): number => {
        const field = Math.floor(code / 2 ** m);
        const fraction = code % 2 ** m;
        return field === 0 ? fraction * 2 ** (emin - m) : (1 + fraction / 2 ** m) * 2 ** (field - 1 + emin);
      };
      return (x) => {
        const done = special(format, x);
        if (done !== null) return done;
        const a = Math.abs(x);
        if (a > 4 * format.max) return over(format, x);
        let [low, high] = [0, 2 ** format.bits * 4];
        while (high - low > 1) {
          const middle = Math.floor((low + high) / 2);
          if (value(middle) <= a) low = middle;
          else high = middle;
        }
        const middle = (value(low) + value(high)) / 2;
        const code = a < middle || (a === middle && low % 2 === 0) ? low : high;
        const r = value(code);
        if (r > format.max) return over(format, x);
        return r === 0 ? zeroOf(format, x) : Math.sign(x) * r;
      };
    },
  },
];
