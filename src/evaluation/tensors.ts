/**
 * Tensors of a run: made, widened, walked through by broadcasting.
 *
 * @module
 */
import { allocate, BittrueError } from '../errors/index.ts';
import { arrayKind, elementKind } from '../graphs/elementTypes.ts';
import { elementCount } from '../graphs/graph.ts';
import type { ElementArray, Node, OnnxElementType, TypedTensor } from '../graphs/index.ts';

/** Numbers as they are computed with, or as a file holds them. */
export type Floats = Float64Array | Float32Array;

/** What an operator makes of its inputs; absent ones are undefined. */
export type Operator = (node: Node, inputs: readonly (TypedTensor | undefined)[]) => readonly TypedTensor[];

/** Whether a type is held as bigints. */
export const isWide = (type: OnnxElementType): boolean => type === 'int64' || type === 'uint64';

/** A tensor of zeros. */
export function zeros(node: Node, type: OnnxElementType, shape: readonly number[]): TypedTensor {
  return { type, shape, data: allocate(node.name, arrayKind(type) as typeof Float64Array, elementCount(shape)) };
}

/** The numbers of a float tensor; a Float32Array, as files give it, becomes a Float64Array. */
export function reals(node: Node, tensor: TypedTensor | undefined, what = 'its input'): Float64Array {
  if (tensor === undefined || elementKind(tensor.type) !== 'float') {
    throw new BittrueError('type', node.name, tensor?.type ?? 'nothing', `${what} of a float type, for ${node.op}`);
  }
  return tensor.data instanceof Float64Array ? tensor.data : new Float64Array(tensor.data as Float32Array);
}

/** The same as it is stored: what is only read needs no copy. */
export function stored(node: Node, tensor: TypedTensor): Floats {
  return tensor.data instanceof Float32Array ? tensor.data : reals(node, tensor);
}

/** An input that has to be there. */
export function needed(node: Node, inputs: readonly (TypedTensor | undefined)[], place: number): TypedTensor {
  const found = inputs[place];
  if (found === undefined) throw new BittrueError('type', node.name, 'nothing', `input ${place} of ${node.op}`);
  return found;
}

/** The larger of two numbers or of two bigints. */
export function larger<T extends number | bigint>(a: T, b: T): T {
  if (a > b) return a;
  return b;
}

/** The smaller of two numbers or of two bigints. */
export function smaller<T extends number | bigint>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}

/** Elements of any type, to be read and written one by one. */
export function elements(data: ElementArray): (number | bigint)[] {
  return data as unknown as (number | bigint)[];
}

/** Elements as numbers; integers beyond 2^53 as the nearest. */
export function numbersIn({ data }: TypedTensor): number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** Few integers, such as axes and shapes, as numbers; null where the input is absent. */
export function integers(tensor: TypedTensor | undefined): number[] | null {
  return tensor === undefined ? null : numbersIn(tensor);
}

/** An axis counted from the front. */
export function axisAt(node: Node, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new BittrueError('range', node.name, `axis ${axis}`, `an axis of ${rank}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Refuses shapes that do not fit. */
export function misfit(node: Node, ...shapes: readonly (readonly number[])[]): BittrueError {
  const told = shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ');
  return new BittrueError('shape', node.name, told, `shapes that fit together, for ${node.op}`);
}

/** The shape that shapes broadcast to (docs/Broadcasting.md of github.com/onnx/onnx). */
export function broadcastShape(node: Node, shapes: readonly (readonly number[])[]): number[] {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  return Array.from({ length: rank }, (_, i) => {
    let axis = 1;
    for (const shape of shapes) {
      const length = shape[i - (rank - shape.length)] ?? 1;
      if (length === 1 || length === axis) continue;
      if (axis !== 1) throw misfit(node, ...shapes);
      axis = length;
    }
    return axis;
  });
}

/** Steps in memory along each axis of a row-major tensor. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

/** Steps of a tensor that is broadcast to a shape: 0 along axes that it has once. */
export function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, i) => (i < missing || shape[i - missing] === 1 ? 0 : own[i - missing]));
}

/**
 * Walks through a shape row by row: `row(at, offsets)` with the first place of each row of the last axis, in the output and
 * in each of the operands, whose steps are given.
 */
export function eachRow(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  row: (at: number, offsets: readonly number[]) => void,
): void {
  const width = shape[shape.length - 1] ?? 1;
  const outer = shape.slice(0, -1);
  const rows = elementCount(outer);
  if (width === 0) return;
  const index = Array<number>(outer.length).fill(0);
  const offsets = strides.map(() => 0);
  for (let r = 0; r < rows; r++) {
    row(r * width, offsets);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      index[axis]++;
      for (let k = 0; k < strides.length; k++) offsets[k] += strides[k][axis];
      if (index[axis] < outer[axis]) break;
      for (let k = 0; k < strides.length; k++) offsets[k] -= strides[k][axis] * outer[axis];
      index[axis] = 0;
    }
  }
}

/** The last step of each operand. */
export function lastSteps(strides: readonly (readonly number[])[]): number[] {
  return strides.map((steps) => steps[steps.length - 1] ?? 0);
}

/** An array of the same kind. */
export function likeArray(data: ElementArray, length: number, what: string): ElementArray {
  return allocate(what, data.constructor as typeof Float64Array, length);
}

/** Splits a shape around an axis: how many before, how long, how many after. */
export function around(shape: readonly number[], axis: number): { before: number; length: number; after: number } {
  return {
    before: elementCount(shape.slice(0, axis)),
    length: shape[axis],
    after: elementCount(shape.slice(axis + 1)),
  };
}

/** Every place of a shape, with its index along each axis. */
export function eachPlace(shape: readonly number[], visit: (at: number, index: readonly number[]) => void): void {
  const index = Array<number>(shape.length).fill(0);
  const count = elementCount(shape);
  for (let at = 0; at < count; at++) {
    visit(at, index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
}
