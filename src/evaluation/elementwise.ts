/**
 * Operators of several tensors, number by number: arithmetic, comparisons, logic. Floats are binary64; integers keep their
 * width and wrap, as the types of C do.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import { elementBits, elementKind } from '../graphs/elementTypes.ts';
import type { Node, OnnxElementType, TypedTensor } from '../graphs/index.ts';
import {
  broadcastShape,
  broadcastStrides,
  eachRow,
  elements,
  isWide,
  larger,
  lastSteps,
  needed,
  numbersIn,
  type Operator,
  reals,
  smaller,
  zeros,
} from './tensors.ts';

type Pair = (a: number, b: number) => number;
type WidePair = (a: bigint, b: bigint) => bigint;

function checkAlike({ name, op }: Node, a: TypedTensor, b: TypedTensor): void {
  if (a.type !== b.type) throw new BittrueError('type', name, `${a.type} and ${b.type}`, `one type, for ${op}`);
}

/** Two tensors that broadcast, into a third. */
function combine(
  node: Node,
  a: TypedTensor,
  b: TypedTensor,
  type: OnnxElementType,
  compute: (a: never, b: never) => unknown,
): TypedTensor {
  checkAlike(node, a, b);
  const shape = broadcastShape(node, [a.shape, b.shape]);
  const out = zeros(node, type, shape);
  const strides = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)];
  const [stepA, stepB] = lastSteps(strides);
  const width = shape[shape.length - 1] ?? 1;
  const data = elements(out.data);
  const [left, right] = [a.data, b.data] as unknown as [ArrayLike<never>, ArrayLike<never>];
  eachRow(shape, strides, (at, [fromA, fromB]) => {
    for (let i = 0; i < width; i++) data[at + i] = compute(left[fromA + i * stepA], right[fromB + i * stepB]) as number;
  });
  return out;
}

/** A row of a result: `out[at + i]` from `a[fromA + i · stepA]` and `b[fromB + i · stepB]`. */
type Row = (
  out: Float64Array,
  at: number,
  width: number,
  a: Float64Array,
  fromA: number,
  stepA: number,
  b: Float64Array,
  fromB: number,
  stepB: number,
) => void;

/** Two float tensors, by a loop of their own operator: a function called for each number costs several times the operation. */
function combineRows(node: Node, a: TypedTensor, b: TypedTensor, row: Row): TypedTensor {
  checkAlike(node, a, b);
  const shape = broadcastShape(node, [a.shape, b.shape]);
  const out = zeros(node, a.type, shape);
  const [data, left, right] = [out.data as Float64Array, reals(node, a), reals(node, b)];
  if (a.shape.join() === b.shape.join()) {
    row(data, 0, data.length, left, 0, 1, right, 0, 1);
    return out;
  }
  const strides = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)];
  const [stepA, stepB] = lastSteps(strides);
  const width = shape[shape.length - 1] ?? 1;
  eachRow(shape, strides, (at, [fromA, fromB]) => {
    row(data, at, width, left, fromA, stepA, right, fromB, stepB);
  });
  return out;
}

const rows: Readonly<Record<'Add' | 'Sub' | 'Mul' | 'Div', Row>> = {
  Add: (out, at, width, a, fromA, stepA, b, fromB, stepB) => {
    for (let i = 0; i < width; i++) out[at + i] = a[fromA + i * stepA] + b[fromB + i * stepB];
  },
  Sub: (out, at, width, a, fromA, stepA, b, fromB, stepB) => {
    for (let i = 0; i < width; i++) out[at + i] = a[fromA + i * stepA] - b[fromB + i * stepB];
  },
  Mul: (out, at, width, a, fromA, stepA, b, fromB, stepB) => {
    for (let i = 0; i < width; i++) out[at + i] = a[fromA + i * stepA] * b[fromB + i * stepB];
  },
  Div: (out, at, width, a, fromA, stepA, b, fromB, stepB) => {
    for (let i = 0; i < width; i++) out[at + i] = a[fromA + i * stepA] / b[fromB + i * stepB];
  },
};

