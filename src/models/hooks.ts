/**
 * The places where a study can step into the forward pass. A hook sees a call's operands and returns its output;
 * returning nothing leaves the call to binary64, so a hook may simply watch.
 *
 * @module
 */
import type { Tensor } from '../tensors/index.ts';

/** One norm over a batch of rows. */
export interface NormCall {
  /** The norm's name, as in `normSites`: `layers.0.input_layernorm` … `norm`. */
  readonly site: string;
  /** Its place in the order of computation, from 0. */
  readonly index: number;
  /** Row-major [rows, width]; not to be changed. */
  readonly x: Float64Array;
  readonly rows: number;
  readonly width: number;
  /** Which row of the whole run the first one is: long runs come in batches. */
  readonly firstRow: number;
  /** [width] */
  readonly gamma: Float64Array;
  readonly epsilon: number;
}

/** One linear layer over a batch of rows. */
export interface LinearCall {
  /** The weight's name in the checkpoint. */
  readonly name: string;
  /** Row-major [rows, in]; not to be changed. */
  readonly input: Float64Array;
  readonly rows: number;
  /** Which row of the whole run the first one is. */
  readonly firstRow: number;
  /** [out, in] */
  readonly weight: Tensor;
}

/** What a study may replace. Each returns row-major output, or undefined for the binary64 reference. */
export interface ForwardHooks {
  /** Every norm; output [rows, width], γ applied. */
  readonly norm?: (call: NormCall) => Float64Array | undefined;
  /** Every linear layer, lm_head included; output [rows, out]. */
  readonly linear?: (call: LinearCall) => Float64Array | undefined;
  /**
   * The two row-parallel layers of a tensor-parallel group (o_proj and down_proj), whose partial products are
   * summed over the devices; asked before `linear`. Output [rows, out].
   */
  readonly allReduce?: (call: LinearCall) => Float64Array | undefined;
}

/** The hooks that there are: another name would be a hook that is never called. */
export const hookKeys = ['norm', 'linear', 'allReduce'] as const;
