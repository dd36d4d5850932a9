/**
 * An accelerator as data.
 *
 * @module
 */

import type { Reduction } from '../accumulators/reduction.ts';
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
  /** Unique within the target, such as `vectorF16`; `vector` on a generic machine. */
  readonly name: string;
  /** The instructions that run on it, as the vendor writes them. */
  readonly instructions: string;
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
  /** Paper, manual or measurement. */
  readonly source: string;
  readonly verified: Verified;
  /** What exactly was checked or assumed, in a few words. */
  readonly confidence: string;
}

/** How the behaviour of a target or of one unit may be known. */
export const verifications = ['definition', 'silicon', 'model', 'documented'] as const;

/** How the behaviour of a target or of one unit is known. */
export type Verified = (typeof verifications)[number];

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
  readonly verified: Verified;
  /** What exactly was checked, in a few words. */
  readonly confidence: string;
  /** Where other published models of its sums differ from what is here, and no measurement decides. */
  readonly disputed: readonly Dispute[];
}

/** The units that run where none is named. */
export interface DefaultUnits {
  /** Of the kernels that go element by element or sum a row: a vector unit. */
  readonly vector?: string;
  /** Of products: a matrix unit, or a vector unit, which multiplies and adds too. */
  readonly matrix?: string;
}

/** An accelerator, or a generic machine. Made by `defineTarget`. */
export interface Target {
  readonly name: string;
  /** Who makes it; empty for generic machines. */
  readonly vendor: string;
  readonly summary: string;
  /** The target whose units it has, by its vendor's documents. */
  readonly sameAs?: string;
  /** Elementwise and reducing arithmetic by name; empty where none is documented. */
  readonly vectorUnits: Readonly<Record<string, VectorUnit>>;
  /** Matrix and dot-product units by name; empty where there are none. No vector unit has the name of a matrix unit. */
  readonly matrixUnits: Readonly<Record<string, MatrixUnit>>;
  /** The units that run where none is named; absent where a name must be given. */
  readonly defaults: DefaultUnits;
  /** Paper, manual or measurement. */
  readonly source: string;
  readonly verified: Verified;
}

/** A target of one vector unit called `vector`, as the generic machines are. */
export type VectorTarget = Target & { readonly vectorUnits: { readonly vector: VectorUnit } };

/** The text of a target: `NAME` from the catalogue, or `NAME:UNIT`, its unit of that name. */
export type TargetName = string;
