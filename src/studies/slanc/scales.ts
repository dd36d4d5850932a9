/**
 * SLaNC's scales of all norms, as data.
 *
 * @module
 */
import type { Position, Variant } from '../../slanc/index.ts';

/** The scale of one norm. */
export interface NormScale {
  /** The norm's name: `layers.0.input_layernorm` … `norm`. */
  readonly site: string;
  /** What stands before it; of a graph also one matrix, another norm, several blocks, or the experts of a router. */
  readonly position: Position | 'linear' | 'norm' | 'several' | 'experts';
  /** The norm's width, where it is not that of the others. */
  readonly width?: number;
  /** The norm that feeds the block before it; null for the first, and where the stream does. */
  readonly fedBy: string | null;
  /** The expected length of the norm's input: SLaNC divides by it. */
  readonly alpha: number;
  /** What to multiply the input with; ε goes with its square. */
  readonly scale: number;
  /** `proved`, or `typical` where the size is expected, not bounded. */
  readonly claim: 'proved' | 'typical';
  /** Why. */
  readonly reason: string;
}

/** A norm that has no scale, and why. */
export interface UnscaledNorm {
  readonly site: string;
  readonly reason: string;
}

/** Scales for every norm of a model, as data. */
export interface SlancScales {
  readonly bittrue: string;
  readonly schema: 'slanc/1';
  readonly semantics: number;
  readonly variant: Variant;
  readonly powerOfTwo: boolean;
  /** d, the width of the norms. */
  readonly width: number;
  readonly norms: readonly NormScale[];
  /** Of a graph: norms without a scale. */
  readonly unscaled?: readonly UnscaledNorm[];
}
