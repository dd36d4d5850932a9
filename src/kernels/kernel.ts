/**
 * The contract of a kernel: a specification, and its twin on the engine.
 *
 * @module
 */
import type { Engine } from '../engine/engine.ts';
import type { Report } from '../events/report.ts';
import type { OutputArray, Plan, Specification } from '../specification/contract.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import type { Lowered } from '../twins/twin.ts';

/** Where a kernel runs, and where its output goes. */
export interface Into<Out extends OutputArray> {
  /** The engine to run on; default one of a single thread. Null: the specification alone, with the same answer. */
  readonly engine?: Engine | null;
  /**
   * The array to write: a Float64Array, or a Float32Array where the output's format fits in binary32; for codes an array
   * as the kernel would make it. It must not share memory with an input or an option. Default: a new array, of numbers a Float64Array.
   */
  readonly out?: Out;
}

/** A kernel: what it means, and how the engine computes the same bits and the same counts. */
export interface Kernel<Options, P extends Plan, Inputs, Raw = Inputs, Own extends OutputArray = FloatArray>
  extends Specification<Options, P, Inputs, Raw, Own> {
  /** The twin of a plan; null, or absent, where there is none. */
  lower?(plan: P, engine: Engine): Lowered<Raw, Own> | null;
}

/** What a kernel gives. */
export interface Result<Out extends OutputArray = Float64Array> {
  /** Row-major, as the input; every value is one of the store format's. */
  readonly output: Out;
  readonly report: Report;
}
