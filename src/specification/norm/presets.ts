/**
 * Norms as public kernels compute them: the order of their sums, their operations, their formats.
 *
 * @module
 */
import type { Accumulator, Reduction } from '../../accumulators/reduction.ts';
import { checkName } from '../../errors/index.ts';
import { checkFormat } from '../../formats/check.ts';
import { binary16, binary32, binary64, type Format } from '../../formats/index.ts';
import { roundTo } from '../../rounding/roundTo.ts';
import { defineTarget } from '../../targets/define.ts';
import type { ReciprocalSqrt, Target } from '../../targets/target.ts';
import type { LayerNormOptions } from './plan.ts';
import { welfordForms } from './welfordForms.ts';

/** A norm as a kernel computes it. */
export interface NormPreset {
  readonly kernel: 'layerNorm' | 'rmsNorm';
  /** The vector unit that has the kernel's order and formats. */
  readonly target: Target;
  /** Options of `layerNorm`, beside shapes and weights. */
  readonly options: Pick<LayerNormOptions, 'variance' | 'negativeVariance' | 'welford'>;
  readonly source: string;
  /** What is not as in the kernel, or not known. */
  readonly confidence: string;
}

const single = /* @__PURE__ */ roundTo(binary32);
const added: Accumulator = { kind: 'float', rounding: single };
const multiplied: Accumulator = { kind: 'float', rounding: single, fused: true };
const doubled: Accumulator = { kind: 'float', rounding: /* @__PURE__ */ roundTo(binary64) };

const chain = (accumulator: Accumulator): Reduction => ({ kind: 'sequential', accumulator });
/** Lanes that join by halves, those that are missing counted as +0. */
const halves = (lanes: number): Reduction => ({ kind: 'butterfly', accumulator: added, leaf: 'element', lanes });
/** Threads that take neighbours in turn; warps of 32 join by halves, then their results do. */
function block(threads: number, run: number, within: Accumulator): Reduction {
  const across: Reduction = { kind: 'tiled', size: 32, within: halves(32), across: halves(threads / 32) };
  return { kind: 'strided', lanes: threads, run, within: chain(within), across };
}
/** Lanes that join neighbours first, as where a thread reads the next, then the one after. */
const neighbours: Reduction = { kind: 'pairwise', accumulator: added, leaf: 'element' };
/** Threads of one element in turn, their warps joined so; a chain adds the warps' results, the first as it is. */
function cubBlock(threads: number, within: Accumulator): Reduction {
  const last: Reduction = { kind: 'sequential', accumulator: added, start: 'first' };
  return {
    kind: 'strided',
    lanes: threads,
    within: chain(within),
    across: { kind: 'tiled', size: 32, within: neighbours, across: last },
  };
}

interface Recipe {
  readonly kernel: NormPreset['kernel'];
  readonly reduction: Reduction;
  readonly root: ReciprocalSqrt['kind'];
  readonly accumulate?: Format;
  /** The format that its data have where the caller does not say; default binary16. */
  readonly data?: Format;
  /** Whether x · r is rounded to the data's format before γ. */
  readonly narrow?: boolean;
  readonly options?: NormPreset['options'];
  readonly source: string;
  readonly confidence: string;
}

const contracts = 'Operations as the source writes them: a compiler may contract a product and a sum. ';
const fusedSquares = 'Squares are fused into sums, as nvcc contracts by default. ';
const root = '1/√ is correctly rounded here; rsqrtf is within 2 units in the last place. ';

