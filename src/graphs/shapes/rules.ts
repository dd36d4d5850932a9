/**
 * Shapes of what operators give, one rule an operator. A rule gives null for what it does not know and never a wrong axis:
 * a run computes shapes anew, so a missing rule costs knowledge, not correctness.
 *
 * @module
 */
import { numberOf, tensorOf, textOf } from '../attributes.ts';
import { elementTypeOf, type OnnxElementType } from '../elementTypes.ts';
import type { Node } from '../graph.ts';
import { axesAt, axisOf, broadcast, type Dim, numbersKnown, one, product, type Rule, unknown } from './known.ts';
import { movementRules, shaped } from './movement.ts';
import { windowRules } from './windows.ts';

/** As the first input. */
const same: Rule = (_, [x]) => one(x?.type, x?.shape ?? null);

/** As all inputs together. */
const combined: Rule = (_, inputs) => one(inputs[0]?.type, broadcast(inputs.map((input) => input?.shape ?? null)));

const compared: Rule = (node, inputs) => combined(node, inputs).map((known) => ({ ...known, type: 'bool' as const }));

/** Of a choice what both branches have in common: its operands are the condition, what one branch makes, what the other does. */
const chosen: Rule = (_, [, ...made]) =>
  made.slice(0, made.length / 2).map((a = unknown, i) => {
    const b = made[made.length / 2 + i] ?? unknown;
    const isSame = a.shape?.length === b.shape?.length && (a.shape ?? []).every((axis, k) => axis === b.shape?.[k]);
    return { type: a.type === b.type ? a.type : null, shape: isSame ? a.shape : null };
  });

/** Integer arithmetic on lengths. */
function arithmetic(compute: (a: number, b: number) => number, neutral?: number): Rule {
  return (node, inputs) => {
    const [known] = combined(node, inputs);
    const [a, b] = inputs.map((input) => input?.elements);
    if (a === undefined || b === undefined || known.shape === null || known.shape.length > 1) return [known];
    const length = Math.max(a.length, b.length);
    const elements = Array.from({ length }, (_, i): Dim => {
      const [p, q] = [a[a.length === 1 ? 0 : i], b[b.length === 1 ? 0 : i]];
      if (typeof p === 'number' && typeof q === 'number') {
        const found = compute(p, q);
        return Number.isSafeInteger(found) ? found : null;
      }
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

const shapeOf: Rule = (node, [x]) => {
  if (x?.shape == null) return one('int64', [null]);
  const rank = x.shape.length;
  const clamp = (place: number): number => Math.min(Math.max(place < 0 ? place + rank : place, 0), rank);
  const kept = x.shape.slice(clamp(numberOf(node, 'start', 0)), clamp(numberOf(node, 'end', rank)));
  return one('int64', [kept.length], kept);
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
  if (right === undefined || left.includes('.') || right.includes('.')) return one(inputs[0]?.type, null);
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
  If: chosen,
  ...rulesOf(
    same,
    'Abs Acos Asin Atan Ceil Celu Clip Cos Cosh CumProd CumSum Elu Erf Exp Floor Gelu HardSigmoid HardSwish Hardmax LeakyRelu Log ' +
      'LogSoftmax LpNormalization Mish Neg Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softmax Softplus Softsign ' +
      'Sqrt Swish Tan Tanh ThresholdedRelu Trilu InstanceNormalization GroupNormalization BatchNormalization ' +
      'LayerNormalization RMSNormalization RotaryEmbedding Scatter ScatterElements ScatterND PRelu Dropout LRN MeanVarianceNormalization ReverseSequence',
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
  ...windowRules,
  ...movementRules,
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
  MatMul: multiplied,
  MatMulInteger: (node, inputs) => one('int32', multiplied(node, inputs)[0].shape),
  Gemm: gemm,
  Shape: shapeOf,
  Size: (_, [x]) => {
    const count = x?.shape == null ? null : product(x.shape);
    return one('int64', [], typeof count === 'number' ? [count] : undefined);
  },
  ConstantOfShape: filled,
  EyeLike: (node, [x]) => {
    const named = numberOf(node, 'dtype', 0);
    return one(named === 0 ? x?.type : elementTypeOf(named), x?.shape ?? null);
  },
  Compress: (node, [x]) => {
    const rank = x?.shape?.length;
    if (node.attributes.axis === undefined) return one(x?.type, [null]);
    if (rank === undefined) return one(x?.type, null);
    const axis = numberOf(node, 'axis');
    return one(
      x?.type,
      x!.shape!.map((dim, i) => (i === (axis < 0 ? axis + rank : axis) ? null : dim)),
    );
  },
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
