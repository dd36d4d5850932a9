/**
 * Converters written by hand: right ones, in ways that differ, and each disease as a mutant. They share no code with what
 * judges them: exact arithmetic on BigInt, or the bits of binary32.
 */
import type { FloatFormat } from '../../../src/formats/index.ts';

/** |x| = n · 2^exponent, exactly. */
function split(x: number): { n: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const field = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return field === 0 ? { n: fraction, exponent: -1074 } : { n: fraction | (1n << 52n), exponent: field - 1075 };
}

/** What a converter may get wrong; nothing: a right one. */
export interface Disease {
  readonly ties?: 'even' | 'away' | 'up' | 'zero';
  readonly truncates?: boolean;
  readonly negativesTruncate?: boolean;
  readonly negativesTiesAway?: boolean;
  readonly viaFloat32?: boolean;
  readonly twiceBelowNormal?: boolean;
  readonly guardBits?: number;
  readonly cutsToFloat32?: boolean;
  readonly carry?: 'lost' | 'ored' | 'clamped';
  readonly subnormals?: 'halved' | 'doubled' | 'flushed' | 'truncated';
  readonly overflow?:
    | 'saturates'
    | 'infinite'
    | 'nan'
    | 'beforeRounding'
    | 'topMissing'
    | 'topSaturated'
    | 'maxBelow'
    | 'wraps';
  readonly nan?: 'infinity' | 'zero' | 'max';
  readonly infinity?: 'max' | 'nan';
  readonly negativeZero?: 'lost' | 'roundedLost';
  readonly scale?: number;
  readonly powersOff?: 'halved' | 'above';
  readonly smallestLost?: boolean;
  readonly sign?: 'dropped';
}

/** x rounded to a format by hand: ties to even, overflow to what the format has (infinity, NaN, ±max), gradual underflow. */
export function convert(format: FloatFormat, given: number, disease: Disease = {}): number {
  const { mantissaBits: m, emin, emax, max, infinities, nan } = format;
  let x = given;
  const sign = (x < 0 || Object.is(x, -0)) && disease.sign !== 'dropped' ? -1 : 1;
  if (x !== x) {
    if (disease.nan === 'infinity') return Infinity;
    if (disease.nan === 'zero') return 0;
    if (disease.nan === 'max') return max;
    return x;
  }
  const special = (): number =>
    disease.overflow === 'saturates'
      ? sign * max
      : disease.overflow === 'infinite'
        ? sign * Infinity
        : disease.overflow === 'nan'
          ? Number.NaN
          : infinities !== 'none'
            ? sign * Infinity
            : nan !== 'none'
              ? Number.NaN
              : sign * max;
  if (Math.abs(x) === Infinity) {
    if (disease.infinity === 'max' || disease.overflow === 'saturates') return sign * max;
    if (disease.infinity === 'nan') return Number.NaN;
    if (infinities !== 'none') return sign * Infinity;
    return nan !== 'none' ? Number.NaN : sign * max;
  }
  const zero = (): number => {
    if (disease.negativeZero === 'lost') return 0;
    if (disease.negativeZero === 'roundedLost' && given !== 0) return 0;
    return format.negativeZero && sign < 0 ? -0 : 0;
  };
  if (x === 0) return zero();
  if (disease.scale !== undefined) x *= 2 ** disease.scale;
  if (disease.viaFloat32) x = Math.fround(x);
  if (disease.cutsToFloat32) {
    const near = Math.fround(x);
    x = Math.abs(near) > Math.abs(x) ? nextToward(near) : near;
  }
  if (disease.subnormals === 'halved' && Math.abs(x) < format.minNormal) x /= 2;
  if (disease.subnormals === 'doubled' && Math.abs(x) < format.minNormal) x *= 2;
  if (Math.abs(x) === Infinity) return special();
  if (disease.smallestLost && Math.abs(x) < (format.minSubnormal ?? format.minNormal)) return zero();
  const top = 2 ** emax;
  if (disease.overflow === 'beforeRounding' && Math.abs(x) > max) return special();
  if (disease.overflow === 'topSaturated' && Math.abs(x) >= top) return sign * max;
  if (disease.overflow === 'topMissing') {
    const below = top - 2 ** (emax - 1 - m);
    if (Math.abs(x) > below) return sign * below;
  }
  const { n, exponent } = split(x);
  const high = exponent + n.toString(2).length - 1;
  const isTiny = high < emin;
  let quantum = Math.max(high, emin) - m;
  if (disease.subnormals === 'flushed' && isTiny) {
    // Tininess after rounding: what rounds up to the smallest normal number stays.
    const free = roundTo(n, exponent, high - m, 'even', sign, undefined);
    if (Number(free) * 2 ** (high - m) < format.minNormal) return zero();
  }
  const ties = disease.negativesTiesAway && sign < 0 ? 'away' : (disease.ties ?? 'even');
  const truncates =
    disease.truncates || (disease.negativesTruncate && sign < 0) || (disease.subnormals === 'truncated' && isTiny);
  let [digits, at] = [n, exponent];
  if (disease.twiceBelowNormal && isTiny) {
    digits = roundTo(digits, at, high - m, ties, sign, undefined);
    at = high - m;
  }
  let units = roundTo(digits, at, quantum, truncates ? 'down' : ties, sign, disease.guardBits);
  const limit = 1n << BigInt(m + 1);
  const carried = (high >= emin && units === limit) || (isTiny && units === limit / 2n);
  if (carried && disease.carry !== undefined) {
    const before = isTiny ? 0 : high + format.bias;
    if (disease.carry === 'clamped') units -= 1n;
    else if (disease.carry === 'lost') units = isTiny ? 0n : limit / 2n;
    else if (before % 2 !== 0) units = limit / 2n;
  }
  if (disease.powersOff !== undefined && !isTiny && (n & (n - 1n)) === 0n) {
    if (disease.powersOff === 'halved') quantum -= 1;
    else units += 1n;
  }
  const value = Number(units) * 2 ** quantum;
  if (disease.overflow === 'maxBelow') {
    const below = max - 2 ** (emax - m);
    return value === 0 ? zero() : sign * Math.min(value, below);
  }
  if (value > max) {
    if (disease.overflow === 'wraps') {
      const shift = 2 ** (2 ** format.exponentBits);
      return sign * Math.max(value / shift, format.minNormal);
    }
    return special();
  }
  return value === 0 ? zero() : sign * value;
}

