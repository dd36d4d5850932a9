/**
 * What converters do wrong when they put a number of the result together: carries, powers of two, NaN, zeros.
 *
 * @module
 */
import { catalogue } from '../../formats/catalogue.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { decode, encode } from '../../rounding/codes.ts';
import type { CodeOutcome, NaNOperand } from '../../rounding/profileOutcome.ts';
import { round } from '../../rounding/round.ts';
import { type Conversion, outcomeOf, type Setup } from '../conformance/compute.ts';
import type { Behaviour } from './behaviour.ts';
import { freely } from './freely.ts';
import { bytesSwapped, exponentIn, isPowerOfTwo, leastNormal, magnitudesOf, valueAt, zeroOf } from './grid.ts';

type Write = (found: CodeOutcome, x: number, nan: NaNOperand) => number | null;

/** A change of results: another value, or null where the result stays. */
export function writing(format: Format, group: string, name: string, text: string, write: Write): Behaviour<Setup> {
  const change = (found: CodeOutcome, x: number, nan: NaNOperand): CodeOutcome => {
    const value = write(found, x, nan);
    return value === null ? found : { ...outcomeOf(format, value), flags: found.flags };
  };
  return { name, text, group, change: (setup) => ({ ...setup, write: [...setup.write, change] }) };
}

const signOf = (x: number): number => (x < 0 || Object.is(x, -0) ? -1 : 1);

/** The deviations in writing a format. */
export function writingBehaviours(task: Conversion): Behaviour<Setup>[] {
  const { source, format } = task;
  return [
    ...(format.kind === 'float' && format.bits <= 53 ? [...carries(task, format), ...powers(task, format)] : []),
    ...smallest(format),
    ...nans(format),
    ...(source !== 'binary64' && source.kind === 'float' && format.kind === 'float' ? nanBits(source, format) : []),
    ...zeros(format),
    ...otherFormats(format),
    ...complements(format),
    ...distances(format),
    ...(format.bits === 16 || format.bits === 32
      ? [
          writing(format, 'format', 'bytesSwapped', 'writes the bytes of codes in the other order', ({ code }) =>
            // A number that the format does not have has no code.
            Number.isInteger(code) ? decode(format, bytesSwapped(format, code)) : null,
          ),
        ]
      : []),
  ];
}

/** The magnitude of a result before overflow is looked at. */
function unlimited(task: Conversion, x: number, value: number): number {
  const isInside = Number.isFinite(value) && Math.abs(x) <= task.format.max;
  return Math.abs(isInside || !Number.isFinite(x) ? value : freely(task, x));
}

/** What rounds up to a power of two: there the significand overflows into the exponent. */
function carries(task: Conversion, format: FloatFormat): Behaviour<Setup>[] {
  const { emin, bias, mantissaBits, minNormal, lowest } = format;
  if (mantissaBits === 0) return [];
  const found = (name: string, text: string, below: (exponent: number) => number | null): Behaviour<Setup> =>
    writing(format, 'carry', name, text, ({ value }, x) => {
      const [a, r] = [Math.abs(x), unlimited(task, x, value)];
      const carried = a > 0 && a < r && isPowerOfTwo(r);
      if (!carried || r < minNormal) return null;
      if (r === minNormal && lowest !== 'subnormal') return null;
      const lower = below(exponentIn(r) - 1);
      return lower === null || lower > format.max ? null : signOf(x) * lower;
    });
  // Below the normal numbers a significand without its carry is zero.
  const dropped = (exponent: number): number => (exponent < emin ? 0 : 2 ** exponent);
  return [
    found('carryLost', 'loses the carry of the significand: what rounds up to a power of two is halved', dropped),
    found(
      'carryOred',
      'ORs the carry of the significand into the exponent instead of adding it: what rounds up to a power of two is ' +
        'halved where the exponent is odd',
      (exponent) => (exponent >= emin && (exponent + bias) % 2 !== 0 ? dropped(exponent) : null),
    ),
    found(
      'carryClamped',
      'keeps the significand from overflowing: what rounds up to a power of two stays just below it',
      (exponent) => (2 - 2 ** -mantissaBits) * 2 ** exponent - (exponent < emin ? 2 ** (exponent - mantissaBits) : 0),
    ),
  ];
}

