/**
 * A GEMM by its plan: the sums as the unit and the plan form them, then the epilogue.
 *
 * @module
 */
import { BittrueError, checkObject, fieldsOf } from '../errors/index.ts';
import type { Report } from '../events/report.ts';
import { type RecordOptions, recordKeys } from '../specification/contract.ts';
import type { EpilogueStage } from '../specification/epilogue/plan.ts';
import type { Numbers } from '../specification/operands.ts';
import type { MatmulOptions } from '../specification/products/matmul.ts';
import type { ProductStage } from '../specification/products/plan.ts';
import { gemmTarget } from '../targets/gemmPlan.ts';
import type { FloatArray } from '../tensors/tensor.ts';
import { epilogue as runEpilogue } from './epilogue.ts';
import type { GemmWithEpilogue } from './gemmPlan.ts';
import type { Into } from './kernel.ts';
import { matmul } from './matmul.ts';
import type { Named } from './named.ts';

/** Options of `gemm`. */
export interface GemmOptions
  extends RecordOptions,
    Pick<Named<MatmulOptions>, 'm' | 'n' | 'k' | 'a' | 'b' | 'scaleA' | 'scaleB'> {
  readonly plan: GemmWithEpilogue;
  /** C, m · n numbers: what an epilogue with `beta` reads; without an epilogue what sums start from. */
  readonly c?: Numbers;
  /** A number for every column or row, as the epilogue's `bias` says. */
  readonly bias?: Numbers;
}

/** What `gemm` gives. */
export interface GemmResult<Out extends FloatArray = Float64Array> {
  /** [m, n], row-major. */
  readonly output: Out;
  /** Of the sums: a row is one output, i · n + j. */
  readonly sums: Report<ProductStage>;
  /** Of the epilogue: a row is a row of the output, an index a column. Null for a plan without one. */
  readonly epilogue: Report<EpilogueStage> | null;
  /** Whether both are. */
  readonly ok: boolean;
}

const keys = ['plan', 'm', 'n', 'k', 'a', 'b', 'scaleA', 'scaleB', 'c', 'bias', ...recordKeys];

/**
 * A · B by a plan, and the plan's epilogue: `matmul` on `gemmTarget` of the plan, then `epilogue` over its sums.
 *
 * @param a - [m, k], row-major
 * @param b - [k, n], row-major
 * @throws {@link BittrueError} as `gemmTarget`, `matmul` and `epilogue`; for a plan with an epilogue and an `output` of its own
 * @example
 * import { binary16 } from 'bittrue/formats';
 * import { gemm } from 'bittrue/kernels';
 * import { roundTo } from 'bittrue/rounding';
 * const plan = {
 *   name: 'linear layer',
 *   target: 'h100:f16',
 *   epilogue: { bias: 'columns', activation: { function: 'gelu' }, output: roundTo(binary16) },
 * } as const;
 * const { output, epilogue } = gemm([300, 1], [300, 1], { plan, m: 1, n: 1, k: 2, bias: [0.5] });
 * output[0]; // Infinity
 * epilogue?.first.overflow?.stage; // 'store'
 */
export function gemm<Out extends FloatArray = Float64Array>(
  a: Numbers,
  b: Numbers,
  options: GemmOptions & Into<Out>,
): GemmResult<Out> {
  checkObject('options', options, keys);
  const { plan: given, c, bias, out, engine, ...rest } = options;
  const { epilogue, ...plan } = fieldsOf(given) as unknown as GemmWithEpilogue;
  const on = engine === undefined ? {} : { engine };
  const own = { ...rest, ...on, target: gemmTarget(plan) };
  const into = out === undefined ? {} : { out };
  if (epilogue === undefined) {
    if (bias !== undefined)
      throw new BittrueError('unsupported', 'options.bias', bias, 'a plan with an epilogue that adds it');
    const { output, report } = matmul<Out>(a, b, { ...own, ...into, ...(c === undefined ? {} : { c }) });
    return { output, sums: report, epilogue: null, ok: report.ok };
  }
  if (plan.output !== undefined) {
    throw new BittrueError('unsupported', 'options.plan.output', plan.output, 'epilogue.output beside an epilogue');
  }
  const sums = matmul(a, b, own);
  const { m, n, record, limit, reference, magnitudes, nonFiniteInputs } = options;
  const recording = { record, limit, reference, magnitudes, nonFiniteInputs };
  const { output, report } = runEpilogue<Out>(sums.output, {
    ...{ rows: m, width: n, epilogue, ...on, ...into },
    ...Object.fromEntries(Object.entries({ ...recording, c, bias }).filter(([, value]) => value !== undefined)),
  });
  return { output, sums: sums.report, epilogue: report, ok: sums.report.ok && report.ok };
}
