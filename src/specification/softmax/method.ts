/**
 * How a softmax forms e^x: correctly rounded, or an approximation stated in full.
 *
 * @module
 */
import { BittrueError, checkBoolean, checkFinite, checkName, checkObject } from '../../errors/index.ts';
import type { Rounding } from '../../rounding/roundTo.ts';
import { madeRounding } from '../made.ts';

/**
 * e^x ≈ p(f) · 2^n by a polynomial for 2^f, every operation rounded:
 * 1. t = round(x · log2e), not below `lowest`;
 * 2. n = ⌊t⌋ (`floor`), or the nearest integer, ties to even (`nearest`): exact;
 * 3. f = round(t − n);
 * 4. p by Horner's scheme from the last coefficient, each step one fused multiply-add, or a product and a sum;
 * 5. round(p · 2^n), to the unit's compute rounding.
 *
 * Steps 1 to 4 are rounded by `rounding`, or by the compute rounding. `log2e` and the coefficients are rounded once a call. A t
 * that is infinite or NaN ends it: the result is 0, an infinity or NaN.
 */
export interface Base2Polynomial {
  readonly kind: 'base2Polynomial';
  /** Of 1, f, f², …: at least one. */
  readonly coefficients: readonly number[];
  /** Default `Math.LOG2E`. */
  readonly log2e?: number;
  /** Default `floor`: f in [0, 1). */
  readonly reduction?: 'floor' | 'nearest';
  /** Whether a Horner step is one fused multiply-add; default true. */
  readonly fused?: boolean;
  /** A t below is raised to it; default null, no bound. */
  readonly lowest?: number | null;
  /** Where the approximation rounds; default the unit's compute rounding. */
  readonly rounding?: Rounding | null;
}

/** How e^x is formed. `correctlyRounded`: one rounding of the real value, proved by an interval around it. */
export type ExpMethod = { readonly kind: 'correctlyRounded' } | Base2Polynomial;

/** A method with every field present. */
export type ResolvedExp = { readonly kind: 'correctlyRounded' } | Required<Base2Polynomial>;

/**
 * The degree-3 polynomial that FlashAttention-4 evaluates on NVIDIA's FMA units where its exponential unit is short:
 * in binary32, arguments from −127 (source: `flash_attn/cute/utils.py`, POLY_EX2). The last step here is an exact scaling;
 * the kernel adds n to the exponent field, which is the same for normal results.
 */
export const flashAttentionExp2: Base2Polynomial = /* @__PURE__ */ Object.freeze({
  kind: 'base2Polynomial',
  coefficients: /* @__PURE__ */ Object.freeze([1, 0.6951461434364319, 0.22756439447402954, 0.07711908966302872]),
  reduction: 'floor',
  fused: true,
  lowest: -127,
} as const);

/**
 * Checks and completes a method given as data.
 *
 * @throws {@link BittrueError} naming the path of the first thing that is wrong
 */
export function defineExp(value: unknown, argument: string): ResolvedExp {
  if (value === undefined) return Object.freeze({ kind: 'correctlyRounded' });
  const keys = ['kind', 'coefficients', 'log2e', 'reduction', 'fused', 'lowest', 'rounding'];
  const given = checkObject(argument, value, keys);
  const kind = checkName(`${argument}.kind`, given.kind, ['correctlyRounded', 'base2Polynomial'] as const);
  if (kind === 'correctlyRounded') {
    checkObject(argument, value, ['kind']);
    return Object.freeze({ kind });
  }
  const { coefficients, log2e, reduction, fused, lowest, rounding } = given;
  if (!Array.isArray(coefficients) || coefficients.length === 0) {
    throw new BittrueError('type', `${argument}.coefficients`, coefficients, 'a list of at least one number');
  }
  return Object.freeze({
    kind,
    coefficients: Object.freeze(coefficients.map((c, i) => checkFinite(`${argument}.coefficients[${i}]`, c))),
    log2e: checkFinite(`${argument}.log2e`, log2e ?? Math.LOG2E),
    reduction: checkName(`${argument}.reduction`, reduction ?? 'floor', ['floor', 'nearest'] as const),
    fused: checkBoolean(`${argument}.fused`, fused ?? true),
    lowest: lowest === undefined || lowest === null ? null : checkFinite(`${argument}.lowest`, lowest),
    rounding: rounding === undefined || rounding === null ? null : madeRounding(`${argument}.rounding`, rounding),
  });
}