/** Numbers that are powers of two themselves. */
function powers(task: Conversion, format: FloatFormat): Behaviour<Setup>[] {
  const { minNormal, max } = format;
  const at = (name: string, text: string, change: (found: CodeOutcome, x: number) => number): Behaviour<Setup> =>
    writing(format, 'power', name, text, (found, x) =>
      isPowerOfTwo(Math.abs(x)) && unlimited(task, x, found.value) === Math.abs(x) && Math.abs(x) >= minNormal
        ? change(found, x)
        : null,
    );
  return [
    at('powersHalved', 'takes an exponent of one too few for powers of two: they are halved', ({ value }, x) =>
      Math.abs(x) / 2 > max ? value : x / 2,
    ),
    at(
      'powersDoubled',
      'takes an exponent of one too many for powers of two: they are doubled',
      ({ value }) => value * 2,
    ),
    at('powersAbove', 'gives the next number above for powers of two', ({ value, code }) =>
      Number.isFinite(value) ? valueAt(format, code + 1) : value,
    ),
    at('powersBelow', 'gives the next number below for powers of two', ({ value, code }) =>
      Number.isFinite(value) ? valueAt(format, code - 1) : value,
    ),
  ];
}

/** A search for the nearest number by its distance. */
function distances(format: Format): Behaviour<Setup>[] {
  const { max } = format;
  const none = (rounded: (x: number) => number, name: string, text: string): Behaviour<Setup> =>
    writing(format, 'huge', name, text, (_, x) => {
      const a = Math.abs(x);
      return a > max && !(rounded(a - max) < a) ? zeroOf(format, x) : null;
    });
  const clause = 'which is the same to all for a huge number: these, and infinities, become the first one, zero';
  return [
    none((x) => x, 'hugeToZero', `looks for the nearest number by its distance, ${clause}`),
    none(Math.fround, 'hugeToZeroBinary32', `looks for the nearest number by its distance in binary32, ${clause}`),
  ];
}

function smallest(format: Format): Behaviour<Setup>[] {
  if (format.kind !== 'float' || format.lowest === 'normal') return [];
  const least = format.minSubnormal ?? format.minNormal;
  const normal = leastNormal(format);
  const subnormal = (name: string, text: string, change: (value: number) => number): Behaviour<Setup> =>
    writing(format, 'subnormals', name, text, ({ value }, x) =>
      Math.abs(x) < normal && value !== 0 ? change(value) : null,
    );
  return [
    writing(
      format,
      'smallest',
      'smallestLost',
      'makes zero of whatever lies below the smallest number, also what is nearer to it',
      (_, x) => (x !== 0 && Math.abs(x) < least ? zeroOf(format, x) : null),
    ),
    writing(format, 'smallest', 'smallestKept', 'never rounds to zero: tiny numbers become the smallest one', (_, x) =>
      x !== 0 && Math.abs(x) < least ? signOf(x) * least : null,
    ),
    writing(format, 'smallest', 'smallestFlushed', 'flushes the smallest number to zero', ({ value }, x) =>
      Math.abs(value) === least && x !== 0 ? zeroOf(format, x) : null,
    ),
    ...(format.minSubnormal === null
      ? []
      : [
          writing(
            format,
            'subnormals',
            'subnormalsToEnds',
            'makes zero or the smallest normal number of subnormal results, whichever is nearer',
            (_, x) => {
              const a = Math.abs(x);
              if (!(a > 0 && a < normal)) return null;
              return a > normal / 2 ? signOf(x) * normal : zeroOf(format, x);
            },
          ),
          subnormal(
            'subnormalsToNormal',
            'makes the smallest normal number of subnormal results',
            (value) => signOf(value) * normal,
          ),
          subnormal('subnormalCodesDoubled', 'writes subnormal results shifted up by a bit', (value) => value * 2),
          subnormal(
            'subnormalCodesHalved',
            'writes subnormal results shifted down by a bit',
            (value) => Math.trunc(value / least / 2) * least,
          ),
        ]),
  ];
}

function nans(format: Format): Behaviour<Setup>[] {
  const { max } = format;
  const instead = (name: string, text: string, value: (negative: boolean) => number): Behaviour<Setup> =>
    writing(format, 'nanValue', name, text, (_, x, nan) => (x !== x ? value(nan.negative) : null));
  const infinite = (name: string, text: string, value: (x: number) => number): Behaviour<Setup> =>
    writing(format, 'infinity', name, text, (_, x) => (Math.abs(x) === Infinity ? value(x) : null));
  const hasInfinity = format.kind === 'float' && format.infinities !== 'none';
  const hasNaN = format.kind === 'float' && format.nan !== 'none';
  return [
    instead('nanToInfinity', 'makes infinity of NaN', () => Infinity),
    instead('nanToSignedInfinity', 'makes infinity of NaN, with its sign', (negative) =>
      negative ? -Infinity : Infinity,
    ),
    ...(hasNaN ? [] : [instead('nanKept', 'gives NaN for NaN, which the format does not have', () => Number.NaN)]),
    instead('nanBecomesZero', 'makes zero of NaN', () => 0),
    instead('nanBecomesMax', 'makes the largest number of NaN', () => max),
    instead('nanBecomesSignedMax', 'makes ±max of NaN, by its sign', (negative) => (negative ? -max : max)),
    ...(format.signed
      ? [
          instead('nanBecomesMin', 'makes the lowest number of NaN', () =>
            format.kind === 'integer' ? format.min : -max,
          ),
        ]
      : []),
    ...(hasNaN ? [infinite('infinityToNaN', 'makes NaN of infinities', () => Number.NaN)] : []),
    infinite('infinityToMax', 'makes ±max of infinities', (x) => (x > 0 ? max : format.signed ? -max : 0)),
    infinite('infinityToZero', 'makes zero of infinities', () => 0),
    ...(hasInfinity ? [infinite('infinityUnsigned', 'loses the sign of infinities', () => Infinity)] : []),
  ];
}

