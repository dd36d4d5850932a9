/**
 * What converters do wrong at the ends of the range: when a result overflows, and what becomes of it.
 *
 * @module
 */
import type { FloatFormat, Format, IntegerFormat } from '../../formats/format.ts';
import { encodeValue } from '../../rounding/codes.ts';
import type { Conversion, Setup } from '../conformance/compute.ts';
import type { Behaviour } from './behaviour.ts';
import { freely } from './freely.ts';
import { exponentIn, magnitudesOf, quantumAt, valueAt } from './grid.ts';
import { reading } from './reading.ts';
import { writing } from './writing.ts';

/** The deviations at the ends of a format's range. */
export function limitBehaviours(task: Conversion): Behaviour<Setup>[] {
  const { format } = task;
  if (format.bits > 53) return [];
  const { max } = format;
  const beforeRounding = reading(
    'threshold',
    'overflowBeforeRounding',
    'decides overflow before rounding: whatever lies above the largest number overflows',
    (x) => (Number.isFinite(x) && Math.abs(x) > max ? Math.sign(x) * Number.MAX_VALUE : x),
  );
  return [
    beforeRounding,
    clampAt(format, max - quantumAt(format, max), 'clampsBelowMax', 'stops at the number below the largest'),
    overflowTo(task, 'overflowToZero', 'makes zero of what overflows', () => 0),
    ...(format.kind === 'float' && format.negativeZero
      ? [
          overflowTo(
            task,
            'overflowToSignedZero',
            'makes zero of what overflows, with its sign',
            (_, x) => 0 * Math.sign(x),
          ),
        ]
      : []),
    ...(format.kind === 'float' && format.infinities === 'none'
      ? [overflowTo(task, 'overflowInfinite', 'makes infinity of what overflows', (_, x) => Math.sign(x) * Infinity)]
      : []),
    ...(format.kind === 'integer' || format.nan === 'none'
      ? [overflowTo(task, 'overflowNaN', 'makes NaN of what overflows', () => Number.NaN)]
      : []),
    overflowTo(task, 'overflowUnsigned', 'loses the sign of what overflows', (value) => Math.abs(value)),
    ...(format.signed
      ? [
          writing(
            format,
            'limit',
            'clampedUnsigned',
            'loses the sign of numbers beyond the largest one',
            ({ value }, x) => (Number.isFinite(x) && x < -max ? Math.abs(value) : null),
          ),
        ]
      : []),
    ...(format.kind === 'float' && format.signed
      ? [
          writing(format, 'limit', 'maxUnsigned', 'loses the sign of results of the largest magnitude', ({ value }) =>
            value === -max ? max : null,
          ),
        ]
      : []),
    ...(format.kind === 'integer' ? integerLimits(format) : floatLimits(task, format)),
  ];
}

/** Results of larger magnitude become ±limit. */
export function clampAt(format: Format, limit: number, name: string, text: string): Behaviour<Setup> {
  return writing(format, 'limit', name, text, ({ value }) =>
    Math.abs(value) > limit && Number.isFinite(value) ? Math.sign(value) * limit : null,
  );
}

/** Another number in place of what overflows. */
export function overflowTo(
  task: Conversion,
  name: string,
  text: string,
  change: (value: number, x: number) => number,
): Behaviour<Setup> {
  const { format } = task;
  return writing(format, 'limit', name, text, (found, x) =>
    Number.isFinite(x) && Math.abs(freely(task, x)) > format.max ? change(found.value, x) : null,
  );
}

function integerLimits(format: IntegerFormat): Behaviour<Setup>[] {
  if (!format.signed) return [];
  return [
    writing(format, 'limit', 'clampsSymmetrically', 'stops at −max, one above the lowest number', ({ value }) =>
      value < -format.max ? -format.max : null,
    ),
  ];
}

function floatLimits(task: Conversion, format: FloatFormat): Behaviour<Setup>[] {
  const { max, emax, mantissaBits } = format;
  const top = 2 ** emax;
  const below = top - quantumAt(format, top / 2);
  const stop = (limit: number) => (x: number) => (Math.abs(x) > limit ? Math.sign(x) * limit : x);
  const atTop = (become: number) => (x: number) => (Math.abs(x) >= top ? Math.sign(x) * become : x);
  return [
    writing(
      format,
      'limit',
      'roundsPastMax',
      'clamps before rounding: what rounds up past the largest number gets the next code',
      (_, x) => {
        const a = Math.abs(x);
        if (!(a > max && a < max + quantumAt(format, max)) || Math.abs(freely(task, x)) <= max) return null;
        const code = encodeValue(format, Math.sign(x) * max, false);
        return valueAt(format, code + 1);
      },
    ),
    writing(format, 'limit', 'wrapsExponent', 'lets overflow wrap: the exponent keeps its low bits', (_, x) => {
      if (!Number.isFinite(x)) return null;
      const free = Math.abs(freely(task, x));
      if (!(free > max)) return null;
      const significand = free / 2 ** exponentIn(free) - 1;
      const code = (exponentIn(free) + format.bias + significand) * 2 ** mantissaBits;
      const sign = x < 0 ? magnitudesOf(format) : 0;
      return valueAt(format, sign + (code % magnitudesOf(format)));
    }),
    writing(
      format,
      'limit',
      'wrapsTiny',
      'lets underflow wrap: the exponent of tiny numbers keeps its low bits',
      (_, x) => {
        const a = Math.abs(x);
        if (!(a > 0 && a < format.minNormal)) return null;
        const fields = magnitudesOf(format) / 2 ** mantissaBits;
        const field = (((exponentIn(a) + format.bias) % fields) + fields) % fields;
        const significand = Math.floor((a / 2 ** exponentIn(a) - 1) * 2 ** mantissaBits);
        return valueAt(format, (x < 0 ? magnitudesOf(format) : 0) + field * 2 ** mantissaBits + significand);
      },
    ),
    ...(emax > format.emin
      ? [
          reading('top', 'topBinadeMissing', `has no numbers from 2^${emax} on: it stops at ${below}`, (x) =>
            Number.isFinite(x) ? stop(below)(x) : x,
          ),
          reading('top', 'topBinadeSaturated', `makes ±max of everything from 2^${emax} on`, (x) =>
            Number.isFinite(x) ? atTop(max)(x) : x,
          ),
          reading('top', 'topBinadeOverflows', `lets everything from 2^${emax} on overflow`, (x) =>
            Number.isFinite(x) ? atTop(Number.MAX_VALUE)(x) : x,
          ),
          writing(format, 'top', 'topBinadeInfinite', `makes infinity of everything from 2^${emax} on`, ({ value }) =>
            Math.abs(value) >= top && format.infinities !== 'none' ? Math.sign(value) * Infinity : null,
          ),
          writing(format, 'top', 'topBinadeNaN', `makes NaN of everything from 2^${emax} on`, ({ value }) =>
            Math.abs(value) >= top && format.nan !== 'none' ? Number.NaN : null,
          ),
        ]
      : []),
  ];
}
