/**
 * What converters do wrong when they take a number of the source apart.
 *
 * @module
 */

import { catalogue } from '../../formats/catalogue.ts';
import type { FloatFormat, Format } from '../../formats/format.ts';
import { formatName } from '../../formats/formatName.ts';
import { decode } from '../../rounding/codes.ts';
import type { Setup } from '../conformance/compute.ts';
import type { Operand } from '../conformance/operand.ts';
import type { VectorSource } from '../conformance/task.ts';
import type { Behaviour } from './behaviour.ts';
import { bytesSwapped, exponentIn } from './grid.ts';

type Read = (x: number, operand: Operand) => number;

/** A change of how operands are read: after what is changed already, or before all of it. */
function changeOf(read: Read, place: 'first' | 'last'): Behaviour<Setup>['change'] {
  const own = (operand: Operand): Operand => ({ ...operand, x: read(operand.x, operand) });
  return (setup) => ({ ...setup, read: place === 'first' ? [own, ...setup.read] : [...setup.read, own] });
}

/** A change of how a code is read, before whatever else happens to its number. */
function readingCodes(group: string, name: string, text: string, read: Read): Behaviour<Setup> {
  return { name, text, group, change: changeOf(read, 'first') };
}

/** A change of how an operand is read, by its number alone. */
export function reading(
  group: string,
  name: string,
  text: string,
  read: Read,
  where?: Behaviour<Setup>['where'],
): Behaviour<Setup> {
  return { name, text, group, change: changeOf(read, 'last'), ...(where === undefined ? {} : { where }) };
}

/** The deviations in reading a source, on the way to a format. */
export function readingBehaviours(source: VectorSource, format: Format): Behaviour<Setup>[] {
  const sign = [reading('sign', 'dropsSign', 'loses the sign of negative numbers', Math.abs)];
  if (source === 'binary64' || source.kind === 'integer') return [...offByOne, ...sign, ...int32First(format)];
  return [
    ...int32First(format),
    ...(source.bits === 16 || source.bits === 32
      ? [
          readingCodes('reading', 'bytesSwappedFirst', 'reads the bytes of codes in the other order', (_, { bits }) =>
            decode(source, bytesSwapped(source, Number(bits))),
          ),
        ]
      : []),
    ...subnormals(source),
    ...specials(source),
    ...biases(source, format),
    ...sign,
    ...Object.values(catalogue)
      .filter((other) => other.kind === 'float' && other.bits === source.bits && differs(other, source))
      .map((other) =>
        readingCodes(
          'reading',
          `reads as ${formatName(other)}`,
          `reads the codes as ${formatName(other)}`,
          (_, { bits }) => decode(other, Number(bits)),
        ),
      ),
  ];
}

/** On the way to an integer: what a conversion to int32 does to numbers that it does not hold, before the clamp. */
function int32First(format: Format): Behaviour<Setup>[] {
  if (format.kind !== 'integer') return [];
  const isHeld = (x: number): boolean => x >= -(2 ** 31) && x < 2 ** 31;
  return [
    reading(
      'int32',
      'int32Wraps',
      'converts to int32 first, as x | 0: what is larger wraps, infinities become 0',
      (x) => (x !== x || isHeld(Math.trunc(x)) ? x : x | 0),
    ),
    reading(
      'int32',
      'int32Indefinite',
      'converts to int32 first, as x86: what is larger, infinities and NaN become −2^31',
      (x) => (isHeld(Math.trunc(x)) ? x : -(2 ** 31)),
    ),
    reading('int32', 'int32Saturates', 'converts to int32 first, which saturates', (x) =>
      x !== x ? x : Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1),
    ),
  ];
}

/** Whether two formats of the same width read some code differently. */
function differs(other: Format, source: FloatFormat): boolean {
  return formatName(other) !== formatName(source);
}