/** NaNs whose bits are handled as those of a number. */
function nanBits(source: FloatFormat, format: FloatFormat): Behaviour<Setup>[] {
  if (format.nan !== 'ieee' || source.nan !== 'ieee' || source.mantissaBits <= format.mantissaBits) return [];
  const steps = 2 ** format.mantissaBits;
  const infinity = magnitudesOf(format) - steps;
  const sign = (nan: NaNOperand): number => (format.signed && nan.negative ? magnitudesOf(format) : 0);
  const sourceSteps = 2 ** source.mantissaBits;
  return [
    writing(
      format,
      'nanValue',
      'nanCut',
      'cuts the payload of a NaN: where the leading bits are zero, infinity is left',
      (_, x, nan) => (x !== x ? decode(format, sign(nan) + infinity + Math.floor(nan.fraction * steps)) : null),
    ),
    writing(
      format,
      'nanValue',
      'nanRounded',
      'rounds the bits of a NaN as those of a number: they run over into infinity or the sign',
      (_, x, nan) => {
        if (x === x) return null;
        // Half a unit, less one, plus the last bit kept: the usual way to round to even on bits.
        const bits = Math.round(nan.fraction * sourceSteps);
        const [whole, unit] = [Math.floor((bits * steps) / sourceSteps), sourceSteps / steps];
        const up = bits % unit > unit / 2 || (bits % unit === unit / 2 && whole % 2 === 1);
        return valueAt(format, sign(nan) + infinity + whole + (up ? 1 : 0));
      },
    ),
  ];
}

function zeros(format: Format): Behaviour<Setup>[] {
  if (format.kind !== 'float' || !format.negativeZero) return [];
  return [
    writing(format, 'zero', 'roundedZeroUnsigned', 'loses the sign of numbers that round to zero', ({ value }, x) =>
      Object.is(value, -0) && x !== 0 ? 0 : null,
    ),
    writing(format, 'zero', 'subnormalSignLost', 'loses the sign of zeros and subnormal results', ({ value }) =>
      Math.abs(value) < leastNormal(format) && (value < 0 || Object.is(value, -0)) ? -value : null,
    ),
    writing(format, 'zero', 'negativeZeroLost', 'makes +0 of −0', (_, x) => (Object.is(x, -0) ? 0 : null)),
    writing(format, 'zero', 'negativeZeroNaN', 'makes NaN of −0', (_, x) => (Object.is(x, -0) ? Number.NaN : null)),
  ];
}

/** Negative numbers as negative codes, and not as a sign and a magnitude. */
function complements(format: Format): Behaviour<Setup>[] {
  if (format.kind !== 'float' || !format.signed || format.bits > 16) return [];
  return [
    writing(format, 'format', 'twosComplement', "writes negative numbers in two's complement", ({ value, code }) =>
      value < 0 && Number.isInteger(code) ? valueAt(format, format.codes - (code - magnitudesOf(format))) : null,
    ),
  ];
}

/** Codes of another format of the same width: read as the one asked for. */
function otherFormats(format: Format): Behaviour<Setup>[] {
  if (format.kind !== 'float' || format.bits > 16) return [];
  const others = Object.values(catalogue).filter(
    (other): other is FloatFormat =>
      other.kind === 'float' && other.bits === format.bits && formatName(other) !== formatName(format),
  );
  const policyOf = ({ nan }: FloatFormat) => (nan === 'none' ? ({ nanInput: 'zero' } as const) : {});
  return [
    ...others.map((other) => {
      const name = formatName(other);
      return writing(format, 'format', `writes ${name}`, `writes the codes of ${name}`, (_, x) =>
        decode(format, encode(other, x, policyOf(other))),
      );
    }),
    ...others
      .filter(({ mantissaBits }) => mantissaBits === format.mantissaBits)
      .map((other) => {
        const name = formatName(other);
        const text = `rounds to the values of ${name}, another format of as many bits`;
        return writing(format, 'format', `rounds to ${name}`, text, (_, x) => round(other, x, policyOf(other)));
      }),
  ];
}
