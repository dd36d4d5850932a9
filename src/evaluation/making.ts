/**
 * Tensors made of shapes and bounds: Shape, Size, ConstantOfShape, EyeLike, Range.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, tensorOf } from '../graphs/attributes.ts';
import { elementTypeOf } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import { elements, integers, isWide, likeArray, misfit, needed, type Operator, zeros } from './tensors.ts';

const shapeOf: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const rank = x.shape.length;
  const clamp = (place: number): number => Math.min(Math.max(place < 0 ? place + rank : place, 0), rank);
  const kept = x.shape.slice(clamp(numberOf(node, 'start', 0)), clamp(numberOf(node, 'end', rank)));
  return [{ type: 'int64', shape: [kept.length], data: BigInt64Array.from(kept, BigInt) }];
};

const constantOfShape: Operator = (node, inputs) => {
  const shape = integers(needed(node, inputs, 0)) as number[];
  const value = tensorOf(node, 'value') ?? { type: 'float' as const, shape: [1], data: Float64Array.of(0) };
  const data = likeArray(
    value.data instanceof Float32Array ? Float64Array.from(value.data) : value.data,
    elementCount(shape),
    node.name,
  );
  (data as Float64Array).fill(value.data[0] as number);
  return [{ type: value.type, shape, data }];
};

const range: Operator = (node, inputs) => {
  const [start, limit, delta] = [0, 1, 2].map((place) => needed(node, inputs, place));
  const [from, to, by] = [start, limit, delta].map(({ data }) => Number(data[0]));
  const count = Math.max(0, Math.ceil((to - from) / by));
  if (!Number.isSafeInteger(count))
    throw new BittrueError('range', node.name, `${count} numbers`, 'a range with an end');
  const data = elements(likeArray(start.data, count, node.name));
  const isWide = start.type === 'int64';
  for (let i = 0; i < count; i++) data[i] = isWide ? BigInt(from + i * by) : from + i * by;
  return [{ type: start.type, shape: [count], data: data as never }];
};

const size: Operator = (node, inputs) => [
  { type: 'int64', shape: [], data: BigInt64Array.of(BigInt(needed(node, inputs, 0).data.length)) },
];

/** Ones on a diagonal of a matrix as large as another. */
const eyeLike: Operator = (node, inputs) => {
  const { type, shape } = needed(node, inputs, 0);
  if (shape.length !== 2) throw misfit(node, shape);
  const named = numberOf(node, 'dtype', 0);
  const own = named === 0 ? type : elementTypeOf(named);
  if (own === undefined) throw new BittrueError('value', node.name, `dtype ${named}`, 'a type of ONNX');
  const out = zeros(node, own, shape);
  const data = elements(out.data);
  const [rows, columns] = shape;
  const k = numberOf(node, 'k', 0);
  for (let i = Math.max(0, -k); i < rows && i + k < columns; i++) data[i * columns + i + k] = isWide(own) ? 1n : 1;
  return [out];
};

/** The operators of this file. */
export const making: Readonly<Record<string, Operator>> = {
  Shape: shapeOf,
  Size: size,
  ConstantOfShape: constantOfShape,
  EyeLike: eyeLike,
  Range: range,
};