function subnormals(source: FloatFormat): Behaviour<Setup>[] {
  const { minSubnormal, minNormal, bias, emin } = source;
  if (minSubnormal === null) return [];
  const isSubnormal: Behaviour<Setup>['where'] = ([operand]) => {
    const a = Math.abs((operand as Operand).x);
    return a > 0 && a < minNormal;
  };
  const isField0: Behaviour<Setup>['where'] = ([operand]) => Math.abs((operand as Operand).x) < minNormal;
  const byNormalFormula = (x: number): number =>
    (x < 0 || Object.is(x, -0) ? -1 : 1) * (1 + Math.abs(x) / 2 ** emin) * 2 ** -bias;
  return [
    reading('reading', 'subnormalsHalved', 'reads subnormal numbers a binade too small', (x) => x / 2, isSubnormal),
    reading('reading', 'subnormalsAsZero', 'reads subnormal numbers as zero', (x) => 0 * x, isSubnormal),
    reading('reading', 'subnormalsUnsigned', 'loses the sign of subnormal numbers and zeros', Math.abs, isField0),
    reading('reading', 'subnormalsDoubled', 'reads subnormal numbers a binade too large', (x) => x * 2, isSubnormal),
    reading(
      'reading',
      'subnormalsOred',
      'ORs the leading bit of subnormal numbers into the exponent: every other binade is doubled',
      // Exponent fields of binary32 and binary64 have the parity of the exponent and one.
      (x) => (Math.abs(exponentIn(Math.abs(x)) % 2) === 1 ? x * 2 : x),
      isSubnormal,
    ),
    reading(
      'reading',
      'subnormalsAsNormal',
      'reads subnormal numbers by the formula of normal ones, with the hidden bit',
      byNormalFormula,
      isSubnormal,
    ),
    reading(
      'reading',
      'fieldZeroAsNormal',
      'reads subnormal numbers and zero by the formula of normal ones, with the hidden bit',
      byNormalFormula,
      isField0,
    ),
  ];
}

function specials(source: FloatFormat): Behaviour<Setup>[] {
  const { exponentBits, mantissaBits, bias, signed, emax, infinities, nan } = source;
  const steps = 2 ** mantissaBits;
  const magnitudes = 2 ** (exponentBits + mantissaBits);
  const byFormula = (code: number): number => {
    const magnitude = code % magnitudes;
    const value = (1 + (magnitude % steps) / steps) * 2 ** (Math.floor(magnitude / steps) - bias);
    return signed && code >= magnitudes ? -value : value;
  };
  const found: Behaviour<Setup>[] = [];
  if (infinities !== 'none' || (nan !== 'none' && nan !== 'negativeZero')) {
    found.push(
      readingCodes(
        'specials',
        'specialsAsNumbers',
        'reads the codes of infinities and NaN as numbers',
        (x, { bits }) => (Number.isFinite(x) ? x : byFormula(Number(bits))),
      ),
    );
  }
  if (nan === 'negativeZero') {
    found.push(readingCodes('specials', 'nanAsZero', 'reads the code of NaN as −0', (x) => (Number.isNaN(x) ? -0 : x)));
  }
  if (infinities !== 'ieee') {
    const top = 2 ** (2 ** exponentBits - 1 - bias);
    const isTop = (x: number): boolean => emax === 2 ** exponentBits - 1 - bias && Math.abs(x) >= top;
    found.push(
      readingCodes('specials', 'topAsSpecial', "reads the top exponent as IEEE 754's infinity and NaN", (x) => {
        if (!isTop(x)) return x;
        return Math.abs(x) === top ? Math.sign(x) * Infinity : Number.NaN;
      }),
      readingCodes('specials', 'topAsNaN', 'reads the whole top exponent as NaN', (x) => (isTop(x) ? Number.NaN : x)),
      readingCodes('specials', 'topAsInfinity', 'reads the whole top exponent as infinity', (x) =>
        isTop(x) ? Math.sign(x) * Infinity : x,
      ),
    );
  }
  return found;
}

/** A bias off by one, on either side. */
const offByOne: readonly Behaviour<Setup>[] = [
  reading('scale', 'biasTooLarge', 'takes a bias of one too many: every number is halved', (x) => x / 2),
  reading('scale', 'biasTooSmall', 'takes a bias of one too few: every number is doubled', (x) => x * 2),
];

function biases(source: FloatFormat, format: Format): readonly Behaviour<Setup>[] {
  const power = format.kind === 'float' ? source.bias - format.bias : 0;
  if (power === 0) return offByOne;
  return [
    reading(
      'scale',
      'notRebiased',
      `copies the exponent field without re-biasing it: every number is off by 2^${power}`,
      (x) => x * 2 ** power,
    ),
    ...offByOne,
  ];
}
