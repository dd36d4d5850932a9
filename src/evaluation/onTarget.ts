/**
 * Nodes on a unit of a target: norms, softmax, products, sums and elementwise arithmetic, by the kernels.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { mergeReports, type Report } from '../events/index.ts';
import type { Format } from '../formats/index.ts';
import { numberOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { add, layerNorm, matmul, multiply, rmsNorm, sum } from '../kernels/index.ts';
import { meanOfSums } from '../specification/sum/mean.ts';
import { defineTarget } from '../targets/define.ts';
import type { Target, VectorUnit } from '../targets/index.ts';
import { attentionCall, attentionOutput, scoresOf, seesNone } from './attention.ts';
import { addMask, type MaskedRows, softmaxOfScores } from './masks.ts';
import { strided } from './movement.ts';
import { perElement, rowsFrom } from './normalization.ts';
import { matrixProduct, turned } from './products.ts';
import { rowsToSum } from './reductions.ts';
import { around, axisAt, broadcastShape, broadcastStrides, needed, reals } from './tensors.ts';

/** A unit of a target for a node. */
export interface OnTarget {
  readonly target: Target;
  /** The matrix unit of products; default as `matmul` chooses. */
  readonly unit?: string;
  /** What becomes of a node that the target has no kernel for: refused (default), or exact. */
  readonly otherwise?: 'refuse' | 'exact';
  /** Whether to find headroom too, which about doubles the time. Default false. */
  readonly reference?: boolean;
  /** Whether reports count the results of every stage by their exponents. */
  readonly magnitudes?: boolean;
}

/** What a node gives on a target. */
export interface TargetRun {
  readonly outputs: readonly TypedTensor[];
  /** One report a part: a node that is one kernel has one, by the kernel's name. */
  readonly reports: Readonly<Record<string, Report>>;
}

type Runner = (node: Node, inputs: readonly (TypedTensor | undefined)[], on: OnTarget) => TargetRun;

type Common = Pick<OnTarget, 'target'> & {
  readonly reference: boolean;
  readonly magnitudes: boolean;
  readonly nonFiniteInputs: 'deny';
};

const common = ({ target, reference = false, magnitudes = false }: OnTarget): Common => ({
  target,
  reference,
  magnitudes,
  nonFiniteInputs: 'deny',
});

const masked = ({ target, reference = false }: OnTarget, rows: number, width: number): MaskedRows => ({
  target,
  reference,
  rows,
  width,
});

const loadOf = ({ target }: OnTarget): Format => (vectorOf(target) as VectorUnit).load.format;

const one = (x: TypedTensor, data: Float64Array, name: string, report: Report): TargetRun => ({
  outputs: [{ type: x.type, shape: x.shape, data }],
  reports: { [name]: report },
});

/** The vector unit that runs where none is named. */
function vectorOf({ defaults, vectorUnits }: Target): VectorUnit | undefined {
  return defaults.vector === undefined ? undefined : vectorUnits[defaults.vector];
}

/** A target whose default vector unit differs. */
function withVector(target: Target, change: Partial<VectorUnit>): Target {
  const unit = vectorOf(target);
  if (unit === undefined) return target;
  return defineTarget({ ...target, vectorUnits: { ...target.vectorUnits, [unit.name]: { ...unit, ...change } } });
}

/** A norm; one that was recognised divides as its nodes spelled it out. */
function norm(isLayer: boolean): Runner {
  return (node, inputs, on) => {
    const x = needed(node, inputs, 0);
    const { axis, rows, width } = rowsFrom(node, x);
    const shape = x.shape.slice(axis);
    const gamma = perElement(node, inputs[1], shape);
    const beta = isLayer ? perElement(node, inputs[2], shape) : null;
    const said = node.attributes.reciprocalSqrt;
    const options = {
      ...common(on),
      ...(typeof said === 'string' && said !== 'correctlyRounded'
        ? { target: withVector(on.target, { reciprocalSqrt: { kind: said as 'sqrtThenDivide' } }) }
        : {}),
      rows,
      width,
      epsilon: numberOf(node, 'epsilon', 1e-5),
      ...(gamma === null ? {} : { gamma }),
      ...(beta === null ? {} : { beta }),
    };
    const { output, report } = (isLayer ? layerNorm : rmsNorm)(reals(node, x), options);
    return one(x, output, report.kernel, report);
  };
}

/** Softmax along an axis, whose numbers are laid side by side first. */
const softmaxOn: Runner = (node, inputs, on) => {
  const x = needed(node, inputs, 0);
  const axis = axisAt(node, numberOf(node, 'axis', -1), x.shape.length);
  const { before, length, after } = around(x.shape, axis);
  const data = reals(node, x);
  const isLast = after === 1;
  const laid = isLast
    ? data
    : (strided(node, { ...x, data }, [before, after, length], [length * after, 1, after]).data as Float64Array);
  const { output, report } = softmaxOfScores(laid, masked(on, before * after, length), loadOf(on));
  const back = isLast
    ? output
    : (strided(node, { ...x, data: output }, [before, length, after], [length * after, 1, length])
        .data as Float64Array);
  return one(x, back, 'softmax', report);
};

