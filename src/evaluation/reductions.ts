/**
 * Reductions along axes: sums run in the order of the elements, in binary64; those of integers keep their type.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf } from '../graphs/attributes.ts';
import { elementKind, integerLimits } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, OnnxElementType, TypedTensor } from '../graphs/index.ts';
import {
  around,
  axisAt,
  eachRow,
  elements,
  integers,
  isWide,
  larger,
  needed,
  type Operator,
  reals,
  smaller,
  stridesOf,
  zeros,
} from './tensors.ts';

/** Axes that are reduced: input 1, or all of them. Null: nothing is. */
function axesOf(node: Node, inputs: readonly (TypedTensor | undefined)[], rank: number): number[] | null {
  const named = integers(inputs[1]);
  if (named === null || named.length === 0) {
    if (numberOf(node, 'noop_with_empty_axes', 0) !== 0) return null;
    return Array.from({ length: rank }, (_, i) => i);
  }
  return [...new Set(named.map((axis) => axisAt(node, axis, rank)))].sort((a, b) => a - b);
}

/** Elements of x so that those reduced together lie together, in order, with how many they are. */
export function gathered(
  node: Node,
  inputs: readonly (TypedTensor | undefined)[],
): { data: ArrayLike<number | bigint>; groups: number; size: number; shape: number[] } | null {
  const x = needed(node, inputs, 0);
  const rank = x.shape.length;
  const axes = axesOf(node, inputs, rank);
  if (axes === null) return null;
  const gone = new Set(axes);
  const kept = x.shape.map((_, i) => i).filter((i) => !gone.has(i));
  const order = [...kept, ...axes];
  const size = elementCount(axes.map((axis) => x.shape[axis]));
  const groups = elementCount(kept.map((axis) => x.shape[axis]));
  const keep = numberOf(node, 'keepdims', 1) !== 0;
  const shape = x.shape.flatMap((axis, i) => (gone.has(i) ? (keep ? [1] : []) : [axis]));
  if (order.every((axis, i) => axis === i)) return { data: x.data, groups, size, shape };
  const own = stridesOf(x.shape);
  const turned = order.map((axis) => x.shape[axis]);
  const strides = [order.map((axis) => own[axis])];
  const data = elements(zeros(node, x.type, turned).data);
  const step = strides[0][rank - 1];
  const width = turned[rank - 1];
  eachRow(turned, strides, (at, [from]) => {
    for (let i = 0; i < width; i++) data[at + i] = x.data[from + i * step];
  });
  return { data, groups, size, shape };
}

/** A reduction: what it starts with, how an element enters, what is made of the end. */
interface Fold {
  readonly start: number | End;
  readonly take: (sum: number, x: number) => number;
  readonly finish?: (sum: number, count: number) => number;
  readonly wide?: { readonly start: bigint | End; readonly take: (sum: bigint, x: bigint) => bigint };
}

/** The least or the largest of a type's values: what no elements give, and nothing is beyond. */
type End = 'least' | 'largest';

/** What a reduction starts with in a type. */
function startIn(type: OnnxElementType, start: number | bigint | End): number | bigint {
  if (typeof start !== 'string') return start;
  if (elementKind(type) === 'float') return start === 'least' ? -Infinity : Infinity;
  const [least, largest] = type === 'bool' ? [0n, 1n] : integerLimits(type);
  const end = start === 'least' ? least : largest;
  return isWide(type) ? end : Number(end);
}

function reduction({ start, take, finish, wide }: Fold): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    const found = gathered(node, inputs);
    if (found === null) return [x];
    const { data, groups, size, shape } = found;
    const out = zeros(node, x.type, shape);
    if (isWide(x.type)) {
      if (wide === undefined)
        throw new BittrueError('unsupported', node.name, x.type, `a type that ${node.op} has here`);
      for (let g = 0; g < groups; g++) {
        let sum = startIn(x.type, wide.start) as bigint;
        for (let i = g * size; i < (g + 1) * size; i++) sum = wide.take(sum, data[i] as bigint);
        (out.data as BigInt64Array)[g] = sum;
      }
      return [out];
    }
    const isInteger = elementKind(x.type) !== 'float';
    for (let g = 0; g < groups; g++) {
      let sum = startIn(x.type, start) as number;
      for (let i = g * size; i < (g + 1) * size; i++) sum = take(sum, data[i] as number);
      const end = finish === undefined ? sum : finish(sum, size);
      out.data[g] = isInteger ? Math.trunc(end) : end;
    }
    return [out];
  };
}

