/**
 * Activation functions.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import { erf } from './erf.ts';
import { byLoop, ofReals, withNumbers } from './functions.ts';
import { misfit, needed, type Operator, reals } from './tensors.ts';

/** 1 / (1 + e^−x), without an overflow on the way. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** x / (1 + e^−αx), one rounding less than x · sigmoid(αx), which is taken where the power would overflow. */
export function swish(x: number, alpha: number): number {
  const power = alpha * x;
  if (power > -700) return x / (1 + Math.exp(-power));
  // The limit at an infinity is a zero of its sign.
  return power === -Infinity && Math.abs(x) === Infinity ? 0 * Math.sign(x) : x * sigmoid(power);
}

/** log(1 + e^x) */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** GELU; the constants that a decomposed one was written with are attributes of the node. */
const gelu: Operator = (node, inputs) => {
  if (textOf(node, 'approximate', 'none') === 'none') {
    const scale = numberOf(node, 'innerScale', Math.SQRT1_2);
    // The limit of x·Φ(x) at −∞ is −0.
    return ofReals((x) => (x === -Infinity ? -0 : 0.5 * x * (1 + erf(x * scale))))(node, inputs);
  }
  const scale = numberOf(node, 'innerScale', Math.sqrt(2 / Math.PI));
  const cubic = numberOf(node, 'cubicScale', 0.044715);
  return ofReals((x) => (x === -Infinity ? -0 : 0.5 * x * (1 + Math.tanh(scale * (x + cubic * x * x * x)))))(
    node,
    inputs,
  );
};

/** The numbers of binary32 that the specification states as defaults, near those of the paper. */
const selu = { alpha: 1.6732631921768188, gamma: 1.0507010221481323 };

/** Swish of a gate times a value. */
const swiGlu: Operator = (node, inputs) => {
  const [gate, value] = [needed(node, inputs, 0), needed(node, inputs, 1)];
  if (gate.shape.join() !== value.shape.join()) throw misfit(node, gate.shape, value.shape);
  const [alpha, values] = [numberOf(node, 'alpha', 1), reals(node, value)];
  const data = reals(node, gate).map((x, i) => swish(x, alpha) * values[i]);
  return [{ type: gate.type, shape: gate.shape, data }];
};

/** What training would drop passes; a run that trains would need random numbers. */
const dropout: Operator = (node, inputs) => {
  const x = needed(node, inputs, 0);
  if (inputs[2]?.data[0] && Number(inputs[1]?.data[0] ?? 0.5) !== 0)
    throw new BittrueError('unsupported', node.name, 'training_mode true', 'inference');
  return [x, { type: 'bool', shape: x.shape, data: new Uint8Array(x.data.length).fill(1) }];
};

/** The operators of this file. */
export const activations: Readonly<Record<string, Operator>> = {
  Sigmoid: ofReals(sigmoid),
  HardSigmoid: withNumbers({ alpha: 0.2, beta: 0.5 }, (x, alpha, beta) => Math.max(0, Math.min(1, alpha * x + beta))),
  HardSwish: ofReals((x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))),
  LeakyRelu: withNumbers({ alpha: 0.01 }, (x, alpha) => (x < 0 ? alpha * x : x)),
  Elu: withNumbers({ alpha: 1 }, (x, alpha) => (x < 0 ? alpha * Math.expm1(x) : x)),
  Celu: withNumbers({ alpha: 1 }, (x, alpha) => Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha))),
  Selu: withNumbers(selu, (x, alpha, gamma) => (x > 0 ? gamma * x : gamma * alpha * Math.expm1(x))),
  ThresholdedRelu: withNumbers({ alpha: 1 }, (x, alpha) => (x > alpha ? x : 0)),
  Shrink: withNumbers({ bias: 0, lambd: 0.5 }, (x, bias, lambd) => (x < -lambd ? x + bias : x > lambd ? x - bias : 0)),
  Softplus: ofReals(softplus),
  Softsign: ofReals((x) => (Math.abs(x) === Infinity ? Math.sign(x) : x / (1 + Math.abs(x)))),
  Mish: ofReals((x) => (x === -Infinity ? -0 : x * Math.tanh(softplus(x)))),
  Swish: byLoop((from, to, node) => {
    const alpha = numberOf(node, 'alpha', 1);
    for (let i = 0; i < from.length; i++) to[i] = swish(from[i], alpha);
  }),
  Erf: ofReals(erf),
  Gelu: gelu,
  SwiGLU: swiGlu,
  Dropout: dropout,
};
