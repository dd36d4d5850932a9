/**
 * Shapes of what operators give, one rule an operator. A rule gives null for what it does not know and never a wrong axis:
 * a run computes shapes anew, so a missing rule costs knowledge, not correctness.
 *
 * @module
 */
import { numberOf, numbersOf, tensorOf, textOf } from '../attributes.ts';
import { elementTypeOf, type OnnxElementType } from '../elementTypes.ts';
import type { Node } from '../graph.ts';
import { axisOf, broadcast, type Dim, type Known, numbersKnown, product, type Rule, unknown } from './known.ts';
import { windowRules } from './windows.ts';

const one = (
  type: Known['type'] | undefined,
  shape: readonly Dim[] | null,
  elements?: readonly Dim[],
): readonly Known[] => [{ type: type ?? null, shape, ...(elements === undefined ? {} : { elements }) }];

/** As the first input. */
const same: Rule = (_, [x]) => one(x?.type, x?.shape ?? null);

/** As all inputs together. */
const combined: Rule = (_, inputs) => one(inputs[0]?.type, broadcast(inputs.map((input) => input?.shape ?? null)));

const compared: Rule = (node, inputs) => combined(node, inputs).map((known) => ({ ...known, type: 'bool' as const }));

/** Integer arithmetic on lengths. */
function arithmetic(compute: (a: number, b: number) => number, neutral?: number): Rule {
  return (node, inputs) => {
    const [known] = combined(node, inputs);
    const [a, b] = inputs.map((input) => input?.elements);
    if (a === undefined || b === undefined || known.shape === null || known.shape.length > 1) return [known];
    const length = Math.max(a.length, b.length);
    const elements = Array.from({ length }, (_, i): Dim => {
      const [p, q] = [a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]];
      if (typeof p === 'number' && typeof q === 'number') return compute(p, q);
      return q === neutral ? p : null;
    });
    return [{ ...known, elements }];
  };
}

/** Truth of lengths. */
function truth(decide: (a: number, b: number) => boolean): Rule {
  return (node, inputs) => {
    const [known] = compared(node, inputs);
    const [a, b] = inputs.map(numbersKnown);
    if (a === null || b === null || a === undefined || b === undefined) return [known];
    const length = Math.max(a.length, b.length);
    const at = (list: readonly number[], i: number): number => list[list.length === 1 ? 0 : i];
    return [{ ...known, elements: Array.from({ length }, (_, i) => (decide(at(a, i), at(b, i)) ? 1 : 0)) }];
  };
}

/** Axes that an input names (opset 13 and later). */
function axesAt(node: Node, inputs: readonly (Known | undefined)[], place: number): readonly number[] | null | 'all' {
  if (node.inputs[place] === undefined || node.inputs[place] === '') return 'all';
  return numbersKnown(inputs[place]);
}

const reduced: Rule = (node, inputs) => {
  const [x] = inputs;
  const keep = numberOf(node, 'keepdims', 1) !== 0;
  const axes = axesAt(node, inputs, 1);
  if (x?.shape == null || axes === null) return one(x?.type, null);
  const { shape } = x;
  const isNothing = (axes === 'all' || axes.length === 0) && numberOf(node, 'noop_with_empty_axes', 0) !== 0;
  if (isNothing) return [x];
  const gone = new Set(
    axes === 'all' || axes.length === 0 ? shape.map((_, i) => i) : axes.map((axis) => axisOf(axis, shape.length)),
  );
  return one(x.type, keep ? shape.map((dim, i) => (gone.has(i) ? 1 : dim)) : shape.filter((_, i) => !gone.has(i)));
};

const argued: Rule = (node, [x]) => {
  if (x?.shape == null) return one('int64', null);
  const axis = axisOf(numberOf(node, 'axis', 0), x.shape.length);
  const keep = numberOf(node, 'keepdims', 1) !== 0;
  return one('int64', keep ? x.shape.map((dim, i) => (i === axis ? 1 : dim)) : x.shape.filter((_, i) => i !== axis));
};