/** log Σ e^x, by way of the largest. */
const logSumExp: Operator = (node, inputs) => {
  const found = gathered(node, inputs);
  const x = needed(node, inputs, 0);
  if (found === null) return [x];
  const { groups, size, shape } = found;
  const data = found.data as ArrayLike<number>;
  const out = new Float64Array(groups);
  for (let g = 0; g < groups; g++) {
    let top = -Infinity;
    for (let i = g * size; i < (g + 1) * size; i++) top = Math.max(top, data[i]);
    let sum = 0;
    for (let i = g * size; i < (g + 1) * size; i++) sum += Math.exp(data[i] - top);
    out[g] = Number.isFinite(top) ? top + Math.log(sum) : top;
  }
  return [{ type: x.type, shape, data: out }];
};

/** The place of the largest or smallest along an axis. */
function argument(isBetter: (a: number | bigint, b: number | bigint) => boolean): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    const axis = axisAt(node, numberOf(node, 'axis', 0), x.shape.length);
    const { before, length, after } = around(x.shape, axis);
    const keep = numberOf(node, 'keepdims', 1) !== 0;
    const isLast = numberOf(node, 'select_last_index', 0) !== 0;
    const out = zeros(
      node,
      'int64',
      x.shape.flatMap((size, i) => (i === axis ? (keep ? [1] : []) : [size])),
    );
    if (length === 0) throw new BittrueError('shape', node.name, 'no elements', `at least one, for ${node.op}`);
    for (let b = 0; b < before; b++) {
      for (let a = 0; a < after; a++) {
        const at = (i: number): number | bigint => x.data[(b * length + i) * after + a];
        let best = 0;
        for (let i = 1; i < length; i++) if (isBetter(at(i), at(best)) || (isLast && at(i) === at(best))) best = i;
        (out.data as BigInt64Array)[b * after + a] = BigInt(best);
      }
    }
    return [out];
  };
}

/** Sums or products of all numbers up to each along an axis. */
function running(isProduct: boolean): Operator {
  return (node, inputs) => {
    const x = needed(node, inputs, 0);
    const axis = axisAt(node, integers(needed(node, inputs, 1))![0], x.shape.length);
    const { before, length, after } = around(x.shape, axis);
    const isExclusive = numberOf(node, 'exclusive', 0) !== 0;
    const isReverse = numberOf(node, 'reverse', 0) !== 0;
    const out = zeros(node, x.type, x.shape);
    const [data, to] = [elements(x.data), elements(out.data)] as [number[], number[]];
    const start = (isWide(x.type) ? (isProduct ? 1n : 0n) : isProduct ? 1 : 0) as number;
    for (let b = 0; b < before; b++) {
      for (let a = 0; a < after; a++) {
        let so = start;
        for (let k = 0; k < length; k++) {
          const at = (b * length + (isReverse ? length - 1 - k : k)) * after + a;
          if (isExclusive) to[at] = so;
          so = isProduct ? so * data[at] : so + data[at];
          if (!isExclusive) to[at] = so;
        }
      }
    }
    return [out];
  };
}

const plus = { start: 0n, take: (sum: bigint, x: bigint) => sum + x };

/** Sums of a float tensor's groups, as its reduction has them: what a target's sum kernel takes as rows. */
export function rowsToSum(node: Node, inputs: readonly (TypedTensor | undefined)[]): ReturnType<typeof gathered> {
  reals(node, inputs[0]);
  return gathered(node, inputs);
}

/** The operators of this file. */
export const reductions: Readonly<Record<string, Operator>> = {
  ReduceSum: reduction({ start: 0, take: (sum, x) => sum + x, wide: plus }),
  ReduceMean: reduction({
    start: 0,
    take: (sum, x) => sum + x,
    finish: (sum, count) => sum / count,
  }),
  ReduceMax: reduction({
    start: 'least',
    take: Math.max,
    wide: { start: 'least', take: larger },
  }),
  ReduceMin: reduction({
    start: 'largest',
    take: Math.min,
    wide: { start: 'largest', take: smaller },
  }),
  ReduceProd: reduction({ start: 1, take: (sum, x) => sum * x, wide: { start: 1n, take: (sum, x) => sum * x } }),
  ReduceL1: reduction({
    start: 0,
    take: (sum, x) => sum + Math.abs(x),
    wide: { start: 0n, take: (sum, x) => sum + (x < 0n ? -x : x) },
  }),
  ReduceL2: reduction({ start: 0, take: (sum, x) => sum + x * x, finish: Math.sqrt }),
  ReduceSumSquare: reduction({
    start: 0,
    take: (sum, x) => sum + x * x,
    wide: { start: 0n, take: (sum, x) => sum + x * x },
  }),
  ReduceLogSum: reduction({ start: 0, take: (sum, x) => sum + x, finish: Math.log }),
  ReduceLogSumExp: logSumExp,
  ArgMax: argument((a, b) => a > b),
  ArgMin: argument((a, b) => a < b),
  CumSum: running(false),
  CumProd: running(true),
};
