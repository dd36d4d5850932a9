/**
 * What is known of a value before a run.
 *
 * @module
 */
import type { OnnxElementType } from '../elementTypes.ts';
import type { Node } from '../graph.ts';

/** An axis: its length, the name of a length, or null where neither is known. */
export type Dim = number | string | null;

/** What is known of a value: null where nothing is. */
export interface Known {
  readonly type: OnnxElementType | null;
  readonly shape: readonly Dim[] | null;
  /** The elements of few integers, lengths that a run decides by their names: what shapes are computed with. */
  readonly elements?: readonly Dim[];
}

/** A shape of more axes is not followed: no file has one, and what asks for it is no shape. */
const MOST_AXES = 64;

/** Nothing. */
export const unknown: Known = Object.freeze({ type: null, shape: null });

/** What an operator's outputs are, of what its inputs are; absent inputs are undefined. */
export type Rule = (node: Node, inputs: readonly (Known | undefined)[]) => readonly Known[];

/** Two axes that broadcast. */
function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1 || a === b) return a;
  if (typeof a === 'number') return typeof b === 'number' ? null : a;
  return typeof b === 'number' ? b : null;
}

/** Shapes that broadcast (docs/Broadcasting.md); null where one is unknown. */
export function broadcast(shapes: readonly (readonly Dim[] | null | undefined)[]): readonly Dim[] | null {
  let found: readonly Dim[] = [];
  for (const shape of shapes) {
    if (shape === null || shape === undefined) return null;
    const rank = Math.max(found.length, shape.length);
    const at = (one: readonly Dim[], i: number): Dim =>
      one[i - (rank - one.length)] ?? (i < rank - one.length ? 1 : null);
    const [left, right] = [found, shape];
    found = Array.from({ length: rank }, (_, i) => broadcastDim(at(left, i), at(right, i)));
  }
  return found;
}

/** Axes of which only the number is known, where it is one that a shape can have. */
export function unknownAxes(count: Dim | undefined): Dim[] | null {
  return typeof count === 'number' && count >= 0 && count <= MOST_AXES ? Array<Dim>(count).fill(null) : null;
}

/** An axis counted from the front. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The product of axes, where all are numbers. */
export function product(dims: readonly Dim[]): Dim {
  let found = 1;
  for (const dim of dims) {
    if (typeof dim !== 'number') return dims.length === 1 ? dim : null;
    found *= dim;
  }
  return found;
}

/** Elements that are all numbers, or null. */
export function numbersKnown(known: Known | undefined): readonly number[] | null {
  const elements = known?.elements;
  return elements?.every((one) => typeof one === 'number') ? (elements as readonly number[]) : null;
}

/** What is known of an operator's only output. */
export const one = (
  type: Known['type'] | undefined,
  shape: readonly Dim[] | null,
  elements?: readonly Dim[],
): readonly Known[] => [{ type: type ?? null, shape, ...(elements === undefined ? {} : { elements }) }];

/** Axes that an input names (opset 13 and later). */
export function axesAt(
  node: Node,
  inputs: readonly (Known | undefined)[],
  place: number,
): readonly number[] | null | 'all' {
  if (node.inputs[place] === undefined || node.inputs[place] === '') return 'all';
  return numbersKnown(inputs[place]);
}