type Product = Pick<OnTarget, 'unit'> & { readonly m: number; readonly k: number; readonly n: number };

/** Reports of several runs of a kernel as one, with the least headroom of any. */
export function together(reports: readonly Report[]): Report {
  const [first] = reports;
  if (reports.length === 1) return first;
  const rooms = reports.map(({ headroom }) => headroom);
  const merged = mergeReports(reports);
  if (rooms.some((room) => room === undefined)) return merged;
  const headroom: Record<string, number | null> = {};
  const additions: Record<string, number> = {};
  for (const stage of merged.stages) {
    const bits = rooms.map((room) => room?.[stage] ?? null).filter((one) => one !== null);
    additions[stage] = reports.reduce((sum, report) => sum + (report.additions?.[stage] ?? 0), 0);
    headroom[stage] = bits.length === 0 ? null : bits.reduce((least, one) => Math.min(least, one), Infinity);
  }
  return { ...merged, headroom, additions };
}

const matMulOn: Runner = (node, inputs, on) => {
  const [a, b] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const found = matrixProduct(node, a.shape, b.shape);
  const { k, n, shape } = found;
  const [left, right] = [reals(node, a), reals(node, b)];
  // One B for all: the batch is rows of A.
  const isOne = found.batches.every(([atA, atB], i) => atB === 0 && atA === i);
  const m = isOne ? found.m * found.batches.length : found.m;
  const batches = isOne ? found.batches.slice(0, 1) : found.batches;
  const data = new Float64Array(elementCount(shape));
  const reports = batches.map(([atA, atB], i) => {
    const options: Product = { m, k, n, ...(on.unit === undefined ? {} : { unit: on.unit }) };
    const { output, report } = matmul(
      left.subarray(atA * found.m * k, atA * found.m * k + m * k),
      right.subarray(atB * k * n, (atB + 1) * k * n),
      {
        ...common(on),
        ...options,
      },
    );
    data.set(output, i * m * n);
    return report;
  });
  if (reports.length === 0) return { outputs: [{ type: a.type, shape, data }], reports: {} };
  return one({ ...a, shape }, data, 'matmul', together(reports));
};

/** The addend is the one that the unit's first instruction takes. */
const gemmOn: Runner = (node, inputs, on) => {
  const a = turned(node, needed(node, inputs, 0), 'transA');
  const b = turned(node, needed(node, inputs, 1), 'transB');
  const { m, k, n, shape } = matrixProduct(node, a.shape, b.shape);
  const c = inputs[2] === undefined ? null : perElement(node, inputs[2], shape);
  const { output, report } = matmul(a.data as Float64Array, b.data as Float64Array, {
    ...common(on),
    m,
    k,
    n,
    ...(on.unit === undefined ? {} : { unit: on.unit }),
    ...(c === null ? {} : { c }),
  });
  return one({ ...a, shape }, output, 'matmul', report);
};

/** Scores, softmax and the product with V, each by its kernel. Scale, cap and mask are exact; a mask's −∞ is judged as `masks.ts` says. */
const attentionOn: Runner = (node, inputs, on) => {
  const call = attentionCall(node, inputs);
  if ((node.outputs[3] ?? '') !== '')
    throw new BittrueError(
      'unsupported',
      node.name,
      'qk_matmul_output on a target',
      'Attention of at most three outputs',
    );
  const { batch, heads, sharedHeads, queries, keys, width, valueWidth, q, k, v } = call;
  const scores: Report[] = [];
  const weights: Report[] = [];
  const values: Report[] = [];
  const unit = on.unit === undefined ? {} : { unit: on.unit };
  const out = new Float64Array(batch * heads * queries * valueWidth);
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const shared = b * sharedHeads + Math.floor(h / (heads / sharedHeads));
      const at = (b * heads + h) * queries;
      const key = k.subarray(shared * keys * width, (shared + 1) * keys * width);
      const turnedKey = strided(node, { type: 'double', shape: [keys, width], data: key }, [width, keys], [1, width])
        .data as Float64Array;
      const product = matmul(q.subarray(at * width, (at + queries) * width), turnedKey, {
        ...common(on),
        ...unit,
        m: queries,
        k: width,
        n: keys,
      });
      scores.push(product.report);
      const rows = scoresOf(call, product.output, b, h);
      // A query that sees no key has zeros for weights: no softmax is formed for it.
      const blind = Array.from({ length: queries }, (_, i) => i).filter((i) => seesNone(call, b, h, i));
      for (const i of blind) rows.fill(0, i * keys, (i + 1) * keys);
      const strange = product.output.reduce(
        (count, score, i) => count + Number(!Number.isFinite(score) || !(rows[i] < Infinity)),
        0,
      );
      const shares = softmaxOfScores(rows, masked(on, queries, keys), loadOf(on), strange);
      weights.push(shares.report);
      for (const i of blind) shares.output.fill(0, i * keys, (i + 1) * keys);
      const value = v.subarray(shared * keys * valueWidth, (shared + 1) * keys * valueWidth);
      const result = matmul(shares.output, value, { ...common(on), ...unit, m: queries, k: keys, n: valueWidth });
      values.push(result.report);
      out.set(result.output, at * valueWidth);
    }
  }
  return {
    outputs: [attentionOutput(node, call, out, inputs[0]!.type), call.k4, call.v4],
    reports: { scores: together(scores), softmax: together(weights), values: together(values) },
  };
};

