/**
 * No rounding at all: the step of the reference pass, in which a kernel's own statement runs in binary64.
 *
 * @module
 */
import type { FloatFormat } from '../formats/format.ts';
import { type Policy, resolvePolicy } from './policy.ts';

/**
 * binary64 as a format. Not one that `defineFloat` gives, since its exact products leave binary64; a `Rounder` for it
 * hands every number on and flags each as inexact, so that a recorder sees all of them.
 */
export const idealFormat: FloatFormat = /* @__PURE__ */ Object.freeze({
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
} as const);

/** The step without rounding. */
export const idealStep: { readonly format: FloatFormat; readonly policy: Policy } = /* @__PURE__ */ Object.freeze({
  format: idealFormat,
  policy: /* @__PURE__ */ resolvePolicy(idealFormat),
});