const recipes = /* @__PURE__ */ (() =>
  ({
    pytorchCudaLayerNorm: {
      kernel: 'layerNorm',
      reduction: block(128, 4, added),
      root: 'correctlyRounded',
      options: { variance: 'welford', welford: welfordForms.pytorchCuda },
      source:
        'PyTorch, aten/src/ATen/native/cuda/layer_norm_kernel.cu: vectorized_layer_norm_kernel, 4 warps, vectors of 4',
      confidence: `${contracts}${root}For widths that are a multiple of 4.`,
    },
    pytorchCudaRmsNorm: {
      kernel: 'rmsNorm',
      reduction: block(128, 4, multiplied),
      root: 'correctlyRounded',
      source:
        'PyTorch, the same kernel with rms_norm: squares added in 128 threads, vectors of 4, warps joined by halves',
      confidence: `${fusedSquares}${root}For widths that are a multiple of 4.`,
    },
    apexLayerNorm: {
      kernel: 'layerNorm',
      reduction: {
        kind: 'strided',
        lanes: 128,
        run: 4,
        within: chain(added),
        across: { kind: 'tiled', size: 32, within: neighbours, across: halves(4) },
      },
      root: 'correctlyRounded',
      options: { variance: 'welford', welford: welfordForms.apex },
      source:
        'NVIDIA Apex, csrc/layer_norm_cuda_kernel.cu: cuWelfordMuSigma2, neighbouring lanes joined first, then warps by halves',
      confidence: `${contracts}${root}4 warps; rows of binary32, of 512 numbers and more, a multiple of 4.`,
      data: binary32,
    },
    tritonTutorial: {
      kernel: 'layerNorm',
      reduction: { kind: 'strided', lanes: 1024, within: chain(added), across: halves(1024) },
      root: 'sqrtThenReciprocal',
      source: 'Triton, tutorial 05-layer-norm: _layer_norm_fwd_fused, mean and variance in two passes over blocks',
      confidence:
        "A block of 1,024; the order within tl.sum is the compiler's, here by halves. Division is approximate there.",
    },
    vllmRmsNorm1024: {
      kernel: 'rmsNorm',
      reduction: cubBlock(1024, multiplied),
      root: 'correctlyRounded',
      narrow: true,
      source:
        'vLLM, csrc/layernorm_kernels.cu: rms_norm_kernel, one element a thread in turn, cub::BlockReduce of 1,024 threads',
      confidence: `${fusedSquares}${root}CUB's warps join neighbours first, their results in order.`,
    },
    vllmRmsNorm256: {
      kernel: 'rmsNorm',
      reduction: cubBlock(256, multiplied),
      root: 'correctlyRounded',
      narrow: true,
      source: 'vLLM, the same with 256 threads, which fused_add_rms_norm takes from 256 tokens on',
      confidence: `${fusedSquares}${root}CUB's warps join neighbours first, their results in order.`,
    },
    llamaCppRmsNorm: {
      kernel: 'rmsNorm',
      reduction: chain(doubled),
      root: 'sqrtThenReciprocal',
      accumulate: binary64,
      source:
        'llama.cpp, ggml-cpu/ops.cpp: ggml_compute_forward_rms_norm_f32, squares rounded to float, added in double',
      confidence: 'The mean is one rounding of the quotient to float; there it is rounded to double before.',
      data: binary32,
    },
    onnxRuntimeCpu: {
      kernel: 'layerNorm',
      reduction: chain(added),
      root: 'sqrtThenDivide',
      options: { variance: 'onePass', negativeVariance: 'keep' },
      source:
        'ONNX Runtime, core/providers/cpu/nn/layer_norm_impl.cc: ComputeJob, E[x²] − E[x]² in one chain, not clamped',
      confidence: 'As the source writes it, without contraction; ε joins last, as there.',
      data: binary32,
    },
  }) as const satisfies Readonly<Record<NormPresetName, Recipe>>)();

/** The names of the norms of public kernels. */
export type NormPresetName =
  | 'pytorchCudaLayerNorm'
  | 'pytorchCudaRmsNorm'
  | 'apexLayerNorm'
  | 'tritonTutorial'
  | 'vllmRmsNorm1024'
  | 'vllmRmsNorm256'
  | 'llamaCppRmsNorm'
  | 'onnxRuntimeCpu';

/**
 * The names of the norms of public kernels.
 *
 * @example
 * import { normPresetNames } from 'bittrue/kernels';
 * normPresetNames.length; // 8
 */
export const normPresetNames: readonly NormPresetName[] = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.keys(recipes) as NormPresetName[],
);

/**
 * A norm as a public kernel computes it, on data of a format (default what the kernel's usual data have): statistics in binary32
 * or wider.
 *
 * @throws {@link BittrueError} for a name or a format that there is not
 * @example
 * import { layerNorm, normPreset } from 'bittrue/kernels';
 * const { target, options } = normPreset('onnxRuntimeCpu');
 * const x = [342, 342.1, 342, 342.1, 342, 342.1];
 * const { report } = layerNorm(x, { rows: 1, width: 6, target, ...options });
 * report.ok; // false
 */
export function normPreset(name: NormPresetName, format?: Format): NormPreset {
  const found: Recipe = recipes[checkName('name', name, normPresetNames)];
  const data = roundTo(format === undefined ? (found.data ?? binary16) : checkFormat('format', format));
  const { kernel, reduction, options = {}, source, confidence } = found;
  const target = defineTarget({
    name,
    vectorUnits: {
      vector: {
        name: 'vector',
        load: data,
        compute: single,
        ...(found.narrow === true ? { normalize: data } : {}),
        accumulate: found.accumulate === undefined ? single : roundTo(found.accumulate),
        statistics: single,
        store: data,
        reduction,
        mean: 'divide',
        reciprocalSqrt: { kind: found.root },
        source,
        verified: 'documented',
        confidence,
      },
    },
  });
  return Object.freeze({ kernel, target, options: Object.freeze(options), source, confidence });
}
