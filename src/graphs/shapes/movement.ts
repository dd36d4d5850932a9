/**
 * Shapes of moved data, one rule an operator.
 *
 * @module
 */
import { numberOf, numbersOf } from '../attributes.ts';
import type { Node } from '../graph.ts';
import {
  axesAt,
  axisOf,
  broadcast,
  type Dim,
  type Known,
  numbersKnown,
  one,
  product,
  type Rule,
  unknown,
  unknownAxes,
} from './known.ts';

const reshaped: Rule = (node, [x, to]) => {
  const target = to?.elements;
  if (target === undefined) {
    return one(x?.type, unknownAxes(to?.shape?.[0]));
  }
  const allowZero = numberOf(node, 'allowzero', 0) !== 0;
  const shape = target.map((dim, i): Dim => (dim === 0 && !allowZero ? (x?.shape?.[i] ?? null) : dim));
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const whole = x?.shape == null ? null : product(x.shape);
    const others = product(shape.filter((_, i) => i !== open));
    shape[open] = typeof whole === 'number' && typeof others === 'number' && others > 0 ? whole / others : null;
  }
  return one(x?.type, shape, x?.elements);
};

const transposed: Rule = (node, [x]) => {
  if (x?.shape == null) return one(x?.type, null);
  const { shape } = x;
  const order = numbersOf(node, 'perm') ?? shape.map((_, i) => shape.length - 1 - i);
  return one(
    x.type,
    order.map((axis) => shape[axis] ?? null),
  );
};

const concatenated: Rule = (node, inputs) => {
  const shapes = inputs.map((input) => input?.shape ?? null);
  const rank = shapes.find((shape) => shape !== null)?.length;
  if (rank === undefined) return one(inputs[0]?.type, null);
  const axis = axisOf(numberOf(node, 'axis'), rank);
  const shape = Array.from({ length: rank }, (_, i): Dim => {
    const dims = shapes.map((found) => found?.[i] ?? null);
    if (i === axis)
      return dims.length === 1 ? dims[0] : dims.every((dim) => typeof dim === 'number') ? sum(dims) : null;
    return dims.find((dim) => typeof dim === 'number') ?? dims.find((dim) => dim !== null) ?? null;
  });
  const elements = inputs.every((input) => input?.elements !== undefined)
    ? inputs.flatMap((input) => input?.elements ?? [])
    : undefined;
  return one(inputs[0]?.type, shape, rank === 1 ? elements : undefined);
};

const sum = (dims: readonly Dim[]): number => (dims as readonly number[]).reduce((total, dim) => total + dim, 0);

const squeezed: Rule = (node, inputs) => {
  const [x] = inputs;
  const axes = axesAt(node, inputs, 1);
  if (x?.shape == null || axes === null) return one(x?.type, null);
  const { shape } = x;
  if (axes === 'all' && !shape.every((dim) => typeof dim === 'number')) return one(x.type, null);
  const gone =
    axes === 'all' ? shape.flatMap((dim, i) => (dim === 1 ? [i] : [])) : axes.map((a) => axisOf(a, shape.length));
  return one(
    x.type,
    shape.filter((_, i) => !gone.includes(i)),
    x.elements,
  );
};

const unsqueezed: Rule = (node, inputs) => {
  const [x] = inputs;
  const axes = axesAt(node, inputs, 1);
  if (x?.shape == null || axes === null || axes === 'all') return one(x?.type, null);
  const rank = x.shape.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(axis, rank)));
  const rest = [...x.shape];
  const shape = Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.shift() ?? null)));
  return one(x.type, shape, x.elements);
};

const gathered: Rule = (node, [x, indices]) => {
  if (x?.shape == null || indices?.shape == null) return one(x?.type, null);
  const axis = axisOf(numberOf(node, 'axis', 0), x.shape.length);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const places = numbersKnown(indices);
  const { elements } = x;
  if (elements === undefined || places === null || x.shape.length !== 1) return one(x.type, shape);
  return one(
    x.type,
    shape,
    places.map((place) => elements[axisOf(place, elements.length)] ?? null),
  );
};

const sliced: Rule = (_, [x, starts, ends, axes, steps]) => {
  if (x?.shape == null) return one(x?.type, null);
  const { shape, elements } = x;
  const [from, to, step] = [numbersKnown(starts), numbersKnown(ends), numbersKnown(steps)];
  const on = axes === undefined ? from?.map((_, i) => i) : numbersKnown(axes);
  if (on == null)
    return one(
      x.type,
      shape.map(() => null),
    );
  const cut = new Map(on.map((axis, i) => [axisOf(axis, shape.length), i]));
  const places = (length: number, i: number): SliceRange | null => {
    if (from === null || to === null || (steps !== undefined && step === null)) return null;
    return sliceRange(length, from[i], to[i], step?.[i] ?? 1);
  };
  const found = shape.map((dim, axis): Dim => {
    const i = cut.get(axis);
    if (i === undefined) return dim;
    return typeof dim === 'number' ? (places(dim, i)?.count ?? null) : null;
  });
  if (shape.length !== 1 || elements === undefined || !cut.has(0)) return one(x.type, found);
  const kept = places(elements.length, cut.get(0) as number);
  if (kept === null) return one(x.type, found);
  const { begin, count, step: by } = kept;
  return one(
    x.type,
    found,
    Array.from({ length: count }, (_, i) => elements[begin + i * by]),
  );
};

