/**
 * No rounding at all: the rounding of the reference pass, in which a kernel's own statement runs in binary64.
 *
 * @module
 */
import { binary64 } from '../formats/binary64.ts';
import type { FloatFormat } from '../formats/format.ts';
import { defaultPolicy, type Policy } from './policy.ts';

/**
 * binary64's numbers without its rounding, told from the format `binary64` by identity: a `Rounder` for it hands every
 * number on and flags each as inexact, so that a recorder sees all of them.
 */
export const idealFormat: FloatFormat = /* @__PURE__ */ Object.freeze({ ...binary64 });

/** The rounding that changes nothing. */
export const idealRounding: { readonly format: FloatFormat; readonly policy: Policy } = /* @__PURE__ */ Object.freeze({
  format: idealFormat,
  policy: /* @__PURE__ */ Object.freeze(/* @__PURE__ */ defaultPolicy(idealFormat)),
});
