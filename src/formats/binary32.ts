/**
 * binary32 as data in full: a page that rounds to it need not define formats.
 *
 * @module
 */
import { markMade } from '../errors/made.ts';
import type { FloatFormat } from './format.ts';
import { named } from './nameOf.ts';

/** IEEE 754-2019 §3.6. */
export const binary32: FloatFormat = /* @__PURE__ */ named(
  'binary32',
  markMade(
    Object.freeze({
      kind: 'float',
      exponentBits: 8,
      mantissaBits: 23,
      bias: 127,
      signed: true,
      infinities: 'ieee',
      nan: 'ieee',
      negativeZero: true,
      lowest: 'subnormal',
      precision: 24,
      bits: 32,
      emin: -126,
      emax: 127,
      max: (2 - 2 ** -23) * 2 ** 127,
      minNormal: 2 ** -126,
      minSubnormal: 2 ** -149,
      codes: 2 ** 32,
    } as const),
  ),
);