/** Of floats, by rows, and of integers. */
function arithmetic(row: Row | null, narrow: Pair, wide: WidePair): Operator {
  return (node, inputs) => {
    const [a, b] = [needed(node, inputs, 0), needed(node, inputs, 1)];
    if (row !== null && elementKind(a.type) === 'float') return [combineRows(node, a, b, row)];
    const chosen = isWide(a.type) ? wide : narrow;
    return [combine(node, a, b, a.type, chosen as (a: never, b: never) => unknown)];
  };
}

/** Of as many tensors as there are. */
function folded(compute: Pair, wide: WidePair, finish?: (sum: number, count: number) => number): Operator {
  return (node, inputs) => {
    let found = needed(node, inputs, 0);
    for (let i = 1; i < inputs.length; i++) {
      const chosen = isWide(found.type) ? wide : compute;
      found = combine(node, found, needed(node, inputs, i), found.type, chosen as (a: never, b: never) => unknown);
    }
    if (finish === undefined) return [found];
    const data = reals(node, found).map((value) => finish(value, inputs.length));
    return [{ type: found.type, shape: found.shape, data }];
  };
}

function compared(decide: (a: number | bigint, b: number | bigint) => boolean): Operator {
  return (node, inputs) => {
    const [a, b] = [needed(node, inputs, 0), needed(node, inputs, 1)];
    return [
      combine(node, a, b, 'bool', ((p: never, q: never) => (decide(p, q) ? 1 : 0)) as (a: never, b: never) => unknown),
    ];
  };
}

function logical(decide: (a: number, b: number) => number): Operator {
  return (node, inputs) => [
    combine(node, needed(node, inputs, 0), needed(node, inputs, 1), 'bool', decide as (a: never, b: never) => unknown),
  ];
}

function noDivisor(op: string): BittrueError {
  return new BittrueError('value', op, '0', 'an integer divisor that is not 0');
}

function divideWide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw noDivisor('Div');
  return a / b;
}

function divideNarrow(a: number, b: number): number {
  if (b === 0) throw noDivisor('Div');
  return Math.trunc(a / b);
}

/** Mod of integers has the sign of the divisor; with `fmod` that of the dividend. */
const mod: Operator = (node, inputs) => {
  const a = needed(node, inputs, 0);
  const isC = numberOf(node, 'fmod', 0) !== 0;
  const isInteger = elementKind(a.type) !== 'float';
  const real: Pair = (p, q) => {
    if (isInteger && q === 0) throw noDivisor('Mod');
    const rest = p % q;
    return isC || rest === 0 || Math.sign(rest) === Math.sign(q) ? rest : rest + q;
  };
  const wide: WidePair = (p, q) => {
    if (q === 0n) throw noDivisor('Mod');
    const rest = p % q;
    return isC || rest === 0n || rest < 0n === q < 0n ? rest : rest + q;
  };
  const chosen = isWide(a.type) ? wide : real;
  return [combine(node, a, needed(node, inputs, 1), a.type, chosen as (a: never, b: never) => unknown)];
};

/** x^y, of the type of x; the exponent may have another type. */
const pow: Operator = (node, inputs) => {
  const [a, b] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  if (elementKind(a.type) === 'float') {
    const exponent: TypedTensor =
      elementKind(b.type) === 'float' ? b : { type: a.type, shape: b.shape, data: Float64Array.from(numbersIn(b)) };
    return [
      combine(node, a, { ...exponent, type: a.type }, a.type, ((x: number, y: number) => power(x, y)) as (
        a: never,
        b: never,
      ) => unknown),
    ];
  }
  if (isWide(a.type)) {
    const exponent = {
      type: a.type,
      shape: b.shape,
      data: BigInt64Array.from(numbersIn(b), (y) => BigInt(Math.trunc(y))),
    };
    return [
      combine(node, a, exponent as TypedTensor, a.type, ((x: bigint, y: bigint) => (y < 0n ? 0n : x ** y)) as (
        a: never,
        b: never,
      ) => unknown),
    ];
  }
  const exponent = { type: a.type, shape: b.shape, data: Float64Array.from(numbersIn(b)) };
  return [
    combine(node, a, exponent, a.type, ((x: number, y: number) => Math.trunc(x ** y)) as (
      a: never,
      b: never,
    ) => unknown),
  ];
};

/** Squares and roots are those of the standard; other powers the machine's. */
function power(x: number, y: number): number {
  if (y === 2) return x * x;
  // Of −∞ a power is ∞, and of −0 it is +0, where roots are NaN and −0.
  if (y === 0.5) return x === -Infinity ? Infinity : Math.sqrt(x) + 0;
  return y === 3 ? x * x * x : x ** y;
}