/** The places that a slice takes: the first, how many, and the step from one to the next. */
export interface SliceRange {
  readonly begin: number;
  readonly count: number;
  readonly step: number;
}

/**
 * The places that a slice of one axis takes: bounds beyond the axis are clamped (Slice, opset 10 and later). Null for a
 * step that is none.
 */
export function sliceRange(length: number, from: number, to: number, step: number): SliceRange | null {
  if (!Number.isInteger(step) || step === 0 || Number.isNaN(from + to)) return null;
  const bound = (value: number): number => {
    const place = value < 0 ? value + length : value;
    return step > 0 ? Math.min(Math.max(place, 0), length) : Math.min(Math.max(place, -1), length - 1);
  };
  const [begin, end] = [bound(from), bound(to)];
  return { begin, count: Math.max(0, Math.ceil((end - begin) / step)), step };
}

const split: Rule = (node, inputs) => {
  const [x] = inputs;
  const parts = node.outputs.length;
  if (x?.shape == null) return node.outputs.map(() => ({ type: x?.type ?? null, shape: null }));
  const { shape, type } = x;
  const axis = axisOf(numberOf(node, 'axis', 0), shape.length);
  const sizes = numbersKnown(inputs[1]);
  const length = shape[axis];
  return node.outputs.map((_, i) => {
    const chunk = typeof length === 'number' ? Math.ceil(length / parts) : null;
    const equal = chunk === null ? null : i < parts - 1 ? chunk : (length as number) - chunk * (parts - 1);
    const size = node.inputs[1] ? (sizes?.[i] ?? null) : equal;
    return { type, shape: shape.map((dim, a) => (a === axis ? size : dim)) };
  });
};

const flattened: Rule = (node, [x]) => {
  if (x?.shape == null) return one(x?.type, [null, null]);
  const at = axisOf(numberOf(node, 'axis', 1), x.shape.length);
  return one(x.type, [product(x.shape.slice(0, at)), product(x.shape.slice(at))]);
};

/** A shape that an input holds. */
export const shaped =
  (type: (node: Node, inputs: readonly (Known | undefined)[]) => Known['type'], place: number): Rule =>
  (node, inputs) => {
    const { elements, shape } = inputs[place] ?? unknown;
    return one(type(node, inputs), elements ?? unknownAxes(shape?.[0]));
  };

const expanded: Rule = (node, inputs) => {
  const [target] = shaped((_, [x]) => x?.type ?? null, 1)(node, inputs);
  return one(target.type, broadcast([inputs[0]?.shape, target.shape]));
};

const tiled: Rule = (_, [x, repeats]) => {
  const times = numbersKnown(repeats);
  const shape = x?.shape?.map((dim, i) =>
    typeof dim === 'number' && times ? dim * times[i] : times?.[i] === 1 ? dim : null,
  );
  return one(x?.type, shape ?? null);
};

const padded: Rule = (_, [x, pads, , axes]) => {
  if (x?.shape == null) return one(x?.type, null);
  const { shape } = x;
  const added = numbersKnown(pads);
  const on =
    axes === undefined ? shape.map((_, i) => i) : numbersKnown(axes)?.map((axis) => axisOf(axis, shape.length));
  if (added === null || on === undefined)
    return one(
      x.type,
      shape.map(() => null),
    );
  return one(
    x.type,
    shape.map((dim, axis) => {
      const i = on.indexOf(axis);
      const more = i < 0 ? 0 : added[i] + added[i + on.length];
      return more === 0 ? dim : typeof dim === 'number' ? dim + more : null;
    }),
  );
};

const depthToSpace: Rule = (node, [x]) => {
  const block = numberOf(node, 'blocksize');
  if (x?.shape?.length !== 4) return one(x?.type, null);
  const [n, c, h, w] = x.shape;
  const by = (dim: Dim, factor: number): Dim => (typeof dim === 'number' ? dim * factor : null);
  const inwards = node.op === 'SpaceToDepth';
  const [deep, wide] = inwards ? [block * block, 1 / block] : [1 / (block * block), block];
  return one(x.type, [n, by(c, deep), by(h, wide), by(w, wide)]);
};

/** The rules, by operator. */
export const movementRules: Readonly<Record<string, Rule>> = /* @__PURE__ */ Object.freeze({
  Reshape: reshaped,
  Transpose: transposed,
  Concat: concatenated,
  Squeeze: squeezed,
  Unsqueeze: unsqueezed,
  Gather: gathered,
  Slice: sliced,
  Split: split,
  Flatten: flattened,
  Expand: expanded,
  Tile: tiled,
  Pad: padded,
  DepthToSpace: depthToSpace,
  SpaceToDepth: depthToSpace,
});
