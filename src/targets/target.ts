/**
 * An accelerator as data.
 *
 * @module
 */
import type { Reduction } from '../accumulators/reduction.ts';
import type { Step } from '../rounding/step.ts';

/**
 * How a unit forms 1/√v.
 * - `correctlyRounded`: one rounding of the exact value;
 * - `sqrtThenReciprocal`: two roundings;
 * - `newton`: y₀ = decode(magic − (code ≫ 1)), then `steps` times y ← y·(1.5 − (0.5·v)·(y·y)), every operation rounded;
 * - `sqrtThenDivide`: no reciprocal; the numerator is divided by round(√v) (LayerNorm as decomposed in ONNX).
 */
export type ReciprocalSqrt =
  | { readonly kind: 'correctlyRounded' | 'sqrtThenReciprocal' | 'sqrtThenDivide' }
  | { readonly kind: 'newton'; readonly magic: number; readonly steps: number };

/** The elementwise and reducing arithmetic of a chip, as a normalisation kernel uses it. */
export interface VectorUnit {
  /** Operands as they enter. */
  readonly load: Step;
  /** Elementwise arithmetic. */
  readonly compute: Step;
  /** The running sum. */
  readonly accumulate: Step;
  /** One number a row: mean, variance, 1/√. */
  readonly statistics: Step;
  /** Results as they leave. */
  readonly store: Step;
  /** Order and accumulator of sums. */
  readonly reduction: Reduction;
  /** The mean is sum · round(1/d), or sum / round(d). */
  readonly mean: 'reciprocal' | 'divide';
  readonly reciprocalSqrt: ReciprocalSqrt;
}

/** How a target's behaviour is known. */
export type Verification = 'definition' | 'silicon' | 'model' | 'documented';

/** An accelerator, or a generic machine. Made by `defineTarget`. */
export interface Target {
  readonly name: string;
  readonly summary: string;
  readonly vector: VectorUnit;
  /** Paper, manual or measurement. */
  readonly source: string;
  readonly verified: Verification;
}
