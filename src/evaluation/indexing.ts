/**
 * Data taken from, and put at, places that indices name: exact on every machine.
 *
 * @module
 */
import { allocate } from '../errors/allocate.ts';
import { BittrueError } from '../errors/error.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import { elementCount, type Node, type TypedTensor } from '../graphs/graph.ts';
import {
  around,
  axisAt,
  eachPlace,
  elements,
  larger,
  likeArray,
  misfit,
  needed,
  numbersIn,
  type Operator,
  smaller,
  stridesOf,
} from './tensors.ts';

/** An index of an axis, counted from its end where it is negative. */
function indexAt(node: Node, value: number | bigint, length: number): number {
  const index = Number(value);
  if (index < -length || index >= length)
    throw new BittrueError('range', node.name, `index ${index}`, `one of ${length}`);
  return index < 0 ? index + length : index;
}

/** Indices have the rank of x, and are within it along every axis but the one whose places they name. */
function checkWithin(node: Node, x: TypedTensor, indices: TypedTensor, axis: number): void {
  const isWithin = indices.shape.every((length, i) => i === axis || length <= x.shape[i]);
  if (indices.shape.length !== x.shape.length || !isWithin) throw misfit(node, x.shape, indices.shape);
}

/** How what is scattered meets what is there. */
function meeting(node: Node): (old: never, value: never) => number | bigint {
  const how = textOf(node, 'reduction', 'none');
  const found = {
    none: (_: number, value: number) => value,
    add: (old: number, value: number) => old + value,
    mul: (old: number, value: number) => old * value,
    max: larger,
    min: smaller,
  }[how];
  if (found === undefined) throw new BittrueError('name', node.name, how, 'none, add, mul, max or min');
  return found as (old: never, value: never) => number | bigint;
}

/** Blocks of x that the last axis of indices names. */
function blocksNamed(
  node: Node,
  x: TypedTensor,
  indices: TypedTensor,
  batch: number,
): { size: number; starts: number[] } {
  const depth = indices.shape[indices.shape.length - 1] ?? 0;
  if (batch + depth > x.shape.length) throw misfit(node, x.shape, indices.shape);
  const own = stridesOf(x.shape);
  const size = elementCount(x.shape.slice(batch + depth));
  const count = elementCount(indices.shape.slice(0, -1));
  const perBatch = count / Math.max(1, elementCount(x.shape.slice(0, batch)));
  const wide = elementCount(x.shape.slice(batch));
  const starts = Array.from({ length: count }, (_, r) => {
    let at = batch === 0 ? 0 : Math.floor(r / perBatch) * wide;
    for (let i = 0; i < depth; i++)
      at += own[batch + i] * indexAt(node, indices.data[r * depth + i], x.shape[batch + i]);
    return at;
  });
  return { size, starts };
}

const gather: Operator = (node, inputs) => {
  const [x, indices] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const axis = axisAt(node, numberOf(node, 'axis', 0), x.shape.length);
  const { before, length, after } = around(x.shape, axis);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  // What is gathered is computed with; the table itself may be as a file holds it.
  const data =
    x.data instanceof Float32Array
      ? allocate(node.name, Float64Array, elementCount(shape))
      : (likeArray(x.data, elementCount(shape), node.name) as Float64Array);
  const places = numbersIn(indices).map((value) => indexAt(node, value, length));
  for (let b = 0, to = 0; b < before; b++) {
    for (const place of places) {
      const at = (b * length + place) * after;
      data.set((x.data as Float64Array).subarray(at, at + after), to);
      to += after;
    }
  }
  return [{ type: x.type, shape, data }];
};

