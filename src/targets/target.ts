/**
 * An accelerator as data.
 *
 * @module
 */

import type { Reduction } from '../accumulators/reduction.ts';
import { checkList, checkMade } from '../errors/index.ts';
import type { Format } from '../formats/format.ts';
import type { PartialPolicy } from '../rounding/policy.ts';
import type { Rounding } from '../rounding/roundTo.ts';
import type { Dispute } from './dispute.ts';

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
  readonly load: Rounding;
  /** Elementwise arithmetic. */
  readonly compute: Rounding;
  /**
   * Differences from the mean, and their squares where those are rounded; default `compute`. An integer format lets
   * integer registers sum the squares, for the mean is no integer.
   */
  readonly center?: Rounding;
  /** The normalised row, γ and β; default `compute`. */
  readonly normalize?: Rounding;
  /** The running sum. */
  readonly accumulate: Rounding;
  /** One number a row: mean, variance, 1/√. */
  readonly statistics: Rounding;
  /** Results as they leave. */
  readonly store: Rounding;
  /** Order and accumulator of sums. */
  readonly reduction: Reduction;
  /** The mean is sum · round(1/d), or sum / round(d). */
  readonly mean: 'reciprocal' | 'divide';
  readonly reciprocalSqrt: ReciprocalSqrt;
}

/** How the behaviour of a target or of one unit is known. */
export type Verification = 'definition' | 'silicon' | 'model' | 'documented';

/** Scales that blocks of `block` consecutive operands share along K (OCP MX, NVFP4). */
export interface BlockScale {
  readonly format: Format;
  /** Operands to one scale. */
  readonly block: number;
  /** Whether the scale's sign bit is ignored: UE4M3 is e4m3fn read so. */
  readonly ignoreSign: boolean;
}

/**
 * A matrix-multiply or dot-product unit: d = c + Σ a_k·b_k along K, as data. Instructions chain along K inside the
 * reduction (tiles of one instruction's length, or of one fused block's), so a sum may be of any length.
 *
 * The addend c is the reduction's start: of its chain, of the sequence across its tiles or lanes; a tree takes it by
 * one last join.
 */
export interface MatrixUnit {
  /** Unique within the target, such as `fp8Wgmma`. */
  readonly name: string;
  /** The instructions that run on it, as the vendor writes them. */
  readonly instructions: string;
  /** Formats of A's elements. */
  readonly a: readonly Format[];
  /** Formats of B's elements. */
  readonly b: readonly Format[];
  /** `any`: each format of `a` with each of `b`; `same`: both operands have one format. */
  readonly mixes: 'any' | 'same';
  /** How operands become values of their format: what differs from the format's defaults (tf32 is truncated). */
  readonly load: PartialPolicy;
  /** `positive`: a zero operand, flushed or not, is read as +0. */
  readonly zeroOperands: 'signed' | 'positive';
  /** Elements of K that one instruction takes. */
  readonly k: number;
  /** Block scales of A and B, or null. */
  readonly scale: BlockScale | null;
  /** Rounding of each product, or null: exact products enter the reduction. */
  readonly product: Rounding | null;
  /** Order and accumulators of the sum along K. */
  readonly reduction: Reduction;
  /** The addend as it is read. */
  readonly addend: Rounding;
  /** The result as it is written. */
  readonly output: Rounding;
  /** Paper, manual or measurement. */
  readonly source: string;
  readonly verified: Verification;
  /** What exactly was checked, in a few words. */
  readonly confidence: string;
  /** Where other published models of its sums differ from what is here, and no measurement decides. */
  readonly disputed: readonly Dispute[];
}

/** An accelerator, or a generic machine. Made by `defineTarget`. */
export interface Target {
  readonly name: string;
  /** Who makes it; empty for generic machines. */
  readonly vendor: string;
  readonly summary: string;
  /** The target whose units it has, by its vendor's documents. */
  readonly sameAs?: string;
  /** Elementwise and reducing arithmetic; absent where none is documented. */
  readonly vector?: VectorUnit;
  /** Matrix and dot-product units; empty where there are none. */
  readonly matrix: readonly MatrixUnit[];
  /** Paper, manual or measurement. */
  readonly source: string;
  readonly verified: Verification;
}

/** A target that has a vector unit. */
export type VectorTarget = Target & { readonly vector: VectorUnit };

/** Refuses what is no target. */
export function checkMadeTarget(argument: string, target: Target): Target {
  return checkMade(argument, target, ['name', 'matrix', 'source'], 'a target, such as fp16 from bittrue/targets');
}

/** Refuses what is no list of targets. */
export function checkTargets(targets: readonly Target[]): void {
  checkList('targets', targets).forEach((target, i) => {
    checkMadeTarget(`targets[${i}]`, target as Target);
  });
}