const clip: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  const bound = (place: number): number | bigint | undefined => inputs[place]?.data[0];
  const [low, high] = [bound(1), bound(2)];
  const out = zeros(node, x.type, x.shape);
  const data = elements(out.data);
  for (let i = 0; i < x.data.length; i++) {
    let value: number | bigint = x.data[i];
    if (low !== undefined && value < low) value = low;
    if (high !== undefined && value > high) value = high;
    data[i] = value;
  }
  return [out];
};

const where: Operator = (node, inputs) => {
  const [c, a, b] = [needed(node, inputs, 0), needed(node, inputs, 1), needed(node, inputs, 2)];
  const shape = broadcastShape(node, [c.shape, a.shape, b.shape]);
  const out = zeros(node, a.type, shape);
  const strides = [c, a, b].map((one) => broadcastStrides(one.shape, shape));
  const [stepC, stepA, stepB] = lastSteps(strides);
  const width = shape[shape.length - 1] ?? 1;
  const data = elements(out.data);
  eachRow(shape, strides, (at, [fromC, fromA, fromB]) => {
    for (let i = 0; i < width; i++) {
      data[at + i] = c.data[fromC + i * stepC] ? a.data[fromA + i * stepA] : b.data[fromB + i * stepB];
    }
  });
  return [out];
};

const prelu: Operator = (node, inputs) => {
  const [x, slope] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  return [
    combine(node, x, slope, x.type, ((a: number, s: number) => (a < 0 ? a * s : a)) as (a: never, b: never) => unknown),
  ];
};

const bitwise = (narrow: Pair, wide: WidePair): Operator => arithmetic(null, narrow, wide);

/** Opset 28 says what becomes of signed integers, and of shifts by less than no bit or by all: what the sign alone leaves. */
const shifted: Operator = (node, inputs) => {
  const direction = textOf(node, 'direction');
  if (direction !== 'LEFT' && direction !== 'RIGHT')
    throw new BittrueError('name', node.name, direction, 'LEFT or RIGHT');
  const isLeft = direction === 'LEFT';
  const bits = elementBits(needed(node, inputs, 0).type);
  const isOut = (b: number | bigint): boolean => b < 0 || b >= bits;
  const narrow: Pair = (a, b) => {
    if (isOut(b)) return isLeft || a >= 0 ? 0 : -1;
    // Exact below 2^63; bits beyond the type are cut by the array that takes the result.
    return isLeft ? a * 2 ** b : Math.floor(a / 2 ** b);
  };
  const wide: WidePair = (a, b) => {
    if (isOut(b)) return isLeft || a >= 0n ? 0n : -1n;
    return isLeft ? a << b : a >> b;
  };
  return arithmetic(null, narrow, wide)(node, inputs);
};

const inexactImul: Pair = (a, b) => (Math.abs(a * b) < 2 ** 53 ? a * b : Math.imul(a, b));

/** The operators of this file. */
export const elementwise: Readonly<Record<string, Operator>> = {
  Add: arithmetic(
    rows.Add,
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  Sub: arithmetic(
    rows.Sub,
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  Mul: arithmetic(rows.Mul, inexactImul, (a, b) => a * b),
  Div: arithmetic(rows.Div, divideNarrow, divideWide),
  Mod: mod,
  Pow: pow,
  PRelu: prelu,
  Max: folded(Math.max, larger),
  Min: folded(Math.min, smaller),
  Sum: folded(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  Mean: folded(
    (a, b) => a + b,
    (a, b) => a + b,
    (sum, count) => sum / count,
  ),
  Equal: compared((a, b) => a === b),
  Greater: compared((a, b) => a > b),
  GreaterOrEqual: compared((a, b) => a >= b),
  Less: compared((a, b) => a < b),
  LessOrEqual: compared((a, b) => a <= b),
  And: logical((a, b) => a & b),
  Or: logical((a, b) => a | b),
  Xor: logical((a, b) => a ^ b),
  BitwiseAnd: bitwise(
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  BitwiseOr: bitwise(
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  BitwiseXor: bitwise(
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
  BitShift: shifted,
  Where: where,
  Clip: clip,
};