const gatherElements: Operator = (node, inputs) => {
  const [x, indices] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const axis = axisAt(node, numberOf(node, 'axis', 0), x.shape.length);
  checkWithin(node, x, indices, axis);
  const own = stridesOf(x.shape);
  const data = elements(likeArray(x.data, elementCount(indices.shape), node.name));
  eachPlace(indices.shape, (at, index) => {
    let from = 0;
    index.forEach((place, i) => {
      from += own[i] * (i === axis ? indexAt(node, indices.data[at], x.shape[axis]) : place);
    });
    data[at] = x.data[from];
  });
  return [{ type: x.type, shape: indices.shape, data: data as never }];
};

const gatherND: Operator = (node, inputs) => {
  const [x, indices] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const batch = numberOf(node, 'batch_dims', 0);
  const depth = indices.shape[indices.shape.length - 1];
  const { size, starts } = blocksNamed(node, x, indices, batch);
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(batch + depth)];
  const data = likeArray(x.data, elementCount(shape), node.name) as Float64Array;
  starts.forEach((at, i) => {
    data.set((x.data as Float64Array).subarray(at, at + size), i * size);
  });
  return [{ type: x.type, shape, data }];
};

const scatterElements: Operator = (node, inputs) => {
  const [x, indices, updates] = [needed(node, inputs, 0), needed(node, inputs, 1), needed(node, inputs, 2)];
  const axis = axisAt(node, numberOf(node, 'axis', 0), x.shape.length);
  checkWithin(node, x, indices, axis);
  const isAlike =
    updates.shape.length === indices.shape.length && updates.shape.every((n, i) => n === indices.shape[i]);
  if (!isAlike) throw misfit(node, indices.shape, updates.shape);
  const own = stridesOf(x.shape);
  const meet = meeting(node);
  const data = elements(x.data.slice());
  eachPlace(indices.shape, (at, index) => {
    let to = 0;
    index.forEach((place, i) => {
      to += own[i] * (i === axis ? indexAt(node, indices.data[at], x.shape[axis]) : place);
    });
    data[to] = meet(data[to] as never, updates.data[at] as never);
  });
  return [{ type: x.type, shape: x.shape, data: data as never }];
};

const scatterND: Operator = (node, inputs) => {
  const [x, indices, updates] = [needed(node, inputs, 0), needed(node, inputs, 1), needed(node, inputs, 2)];
  const { size, starts } = blocksNamed(node, x, indices, 0);
  if (updates.data.length !== starts.length * size) throw misfit(node, indices.shape, updates.shape);
  const meet = meeting(node);
  const data = elements(x.data.slice());
  starts.forEach((at, i) => {
    for (let k = 0; k < size; k++) data[at + k] = meet(data[at + k] as never, updates.data[i * size + k] as never);
  });
  return [{ type: x.type, shape: x.shape, data: data as never }];
};

const oneHot: Operator = (node, inputs) => {
  const [indices, depth, values] = [0, 1, 2].map((place) => needed(node, inputs, place));
  const length = Number(depth.data[0]);
  const rank = indices.shape.length + 1;
  const axis = axisAt(node, numberOf(node, 'axis', -1), rank);
  const shape = [...indices.shape.slice(0, axis), length, ...indices.shape.slice(axis)];
  const after = elementCount(indices.shape.slice(axis));
  const [off, on] = [values.data[0], values.data[1]];
  const data = likeArray(values.data, elementCount(shape), node.name) as Float64Array;
  data.fill(off as number);
  numbersIn(indices).forEach((value, i) => {
    const place = value < 0 ? value + length : value;
    if (place < 0 || place >= length) return;
    data[(Math.floor(i / after) * length + place) * after + (i % after)] = on as number;
  });
  return [{ type: values.type, shape, data }];
};

const nonZero: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const found: number[][] = [];
  eachPlace(x.shape, (at, index) => {
    if (Number(x.data[at]) !== 0) found.push([...index]);
  });
  const rank = x.shape.length;
  const data = new BigInt64Array(rank * found.length);
  found.forEach((index, i) => {
    for (let axis = 0; axis < rank; axis++) data[axis * found.length + i] = BigInt(index[axis]);
  });
  return [{ type: 'int64', shape: [rank, found.length], data }];
};

