/**
 * What hand-written converters do instead of what they should: all of it, and what the answers themselves suggest.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { Conversion, Setup } from '../conformance/compute.ts';
import type { Operand } from '../conformance/operand.ts';
import type { Behaviour } from './behaviour.ts';
import { cut, isPowerOfTwo, quantumAt } from './grid.ts';
import { clampAt, limitBehaviours } from './limits.ts';
import { isNegative, isPositive, only } from './places.ts';
import { reading, readingBehaviours } from './reading.ts';
import { roundingBehaviours, withPolicy, withSetup } from './rounding.ts';
import { writing, writingBehaviours } from './writing.ts';

/** A case with another implementation's answer. */
export interface Answer {
  readonly operands: readonly Operand[];
  readonly value: number;
}

/** What becomes of overflow. */
export function overflowBehaviours(format: Format): Behaviour<Setup>[] {
  if (format.kind === 'integer') {
    return [
      withPolicy('overflow', 'saturate', 'saturates: overflow and infinities become the ends of the range', {
        overflow: 'saturate',
      }),
      withPolicy('overflow', 'wrap', 'wraps: keeps the low bits of what overflows', { overflow: 'wrap' }),
    ];
  }
  return [
    withPolicy('overflow', 'saturate', 'saturates: overflow and infinities become ±max', { overflow: 'saturate' }),
    withPolicy('overflow', 'saturateFinite', 'saturates finite numbers, and lets infinities be', {
      overflow: 'saturateFinite',
    }),
    ...(format.infinities === 'none'
      ? []
      : [withPolicy('overflow', 'infinity', 'makes every overflow infinite', { overflow: 'infinity' })]),
    ...(format.nan === 'none' ? [] : [withPolicy('overflow', 'nan', 'makes every overflow NaN', { overflow: 'nan' })]),
    withPolicy('overflow', 'ieee', 'overflows as IEEE 754, by rounding mode', { overflow: 'ieee' }),
  ];
}

/** Subnormals, parity, NaN where there is none, signed zeros. */
export function policyBehaviours(format: Format): Behaviour<Setup>[] {
  const isFloat = format.kind === 'float';
  return [
    ...(isFloat
      ? [
          withPolicy('flush', 'flushOutputs', 'flushes subnormal results to zero', { subnormals: 'flushOutputs' }),
          withPolicy('flush', 'flushInputs', 'reads subnormal operands as zero', { subnormals: 'flushInputs' }),
          withPolicy('flush', 'flushBoth', 'flushes subnormal operands and results to zero', {
            subnormals: 'flushBoth',
          }),
          withSetup('flush', 'flushRounded', 'flushes to zero what is subnormal after rounding', {
            flushRounded: true,
          }),
          withPolicy('flush', 'gradual', 'keeps subnormals', { subnormals: 'gradual' }),
        ]
      : []),
    ...(isFloat && format.mantissaBits === 0
      ? [withPolicy('parity', 'code', 'takes the even code at a tie', { parity: 'code' })]
      : []),
    ...(isFloat && format.nan !== 'none'
      ? []
      : [
          withPolicy('nanInput', 'nanToZero', 'puts zero for NaN', { nanInput: 'zero' }),
          withPolicy('nanInput', 'nanToMax', 'puts the largest number for NaN', { nanInput: 'max' }),
        ]),
    ...(isFloat && format.negativeZero
      ? [withSetup('zero', 'unsignedZero', 'loses the sign of zero', { signedZeros: false })]
      : []),
  ];
}

/** The deviations of a conversion, the plainest first; `wrong`: answers that differ, which may suggest more. */
export function conversionBehaviours(task: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  const { format, source } = task;
  const overflows = format.bits > 53 ? [] : overflowBehaviours(format);
  return [
    ...roundingBehaviours(format),
    ...(format.kind === 'integer' ? [halfTruncated(format)] : []),
    ...overflows,
    ...policyBehaviours(format),
    ...readingBehaviours(source, format),
    ...limitBehaviours(task),
    ...(format.signed
      ? [
          ...overflows.map((one) => only(one, 'for negatives', 'where the number is negative', isNegative)),
          ...overflows.map((one) => only(one, 'for positives', 'where the number is positive', isPositive)),
        ]
      : []),
    ...writingBehaviours(task),
    ...suggested(task, wrong),
    ...shiftedThreshold(task, wrong),
  ];
}

