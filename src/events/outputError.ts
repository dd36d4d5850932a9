/**
 * How far an output is from the real function's.
 *
 * @module
 */

import type { Format } from '../formats/format.ts';
import { exponentOf, powerOfTwo } from '../rounding/rounder.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { OutputError } from './report.ts';

/** Distance between neighbouring values of a format around a number. */
function spacing(format: Format, x: number): number {
  if (format.kind === 'integer') return 2 ** -format.fractionBits;
  const a = Math.abs(x);
  return powerOfTwo(Math.max(a === 0 ? format.emin : exponentOf(a), format.emin) - format.mantissaBits);
}

/** Compares an output with ideal values of the same length, in units of the store format. */
export function outputError(format: Format, output: FloatArray, ideal: Float64Array): OutputError {
  let maxUlp = 0;
  let ulps = 0;
  let maxRelative = 0;
  let signal = 0;
  let noise = 0;
  let finite = 0;
  let nonFinite = 0;
  for (let i = 0; i < output.length; i++) {
    const y = ideal[i] as number;
    if (!Number.isFinite(y)) continue;
    const difference = Math.abs((output[i] as number) - y);
    if (!Number.isFinite(difference)) {
      nonFinite += 1;
      continue;
    }
    const ulp = difference / spacing(format, y);
    finite += 1;
    ulps += ulp;
    if (ulp > maxUlp) maxUlp = ulp;
    if (y !== 0 && difference / Math.abs(y) > maxRelative) maxRelative = difference / Math.abs(y);
    signal += y * y;
    noise += difference * difference;
  }
  return {
    maxUlp,
    meanUlp: finite === 0 ? 0 : ulps / finite,
    maxRelative,
    sqnr: finite === 0 ? null : noise === 0 ? Infinity : 10 * Math.log10(signal / noise),
    nonFinite,
  };
}