/** Two operands that broadcast, laid out in full. */
function elementwiseOn(kernel: typeof add | typeof multiply): Runner {
  return (node, inputs, on) => {
    const [a, b] = [needed(node, inputs, 0), needed(node, inputs, 1)];
    const shape = broadcastShape(node, [a.shape, b.shape]);
    const laid = (x: TypedTensor): Float64Array => {
      const data = reals(node, x);
      if (x.shape.join() === shape.join()) return data;
      return strided(node, { ...x, data }, shape, broadcastStrides(x.shape, shape)).data as Float64Array;
    };
    const width = shape[shape.length - 1] ?? 1;
    const rows = elementCount(shape.slice(0, -1));
    const { output, report } =
      kernel === add
        ? addMask(laid(a), laid(b), masked(on, rows, width), (vectorOf(on.target) as VectorUnit).store.format)
        : kernel(laid(a), laid(b), { ...common(on), rows, width });
    return one({ ...a, shape }, output, report.kernel, report);
  };
}

/** A sum of rows by the unit's reduction; a mean is that sum over n, or times 1/n, as the unit forms means. */
function summed(isMean: boolean): Runner {
  return (node, inputs, on) => {
    const x = needed(node, inputs, 0);
    const isPool = node.op === 'GlobalAveragePool';
    const found = isPool ? pooledRows(node, x) : rowsToSum(node, inputs);
    if (found === null) return { outputs: [x], reports: {} };
    const { groups, size, shape } = found;
    const data = found.data as Float64Array;
    const vector = vectorOf(on.target) as VectorUnit;
    if (!isMean) {
      const { output, report } = sum(data, { ...common(on), rows: groups, width: size });
      return one({ ...x, shape }, output, 'sum', report);
    }
    // The sum stays in the accumulator's format until it has been divided.
    const summing = withVector(on.target, { store: vector.accumulate });
    const total = sum(data, { ...common(on), target: summing, rows: groups, width: size });
    const mean = meanOfSums(total.output, { ...common(on), rows: groups, width: size });
    return { outputs: [{ type: x.type, shape, data: mean.output }], reports: { sum: total.report, mean: mean.report } };
  };
}

function pooledRows(node: Node, x: TypedTensor): { data: Float64Array; groups: number; size: number; shape: number[] } {
  const [batch, channels, ...space] = x.shape;
  return {
    data: reals(node, x),
    groups: batch * channels,
    size: elementCount(space),
    shape: [batch, channels, ...space.map(() => 1)],
  };
}

const runners: Readonly<Record<string, { readonly run: Runner; readonly needs: 'vector' | 'product' | 'both' }>> = {
  LayerNormalization: { run: norm(true), needs: 'vector' },
  RMSNormalization: { run: norm(false), needs: 'vector' },
  Softmax: { run: softmaxOn, needs: 'vector' },
  MatMul: { run: matMulOn, needs: 'product' },
  Gemm: { run: gemmOn, needs: 'product' },
  Attention: { run: attentionOn, needs: 'both' },
  Add: { run: elementwiseOn(add), needs: 'vector' },
  Mul: { run: elementwiseOn(multiply), needs: 'vector' },
  ReduceSum: { run: summed(false), needs: 'vector' },
  ReduceMean: { run: summed(true), needs: 'vector' },
  GlobalAveragePool: { run: summed(true), needs: 'vector' },
};

/** The operators that targets have kernels for. */
export const kernelOperators: readonly string[] = /* @__PURE__ */ Object.keys(runners);

/** Whether a target has the units that a node's kernels take. */
export function hasKernel(node: Node, { target, unit }: Pick<OnTarget, 'target' | 'unit'>): boolean {
  const runner = Object.hasOwn(runners, node.op) ? runners[node.op] : undefined;
  if (runner === undefined) return false;
  if (node.op === 'Gemm' && (numberOf(node, 'alpha', 1) !== 1 || numberOf(node, 'beta', 1) !== 1)) return false;
  const hasVector = vectorOf(target) !== undefined;
  const multiplies = unit !== undefined || target.defaults.matrix !== undefined || hasVector;
  return (runner.needs === 'vector' || multiplies) && (runner.needs === 'product' || hasVector);
}

/**
 * Runs a node on a target.
 *
 * @throws {@link BittrueError} `unsupported` where the target has no kernel for it, and as the kernels
 */
export function runOnTarget(node: Node, inputs: readonly (TypedTensor | undefined)[], on: OnTarget): TargetRun {
  if (!hasKernel(node, on))
    throw new BittrueError(
      'unsupported',
      node.name,
      `${node.op} on ${on.target.name}`,
      'a node that the target has a kernel for',
    );
  return runners[node.op].run(node, inputs, on);
}
