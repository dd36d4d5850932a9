/**
 * Data moved, and nothing computed: exact on every machine.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, numbersOf, textOf } from '../graphs/attributes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { sliceRange } from '../graphs/shapes/movement.ts';
import {
  around,
  axisAt,
  broadcastShape,
  broadcastStrides,
  eachRow,
  elements,
  integers,
  likeArray,
  misfit,
  needed,
  type Operator,
  stridesOf,
} from './tensors.ts';

/** The same elements under another shape. */
function as(node: Node, x: TypedTensor, shape: readonly number[]): readonly TypedTensor[] {
  if (elementCount(shape) !== x.data.length) throw misfit(node, x.shape, shape);
  return [{ type: x.type, shape, data: x.data }];
}

/** The elements at the places that steps through memory give. */
export function strided(
  node: Node,
  x: TypedTensor,
  shape: readonly number[],
  strides: readonly number[],
  start = 0,
): TypedTensor {
  const data = likeArray(x.data, elementCount(shape), node.name);
  const step = strides[strides.length - 1] ?? 0;
  const width = shape[shape.length - 1] ?? 1;
  if (x.data instanceof Float64Array) {
    // The usual kind alone: a loop over arrays of all kinds is several times slower.
    const [read, written] = [x.data, data as Float64Array];
    eachRow(shape, [strides], (at, [from]) => {
      for (let i = 0, place = start + from; i < width; i++, place += step) written[at + i] = read[place];
    });
    return { type: x.type, shape, data };
  }
  const to = elements(data);
  eachRow(shape, [strides], (at, [from]) => {
    for (let i = 0; i < width; i++) to[at + i] = x.data[start + from + i * step];
  });
  return { type: x.type, shape, data };
}

const reshape: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const wanted = integers(needed(node, inputs, 1)) as number[];
  const allowZero = numberOf(node, 'allowzero', 0) !== 0;
  const shape = wanted.map((axis, i) => {
    if (axis !== 0 || allowZero) return axis;
    if (i >= x.shape.length) throw misfit(node, x.shape, wanted);
    return x.shape[i];
  });
  const open = shape.indexOf(-1);
  if (shape.some((axis, i) => axis < 0 && i !== open)) throw misfit(node, x.shape, wanted);
  if (open >= 0) shape[open] = x.data.length / elementCount(shape.filter((_, i) => i !== open));
  if (!shape.every(Number.isInteger)) throw misfit(node, x.shape, wanted);
  return as(node, x, shape);
};

const transpose: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const rank = x.shape.length;
  const order = numbersOf(node, 'perm') ?? x.shape.map((_, i) => rank - 1 - i);
  if (new Set(order).size !== rank || order.some((axis) => !(axis >= 0 && axis < rank)))
    throw misfit(node, x.shape, order);
  const own = stridesOf(x.shape);
  const shape = order.map((axis) => x.shape[axis]);
  return [
    strided(
      node,
      x,
      shape,
      order.map((axis) => own[axis]),
    ),
  ];
};

const concat: Operator = (node, inputs) => {
  const first = needed(node, inputs, 0);
  const parts = inputs.map((_, i) => needed(node, inputs, i));
  const axis = axisAt(node, numberOf(node, 'axis'), first.shape.length);
  for (const { shape } of parts) {
    const fits = shape.length === first.shape.length && shape.every((size, i) => i === axis || size === first.shape[i]);
    if (!fits) throw misfit(node, first.shape, shape);
  }
  const length = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  const shape = first.shape.map((size, i) => (i === axis ? length : size));
  const { before, after } = around(shape, axis);
  const data = likeArray(first.data, elementCount(shape), node.name) as Float64Array;
  let from = 0;
  for (const part of parts) {
    const width = part.shape[axis] * after;
    for (let b = 0; b < before; b++) {
      data.set((part.data as Float64Array).subarray(b * width, (b + 1) * width), b * length * after + from);
    }
    from += width;
  }
  return [{ type: first.type, shape, data }];
};

const split: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const axis = axisAt(node, numberOf(node, 'axis', 0), x.shape.length);
  const { before, length, after } = around(x.shape, axis);
  const count = numberOf(node, 'num_outputs', node.outputs.length);
  const chunk = Math.ceil(length / count);
  if (!(Number.isInteger(count) && count >= 1 && count <= Math.max(length, node.outputs.length)))
    throw misfit(node, x.shape, [count]);
  const sizes = integers(inputs[1]) ?? Array.from({ length: count }, (_, i) => Math.min(chunk, length - i * chunk));
  if (sizes.reduce((sum, size) => sum + size, 0) !== length || sizes.some((size) => size < 0))
    throw misfit(node, x.shape, sizes);
  let from = 0;
  return sizes.map((size) => {
    const shape = x.shape.map((one, i) => (i === axis ? size : one));
    const data = likeArray(x.data, elementCount(shape), node.name) as Float64Array;
    for (let b = 0; b < before; b++) {
      const at = (b * length + from) * after;
      data.set((x.data as Float64Array).subarray(at, at + size * after), b * size * after);
    }
    from += size;
    return { type: x.type, shape, data };
  });
};