/** A half added to a number of either sign, and the sum truncated. */
function halfTruncated(format: Format): Behaviour<Setup> {
  const step = quantumAt(format, 0);
  return writing(
    format,
    'rounding',
    'halfTruncated',
    'adds a half and truncates: negative numbers go up',
    ({ value }, x) => {
      const found = Math.trunc(x / step + 0.5) * step;
      return x - x === 0 && Math.abs(found) <= Math.abs(value) + step && Math.abs(x) < format.max ? found + 0 : null;
    },
  );
}

/** Where all wrong answers lie between the same two neighbours: the line between them, drawn elsewhere. */
function shiftedThreshold({ format }: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  if (format.bits > 16) return [];
  const [first] = wrong;
  if (first === undefined) return [];
  const at = Math.abs((first.operands[0] as Operand).x);
  if (!(at < format.max)) return [];
  const step = quantumAt(format, at);
  const lower = cut(at, step);
  const upper = lower + step;
  let [least, most] = [Infinity, -Infinity];
  for (const { operands, value } of wrong) {
    const a = Math.abs((operands[0] as Operand).x);
    if (!(a > lower && a < upper)) return [];
    if (Math.abs(value) === upper) least = Math.min(least, a);
    else if (Math.abs(value) === lower) most = Math.max(most, a);
    else return [];
  }
  // Either all go up too early, or all too late.
  if (least < Infinity === most > -Infinity) return [];
  const goesUp = (a: number): boolean => (least < Infinity ? a >= least : a > most);
  return [
    writing(
      format,
      'threshold between',
      `between ${lower} and ${upper}`,
      `draws the line between ${lower} and ${upper} near ${Number((least < Infinity ? least : most).toPrecision(6))}`,
      (_, x) => {
        const a = Math.abs(x);
        if (!(a > lower && a < upper)) return null;
        return Math.sign(x) * (goesUp(a) ? upper : lower);
      },
    ),
  ];
}

/** A power of two that most wrong answers are off by; the largest magnitude that they reach. */
function suggested(task: Conversion, wrong: readonly Answer[]): Behaviour<Setup>[] {
  const { format, source } = task;
  const powers = new Map<number, number>();
  let reach = 0;
  let reached = 0;
  for (const { operands, value } of wrong) {
    const ratio = Math.abs(value / (operands[0] as Operand).x);
    // Rounding moves the ratio by less than half a binade.
    if (ratio > 0 && ratio < Infinity) {
      const power = Math.round(Math.log2(ratio));
      powers.set(power, (powers.get(power) ?? 0) + 1);
    }
    const a = Math.abs(value);
    if (a === reach) reached += 1;
    else if (a > reach && a < Infinity) [reach, reached] = [a, 1];
  }
  const [power = 0] = [...powers.entries()].sort((a, b) => b[1] - a[1])[0] ?? [];
  const known = [
    0,
    1,
    -1,
    source !== 'binary64' && source.kind === 'float' && format.kind === 'float' ? source.bias - format.bias : 0,
  ];
  const found: Behaviour<Setup>[] = [];
  if (!known.includes(power)) {
    found.push(
      reading('scale', `scaled 2^${power}`, `is off by a constant factor of 2^${power}`, (x) => x * 2 ** power),
    );
  }
  // Once may be anything.
  if (reached > 1 && reach > 0 && reach !== format.max && format.bits <= 53) {
    const words = isPowerOfTwo(reach) ? `2^${Math.log2(reach)}` : String(reach);
    found.push(
      reach < format.max
        ? clampAt(format, reach, `clamps at ${reach}`, `takes ${words} for the largest number and clamps there`)
        : writing(
            format,
            'limit',
            `clamps at ${reach}`,
            `takes ${words}, which the format does not have, for the largest number`,
            ({ value }, x) => (Math.abs(x) >= reach || !Number.isFinite(value) ? Math.sign(x) * reach : null),
          ),
    );
  }
  return found;
}
