/**
 * binary64, the one format beyond the limits of `defineFloat`.
 *
 * Its exact products leave binary64, and the midpoints between its values are no binary64 numbers, so its arithmetic
 * goes its own way (rounding/full.ts); its codes do not fit a number (rounding/binary64.ts).
 *
 * @module
 */
import { markMade } from '../errors/made.ts';
import type { FloatFormat } from './format.ts';
import { named } from './nameOf.ts';

/** IEEE 754-2019 §3.6, as defined there. */
export const binary64: FloatFormat = /* @__PURE__ */ named(
  'binary64',
  markMade(
    Object.freeze({
      kind: 'float',
      exponentBits: 11,
      mantissaBits: 52,
      bias: 1023,
      signed: true,
      infinities: 'ieee',
      nan: 'ieee',
      negativeZero: true,
      lowest: 'subnormal',
      precision: 53,
      bits: 64,
      emin: -1022,
      emax: 1023,
      max: Number.MAX_VALUE,
      minNormal: 2 ** -1022,
      minSubnormal: Number.MIN_VALUE,
      codes: 2 ** 64,
    } as const),
  ),
);

/** Whether parameters, defaults left out or not, are binary64's. */
export function isBinary64(parameters: Readonly<Record<string, unknown>>): boolean {
  const keys = ['bias', 'signed', 'infinities', 'nan', 'lowest'] as const;
  return (
    parameters.exponentBits === binary64.exponentBits &&
    parameters.mantissaBits === binary64.mantissaBits &&
    keys.every((key) => parameters[key] === undefined || parameters[key] === binary64[key])
  );
}