const topK: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const count = Number(needed(node, inputs, 1).data[0]);
  const axis = axisAt(node, numberOf(node, 'axis', -1), x.shape.length);
  const { before, length, after } = around(x.shape, axis);
  if (count > length)
    throw new BittrueError('range', node.name, `${count} of ${length}`, 'at most as many as there are');
  const isLargest = numberOf(node, 'largest', 1) !== 0;
  const shape = x.shape.map((size, i) => (i === axis ? count : size));
  const values = elements(likeArray(x.data, elementCount(shape), node.name));
  const places = new BigInt64Array(elementCount(shape));
  for (let b = 0; b < before; b++) {
    for (let a = 0; a < after; a++) {
      const at = (i: number): number | bigint => x.data[(b * length + i) * after + a];
      const order = Array.from({ length }, (_, i) => i).sort((p, q) => {
        const [u, v] = [at(p), at(q)];
        if (u === v) return p - q;
        return u < v === isLargest ? 1 : -1;
      });
      for (let k = 0; k < count; k++) {
        values[(b * count + k) * after + a] = at(order[k]);
        places[(b * count + k) * after + a] = BigInt(order[k]);
      }
    }
  }
  return [
    { type: x.type, shape, data: values as never },
    { type: 'int64', shape, data: places },
  ];
};

/** The first numbers of each sequence turned round, as many as it has a length. */
const reverseSequence: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const [time, batch] = [numberOf(node, 'time_axis', 0), numberOf(node, 'batch_axis', 1)];
  const lengths = numbersIn(needed(node, inputs, 1));
  if (x.shape.length < 2 || time + batch !== 1 || time * batch !== 0 || lengths.length !== x.shape[batch])
    throw misfit(node, x.shape, lengths);
  if (lengths.some((length) => !(length >= 0 && length <= x.shape[time])))
    throw new BittrueError('range', node.name, `lengths ${lengths.join(', ')}`, `lengths from 0 to ${x.shape[time]}`);
  const [[rows, columns], size] = [x.shape, elementCount(x.shape.slice(2))];
  const data = elements(x.data.slice());
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const [at, length] = time === 0 ? [i, lengths[j]] : [j, lengths[i]];
      const from = at < length ? length - 1 - at : at;
      const read = (time === 0 ? from * columns + j : i * columns + from) * size;
      for (let k = 0; k < size; k++) data[(i * columns + j) * size + k] = x.data[read + k];
    }
  }
  return [{ type: x.type, shape: x.shape, data: data as never }];
};

/** The slices along an axis, or the elements of all, of which a condition holds; it may end before they do. */
const compress: Operator = (node, inputs) => {
  const [x, condition] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const named = node.attributes.axis === undefined ? null : axisAt(node, numberOf(node, 'axis'), x.shape.length);
  const [shape, axis] = named === null ? [[x.data.length], 0] : [x.shape, named];
  if (condition.shape.length !== 1) throw misfit(node, condition.shape);
  const { before, length, after } = around(shape, axis);
  const kept = Array.from({ length: Math.min(length, condition.data.length) }, (_, i) => i).filter(
    (i) => condition.data[i],
  );
  const data = elements(likeArray(x.data, before * kept.length * after, node.name));
  for (let b = 0; b < before; b++) {
    kept.forEach((place, k) => {
      const [to, from] = [(b * kept.length + k) * after, (b * length + place) * after];
      for (let i = 0; i < after; i++) data[to + i] = x.data[from + i];
    });
  }
  return [{ type: x.type, shape: shape.map((size, i) => (i === axis ? kept.length : size)), data: data as never }];
};