const reshaped: Rule = (node, [x, to]) => {
  const target = to?.elements;
  if (target === undefined) {
    const count = to?.shape?.[0];
    return one(x?.type, typeof count === 'number' ? Array<Dim>(count).fill(null) : null);
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
  const places = (length: number, i: number): number[] | null => {
    if (from === null || to === null || (steps !== undefined && step === null)) return null;
    return slicePlaces(length, from[i], to[i], step?.[i] ?? 1);
  };
  const found = shape.map((dim, axis): Dim => {
    const i = cut.get(axis);
    if (i === undefined) return dim;
    return typeof dim === 'number' ? (places(dim, i)?.length ?? null) : null;
  });
  const kept =
    shape.length === 1 && elements !== undefined && cut.has(0) ? places(elements.length, cut.get(0) as number) : null;
  return one(x.type, found, kept === null ? undefined : kept.map((place) => (elements as readonly Dim[])[place]));
};

/** The places that a slice of one axis takes: bounds beyond the axis are clamped (Slice, opset 10 and later). */
export function slicePlaces(length: number, from: number, to: number, step: number): number[] {
  const bound = (value: number): number => {
    const place = value < 0 ? value + length : value;
    return step > 0 ? Math.min(Math.max(place, 0), length) : Math.min(Math.max(place, -1), length - 1);
  };
  const [begin, end] = [bound(from), bound(to)];
  const count = Math.max(0, Math.ceil((end - begin) / step));
  return Array.from({ length: count }, (_, i) => begin + i * step);
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

const multiplied: Rule = (_, [a, b]) => {
  if (a?.shape == null || b?.shape == null) return one(a?.type, null);
  const batch = broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  if (batch === null) return one(a.type, null);
  const rows = a.shape.length > 1 ? [a.shape[a.shape.length - 2]] : [];
  const columns = b.shape.length > 1 ? [b.shape[b.shape.length - 1]] : [];
  return one(a.type, [...batch, ...rows, ...columns]);
};

const gemm: Rule = (node, [a, b]) => {
  const rows = a?.shape?.[numberOf(node, 'transA', 0) === 0 ? 0 : 1] ?? null;
  const columns = b?.shape?.[numberOf(node, 'transB', 0) === 0 ? 1 : 0] ?? null;
  return one(a?.type, [rows, columns]);
};

const flattened: Rule = (node, [x]) => {
  if (x?.shape == null) return one(x?.type, [null, null]);
  const at = axisOf(numberOf(node, 'axis', 1), x.shape.length);
  return one(x.type, [product(x.shape.slice(0, at)), product(x.shape.slice(at))]);
};

const shapeOf: Rule = (node, [x]) => {
  if (x?.shape == null) return one('int64', [null]);
  const rank = x.shape.length;
  const clamp = (place: number): number => Math.min(Math.max(place < 0 ? place + rank : place, 0), rank);
  const kept = x.shape.slice(clamp(numberOf(node, 'start', 0)), clamp(numberOf(node, 'end', rank)));
  return one('int64', [kept.length], kept);
};

/** A shape that an input holds. */
const shaped =
  (type: (node: Node, inputs: readonly (Known | undefined)[]) => Known['type'], place: number): Rule =>
  (node, inputs) => {
    const { elements, shape } = inputs[place] ?? unknown;
    const count = shape?.[0];
    return one(type(node, inputs), elements ?? (typeof count === 'number' ? Array<Dim>(count).fill(null) : null));
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

const cast: Rule = (node, [x]) => {
  const type = castType(node);
  // Truth stays what it is; a number that becomes one does not.
  const elements =
    type === 'int64' || type === 'int32' || (type === 'bool' && x?.type === 'bool') ? x?.elements : undefined;
  return one(type, x?.shape ?? null, elements);
};

/** The type that a Cast names by its number. */
export function castType(node: Node): OnnxElementType | null {
  return elementTypeOf(numberOf(node, 'to')) ?? null;
}

const normalized: Rule = (_, [x]) => [{ type: x?.type ?? null, shape: x?.shape ?? null }];

const topK: Rule = (node, inputs) => {
  const [x, k] = inputs;
  if (x?.shape == null)
    return [
      { type: x?.type ?? null, shape: null },
      { type: 'int64', shape: null },
    ];
  const axis = axisOf(numberOf(node, 'axis', -1), x.shape.length);
  const shape = x.shape.map((dim, i) => (i === axis ? (numbersKnown(k)?.[0] ?? null) : dim));
  return [
    { type: x.type, shape },
    { type: 'int64', shape },
  ];
};

const oneHot: Rule = (node, [indices, depth, values]) => {
  if (indices?.shape == null) return one(values?.type, null);
  const rank = indices.shape.length + 1;
  const axis = axisOf(numberOf(node, 'axis', -1), rank);
  const length = numbersKnown(depth)?.[0] ?? null;
  return one(values?.type, [...indices.shape.slice(0, axis), length, ...indices.shape.slice(axis)]);
};

const ranged: Rule = (_, inputs) => {
  const [start, limit, delta] = inputs.map((input) => numbersKnown(input)?.[0]);
  const isKnown = start !== undefined && limit !== undefined && delta !== undefined;
  return one(inputs[0]?.type, [isKnown ? Math.max(0, Math.ceil((limit - start) / delta)) : null]);
};

const indexed: Rule = (_, [x, indices]) => one(x?.type, indices?.shape ?? null);

const einsum: Rule = (node, inputs) => {
  const [left, right] = textOf(node, 'equation').replaceAll(' ', '').split('->');
  if (right === undefined || right.includes('.')) return one(inputs[0]?.type, null);
  const dims = new Map<string, Dim>();
  left.split(',').forEach((term, i) => {
    [...term].forEach((letter, axis) => {
      dims.set(letter, dims.get(letter) ?? inputs[i]?.shape?.[axis] ?? null);
    });
  });
  return one(
    inputs[0]?.type,
    [...right].map((letter) => dims.get(letter) ?? null),
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

const where: Rule = (_, [c, x, y]) => one(x?.type, broadcast([c?.shape, x?.shape, y?.shape]));

const filled: Rule = (node, inputs) => {
  const value = tensorOf(node, 'value');
  const [known] = shaped(() => value?.type ?? 'float', 0)(node, inputs);
  const count = known.shape?.length === 1 ? known.shape[0] : undefined;
  const number = value === null ? 0 : Number(value.data[0]);
  const isSmall = typeof count === 'number' && count <= 64 && known.type !== null && /int/.test(known.type);
  return [isSmall ? { ...known, elements: Array<Dim>(count).fill(number) } : known];
};

const attention: Rule = (_, [q, , v]) => {
  if (q?.shape == null || v?.shape == null) return [{ type: q?.type ?? null, shape: null }];
  return [
    {
      type: q.type,
      shape: q.shape.map((dim, i) =>
        i === q.shape!.length - 1 && q.shape!.length === 4 ? (v.shape![3] ?? null) : dim,
      ),
    },
  ];
};

const rulesOf = (rule: Rule, operators: string): Record<string, Rule> =>
  Object.fromEntries(operators.split(' ').map((operator) => [operator, rule]));

/** The rules, by operator. */
export const shapeRules: Readonly<Record<string, Rule>> = /* @__PURE__ */ Object.freeze({
  ...rulesOf(
    same,
    'Abs Acos Asin Atan Ceil Celu Clip Cos Cosh CumSum Elu Erf Exp Floor Gelu HardSigmoid HardSwish Hardmax LeakyRelu Log ' +
      'LogSoftmax LpNormalization Mish Neg Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softmax Softplus Softsign ' +
      'Sqrt Swish Tan Tanh ThresholdedRelu Trilu InstanceNormalization GroupNormalization BatchNormalization ' +
      'LayerNormalization RMSNormalization RotaryEmbedding Scatter ScatterElements ScatterND PRelu Dropout LRN',
  ),
  ...rulesOf(combined, 'Pow Mod Max Min Mean BitwiseAnd BitwiseOr BitwiseXor'),
  ...rulesOf(compared, 'And Or Xor'),
  ...rulesOf((_, [x]) => one('bool', x?.shape ?? null), 'IsNaN IsInf'),
  ...rulesOf(
    reduced,
    'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp',
  ),
  ...rulesOf(argued, 'ArgMax ArgMin'),
  ...rulesOf(indexed, 'GatherElements'),
  ...rulesOf(depthToSpace, 'DepthToSpace SpaceToDepth'),
  ...windowRules,
  Identity: (_, [x]) => [x ?? unknown],
  Add: arithmetic((a, b) => a + b, 0),
  Sub: arithmetic((a, b) => a - b, 0),
  Mul: arithmetic((a, b) => a * b, 1),
  Div: arithmetic((a, b) => Math.trunc(a / b), 1),
  Sum: combined,
  Equal: truth((a, b) => a === b),
  Greater: truth((a, b) => a > b),
  GreaterOrEqual: truth((a, b) => a >= b),
  Less: truth((a, b) => a < b),
  LessOrEqual: truth((a, b) => a <= b),
  Not: (_, [x]) => {
    const elements = numbersKnown(x)?.map((truthOf) => 1 - truthOf);
    return one('bool', x?.shape ?? null, elements);
  },
  Where: where,
  Reshape: reshaped,
  Transpose: transposed,
  Concat: concatenated,
  Squeeze: squeezed,
  Unsqueeze: unsqueezed,
  Gather: gathered,
  Slice: sliced,
  Split: split,
  MatMul: multiplied,
  MatMulInteger: (node, inputs) => one('int32', multiplied(node, inputs)[0].shape),
  Gemm: gemm,
  Flatten: flattened,
  Shape: shapeOf,
  Size: (_, [x]) => {
    const count = x?.shape == null ? null : product(x.shape);
    return one('int64', [], typeof count === 'number' ? [count] : undefined);
  },
  ConstantOfShape: filled,
  Expand: expanded,
  Tile: tiled,
  Pad: padded,
  Cast: cast,
  CastLike: (_, [x, like]) => one(like?.type, x?.shape ?? null),
  QuantizeLinear: (_, [x, , zero]) => one(zero?.type ?? 'uint8', x?.shape ?? null),
  DequantizeLinear: (_, [x, scale]) => one(scale?.type, x?.shape ?? null),
  SkipLayerNormalization: normalized,
  TopK: topK,
  OneHot: oneHot,
  Range: ranged,
  Einsum: einsum,
  NonZero: (_, [x]) => one('int64', [x?.shape?.length ?? null, null]),
  Attention: attention,
  GatherND: (node, [x, indices]) => {
    const depth = indices?.shape?.[indices.shape.length - 1];
    if (x?.shape == null || indices?.shape == null || typeof depth !== 'number') return one(x?.type, null);
    return one(x.type, [...indices.shape.slice(0, -1), ...x.shape.slice(numberOf(node, 'batch_dims', 0) + depth)]);
  },
});
