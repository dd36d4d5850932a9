/**
 * What hand-written converters do instead of what they should: all of it, and what the answers themselves suggest.
 *
 * @module
 */
import type { Format } from '../../formats/format.ts';
import type { Conversion, Setup } from '../conformance/compute.ts';
import type { Behaviour } from './behaviour.ts';
import type { Answer } from './families.ts';
import { quantumAt } from './grid.ts';
import { limitBehaviours } from './limits.ts';
import { isNegative, isPositive, only } from './places.ts';
import { readingBehaviours } from './reading.ts';
import { roundingBehaviours, withPolicy, withSetup } from './rounding.ts';
import { suggestedBehaviours } from './suggested.ts';
import { writing, writingBehaviours } from './writing.ts';

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
    ...suggestedBehaviours(task, wrong),
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