const slice: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const rank = x.shape.length;
  const starts = integers(needed(node, inputs, 1)) as number[];
  const ends = integers(needed(node, inputs, 2)) as number[];
  const axes = integers(inputs[3]) ?? starts.map((_, i) => i);
  const steps = integers(inputs[4]) ?? starts.map(() => 1);
  const shape = [...x.shape];
  const strides = stridesOf(x.shape);
  let start = 0;
  const own = [...strides];
  const isOnce = new Set(axes.map((axis) => axisAt(node, axis, rank))).size === axes.length;
  if (!isOnce || [starts, ends, steps].some((list) => list.length !== axes.length))
    throw misfit(node, starts, ends, axes);
  axes.forEach((named, i) => {
    const axis = axisAt(node, named, rank);
    const places = sliceRange(x.shape[axis], starts[i], ends[i], steps[i]);
    if (places === null)
      throw new BittrueError('range', node.name, `a step of ${steps[i]}`, 'a step that is a whole number other than 0');
    shape[axis] = places.count;
    strides[axis] = own[axis] * steps[i];
    start += places.count === 0 ? 0 : places.begin * own[axis];
  });
  return [strided(node, x, shape, strides, start)];
};

const squeeze: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const axes = integers(inputs[1])?.map((axis) => axisAt(node, axis, x.shape.length));
  if (axes?.some((axis) => x.shape[axis] !== 1)) throw misfit(node, x.shape, axes);
  return as(
    node,
    x,
    x.shape.filter((size, i) => (axes === undefined ? size !== 1 : !axes.includes(i))),
  );
};

const unsqueeze: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const named = integers(needed(node, inputs, 1)) as number[];
  const rank = x.shape.length + named.length;
  const added = new Set(named.map((axis) => axisAt(node, axis, rank)));
  if (added.size !== named.length) throw misfit(node, x.shape, named);
  const rest = [...x.shape];
  return as(
    node,
    x,
    Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.shift() as number))),
  );
};

const flatten: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const rank = x.shape.length;
  const named = numberOf(node, 'axis', 1);
  const axis = named < 0 ? named + rank : named;
  return as(node, x, [elementCount(x.shape.slice(0, axis)), elementCount(x.shape.slice(axis))]);
};

const expand: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const shape = broadcastShape(node, [x.shape, integers(needed(node, inputs, 1)) as number[]]);
  return [strided(node, x, shape, broadcastStrides(x.shape, shape))];
};

const tile: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const repeats = integers(needed(node, inputs, 1)) as number[];
  if (repeats.length !== x.shape.length) throw misfit(node, x.shape, repeats);
  // Each axis becomes two: how often, and what.
  const own = stridesOf(x.shape);
  const shape = x.shape.flatMap((size, i) => [repeats[i], size]);
  const spread = strided(
    node,
    x,
    shape,
    own.flatMap((step) => [0, step]),
  );
  return [{ ...spread, shape: x.shape.map((size, i) => size * repeats[i]) }];
};

const trilu: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const k = Number(inputs[1]?.data[0] ?? 0);
  const isUpper = numberOf(node, 'upper', 1) !== 0;
  if (x.shape.length < 2) throw misfit(node, x.shape);
  const [rows, columns] = x.shape.slice(-2);
  const data = elements(x.data.slice());
  const zero = x.type === 'int64' || x.type === 'uint64' ? 0n : 0;
  for (let i = 0; i < x.data.length; i++) {
    const column = i % columns;
    const row = Math.floor(i / columns) % rows;
    if (isUpper ? column - row < k : column - row > k) data[i] = zero;
  }
  return [{ type: x.type, shape: x.shape, data: data as never }];
};

/** Blocks of channels to places, and back. */
const depthToSpace: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const b = numberOf(node, 'blocksize');
  if (x.shape.length !== 4) throw misfit(node, x.shape);
  const [n, c, h, w] = x.shape;
  const mode = textOf(node, 'mode', 'DCR');
  if (mode !== 'DCR' && mode !== 'CRD') throw new BittrueError('name', node.name, mode, 'DCR or CRD');
  const isCrd = mode === 'CRD';
  if (node.op === 'SpaceToDepth') {
    const own = stridesOf([n, c, h / b, b, w / b, b]);
    const [channel, down, right] = [own[1], own[3], own[5]];
    const moved = isCrd
      ? strided(node, x, [n, c, b, b, h / b, w / b], [own[0], channel, down, right, own[2], own[4]])
      : strided(node, x, [n, b, b, c, h / b, w / b], [own[0], down, right, channel, own[2], own[4]]);
    return [{ ...moved, shape: [n, c * b * b, h / b, w / b] }];
  }
  const deep = c / (b * b);
  const own = stridesOf(isCrd ? [n, deep, b, b, h, w] : [n, b, b, deep, h, w]);
  const [channel, down, right] = isCrd ? [own[1], own[2], own[3]] : [own[3], own[1], own[2]];
  const moved = strided(node, x, [n, deep, h, b, w, b], [own[0], channel, own[4], down, own[5], right]);
  return [{ ...moved, shape: [n, deep, h * b, w * b] }];
};

/** The operators of this file. */
export const movement: Readonly<Record<string, Operator>> = {
  Reshape: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Flatten: flatten,
  Expand: expand,
  Tile: tile,
  Trilu: trilu,
  DepthToSpace: depthToSpace,
  SpaceToDepth: depthToSpace,
};