/** Each element, or slice along an axis, once: in order, or as they first appear; where, which it is of each, how often. */
const unique: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const named = node.attributes.axis === undefined ? null : axisAt(node, numberOf(node, 'axis'), x.shape.length);
  const { before, length, after } = around(named === null ? [x.data.length] : x.shape, named ?? 0);
  const at = (place: number, i: number): number | bigint =>
    x.data[(Math.floor(i / after) * length + place) * after + (i % after)];
  // NaNs are one, behind all numbers.
  const compare = (p: number, q: number): number => {
    for (let i = 0; i < before * after; i++) {
      const [u, v] = [at(p, i), at(q, i)];
      const [isNoU, isNoV] = [Number.isNaN(u), Number.isNaN(v)];
      if (isNoU !== isNoV) return isNoU ? 1 : -1;
      if (u !== v && !isNoU) return u < v ? -1 : 1;
    }
    return 0;
  };
  const sorted = Array.from({ length }, (_, i) => i).sort((p, q) => compare(p, q) || p - q);
  const groups: number[][] = [];
  for (const place of sorted) {
    const last = groups[groups.length - 1];
    if (last !== undefined && compare(last[0], place) === 0) last.push(place);
    else groups.push([place]);
  }
  if (numberOf(node, 'sorted', 1) === 0) groups.sort(([p], [q]) => p - q);
  const inverse = new BigInt64Array(length);
  groups.forEach((places, k) => {
    for (const place of places) inverse[place] = BigInt(k);
  });
  const data = elements(likeArray(x.data, before * groups.length * after, node.name));
  groups.forEach(([first], k) => {
    for (let i = 0; i < before * after; i++)
      data[(Math.floor(i / after) * groups.length + k) * after + (i % after)] = at(first, i);
  });
  const shape = named === null ? [groups.length] : x.shape.map((size, i) => (i === named ? groups.length : size));
  const counted = (values: readonly number[]): TypedTensor => ({
    type: 'int64',
    shape: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  return [
    { type: x.type, shape, data: data as never },
    counted(groups.map(([first]) => first)),
    { type: 'int64', shape: [length], data: inverse },
    counted(groups.map((places) => places.length)),
  ];
};

/** New positions of a sequence written into a cache, from a place for each of the batch on. */
const tensorScatter: Operator = (node, inputs) => {
  const [past, update] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  const axis = axisAt(node, numberOf(node, 'axis', -2), past.shape.length);
  const mode = textOf(node, 'mode', 'linear');
  if (mode !== 'linear' && mode !== 'circular') throw new BittrueError('name', node.name, mode, 'linear or circular');
  const isAlike = update.shape.every((size, i) => i === axis || size === past.shape[i]);
  if (axis === 0 || update.shape.length !== past.shape.length || !isAlike) throw misfit(node, past.shape, update.shape);
  const { before, length, after } = around(past.shape, axis);
  const [count, batch] = [update.shape[axis], past.shape[0]];
  const starts = inputs[2] === undefined ? Array<number>(batch).fill(0) : numbersIn(inputs[2]);
  if (starts.length !== batch) throw misfit(node, past.shape, [starts.length]);
  const data = elements(past.data.slice());
  for (let b = 0; b < before; b++) {
    const start = starts[Math.floor(b / (before / batch))];
    for (let s = 0; s < count; s++) {
      const place = mode === 'circular' ? (start + s) % length : start + s;
      if (!(place >= 0 && place < length))
        throw new BittrueError('range', node.name, `place ${place}`, `one of ${length}`);
      for (let i = 0; i < after; i++) data[(b * length + place) * after + i] = update.data[(b * count + s) * after + i];
    }
  }
  return [{ type: past.type, shape: past.shape, data: data as never }];
};

/** The operators of this file. */
export const indexing: Readonly<Record<string, Operator>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  OneHot: oneHot,
  NonZero: nonZero,
  TopK: topK,
  ReverseSequence: reverseSequence,
  Compress: compress,
  Unique: unique,
  TensorScatter: tensorScatter,
};