/** n · 2^exponent in units of 2^quantum. */
function roundTo(
  n: bigint,
  exponent: number,
  quantum: number,
  ties: 'even' | 'away' | 'up' | 'zero' | 'down',
  sign: number,
  guardBits: number | undefined,
): bigint {
  const shift = quantum - exponent;
  if (shift <= 0) return n << BigInt(-shift);
  const whole = n >> BigInt(shift);
  let rest = n - (whole << BigInt(shift));
  const half = 1n << BigInt(shift - 1);
  if (guardBits !== undefined && shift > guardBits)
    rest = (rest >> BigInt(shift - guardBits)) << BigInt(shift - guardBits);
  if (rest === 0n || ties === 'down') return whole;
  if (rest > half) return whole + 1n;
  if (rest < half) return whole;
  if (ties === 'away') return whole + 1n;
  if (ties === 'zero') return whole;
  if (ties === 'up') return sign > 0 ? whole + 1n : whole;
  return whole + (whole & 1n);
}

/** The binary32 number next to one, toward zero. */
function nextToward(x: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  view.setUint32(0, view.getUint32(0) - 1);
  return view.getFloat32(0);
}

/** A mutant: its disease, and the names by which a diagnosis may call it. */
export interface Mutant {
  readonly name: string;
  readonly disease: Disease;
  readonly names: readonly string[];
}

/** Twenty-four diseases of converters. */
export const mutants: readonly Mutant[] = [
  { name: 'truncates', disease: { truncates: true }, names: ['towardZero', 'towardZero overflowing'] },
  { name: 'ties away', disease: { ties: 'away' }, names: ['tiesToAway'] },
  { name: 'ties up', disease: { ties: 'up' }, names: ['tiesUp'] },
  { name: 'ties toward zero', disease: { ties: 'zero' }, names: ['tiesToZero'] },
  {
    name: 'negatives are truncated',
    disease: { negativesTruncate: true },
    names: ['towardZero for negatives', 'towardZero overflowing for negatives'],
  },
  { name: 'negative ties go away', disease: { negativesTiesAway: true }, names: ['tiesToAway for negatives'] },
  { name: 'rounds through binary32', disease: { viaFloat32: true }, names: ['via binary32'] },
  { name: 'rounds subnormals twice', disease: { twiceBelowNormal: true }, names: ['twiceInSubnormals'] },
  { name: 'no sticky bit', disease: { guardBits: 1 }, names: ['stickyLost1'] },
  { name: 'two guard bits, no sticky bit', disease: { guardBits: 2 }, names: ['stickyLost2'] },
  { name: 'cuts the source to binary32', disease: { cutsToFloat32: true }, names: ['cut to binary32'] },
  { name: 'loses the carry', disease: { carry: 'lost' }, names: ['carryLost'] },
  { name: 'ORs the carry', disease: { carry: 'ored' }, names: ['carryOred'] },
  { name: 'subnormals a binade small', disease: { subnormals: 'halved' }, names: ['subnormalResultsHalved'] },
  { name: 'subnormals a binade large', disease: { subnormals: 'doubled' }, names: ['subnormalResultsDoubled'] },
  { name: 'flushes subnormals', disease: { subnormals: 'flushed' }, names: ['flushOutputs'] },
  { name: 'truncates subnormals', disease: { subnormals: 'truncated' }, names: ['towardZero in subnormals'] },
  { name: 'saturates', disease: { overflow: 'saturates' }, names: ['saturate'] },
  {
    name: 'judges overflow before rounding',
    disease: { overflow: 'beforeRounding' },
    names: ['overflowBeforeRounding'],
  },
  { name: 'has no top binade', disease: { overflow: 'topMissing' }, names: ['topBinadeMissing'] },
  { name: 'saturates the top binade', disease: { overflow: 'topSaturated' }, names: ['topBinadeSaturated'] },
  { name: 'makes infinity of NaN', disease: { nan: 'infinity' }, names: ['nanToInfinity', 'specialsAsNumbers'] },
  { name: 'makes zero of NaN', disease: { nan: 'zero' }, names: ['nanBecomesZero'] },
  { name: 'loses −0', disease: { negativeZero: 'lost' }, names: ['unsignedZero'] },
  { name: 'is off by a power of two', disease: { scale: -3 }, names: ['scaled 2^-3'] },
  { name: 'halves powers of two', disease: { powersOff: 'halved' }, names: ['powersHalved'] },
];
