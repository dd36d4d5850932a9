/**
 * The contract of a kernel: a specification, and its twin on the engine.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import type { Output, OutputArray, Plan, Specification } from '../specification/contract.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Twin } from '../twins/twin.ts';

/** Where a kernel runs. */
export interface On {
  /**
   * The engine to run on; default one of a single thread, or the specification where a run is so small that it is quicker.
   * Null: the specification alone. The answer is the same.
   */
  readonly engine?: Engine | null;
}

/** Where a kernel runs, and where its output goes. */
export interface Into<Out extends OutputArray> extends On, Output<Out> {}

/** A kernel: what it means, and how the engine computes the same bits and the same counts. */
export interface Kernel<Options, P extends Plan, Inputs, Raw = Inputs, Own extends OutputArray = FloatArray>
  extends Specification<Options, P, Inputs, Raw, Own> {
  /** The twin of a plan; null, or absent, where there is none. */
  compile?(plan: P, engine: Engine): Twin<Raw, Own> | null;
}
