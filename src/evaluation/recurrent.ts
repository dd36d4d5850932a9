/**
 * Recurrent layers: LSTM, GRU and RNN, step by step (Operators.md of github.com/onnx/onnx, sets 7 to 22).
 *
 * @module
 */
import { BittrueError } from '../errors/error.ts';
import { numberOf, textOf } from '../graphs/attributes.ts';
import type { Node, TypedTensor } from '../graphs/index.ts';
import { sigmoid } from './activations.ts';
import { multiplyTransposedInto } from './products.ts';
import { integers, misfit, needed, type Operator, reals } from './tensors.ts';

type Activation = (x: number) => number;

/** What gates and states go through; those with numbers of their own are refused. */
const activations: Readonly<Record<string, Activation>> = {
  sigmoid,
  tanh: Math.tanh,
  relu: (x) => Math.max(0, x),
  softsign: (x) => x / (1 + Math.abs(x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
};

/** One direction of a layer. */
interface Direction {
  readonly isReverse: boolean;
  /** X · Wᵀ of all steps and sequences: [steps, batch, gates · hidden]. */
  readonly fed: Float64Array;
  /** R, [gates · hidden, hidden] */
  readonly r: Float64Array;
  /** The biases of X · Wᵀ and of H · Rᵀ, [gates · hidden] each. */
  readonly biasX: Float64Array;
  readonly biasH: Float64Array;
  /** Of an LSTM: input, output, forget; [3 · hidden]. */
  readonly peepholes: Float64Array;
  readonly functions: readonly Activation[];
  readonly hidden: number;
}

/** A step of one sequence: `sums` are X · Wᵀ with its bias, `own` are H · Rᵀ without; `h` and `c` are what there was, and what becomes. */
type Step = (
  direction: Direction,
  clip: Activation,
  node: Node,
  sums: Float64Array,
  own: Float64Array,
  h: Float64Array,
  c: Float64Array,
) => void;

const lstmStep: Step = ({ biasH, peepholes, functions, hidden }, clip, _, sums, own, h, c) => {
  const [f, g, last] = functions;
  // Gates lie in the order input, output, forget, cell.
  const sum = (gate: number, i: number): number => {
    const at = gate * hidden + i;
    return sums[at] + own[at] + biasH[at];
  };
  for (let i = 0; i < hidden; i++) {
    const old = c[i];
    const input = f(clip(sum(0, i) + peepholes[i] * old));
    const forget = f(clip(sum(2, i) + peepholes[2 * hidden + i] * old));
    c[i] = forget * old + input * g(clip(sum(3, i)));
    const output = f(clip(sum(1, i) + peepholes[hidden + i] * c[i]));
    h[i] = output * last(c[i]);
  }
};

const gruStep: Step = ({ biasH, functions, hidden, r }, clip, node, sums, own, h) => {
  const [f, g] = functions;
  const gate = (index: number): Float64Array =>
    Float64Array.from({ length: hidden }, (_, i) => {
      const at = index * hidden + i;
      return f(clip(sums[at] + own[at] + biasH[at]));
    });
  // Gates lie in the order update, reset, hidden.
  const [update, reset] = [gate(0), gate(1)];
  const isBefore = numberOf(node, 'linear_before_reset', 0) !== 0;
  const reached = new Float64Array(hidden);
  if (!isBefore) {
    const kept = h.map((value, i) => reset[i] * value);
    multiplyTransposedInto(kept, r, reached, 1, hidden, hidden, { from: [0, 2 * hidden * hidden, 0] });
  }
  for (let i = 0; i < hidden; i++) {
    const at = 2 * hidden + i;
    const before = isBefore ? reset[i] * (own[at] + biasH[at]) : reached[i] + biasH[at];
    const fresh = g(clip(sums[at] + before));
    h[i] = (1 - update[i]) * fresh + update[i] * h[i];
  }
};

const rnnStep: Step = ({ biasH, functions: [f], hidden }, clip, _, sums, own, h) => {
  for (let i = 0; i < hidden; i++) h[i] = f(clip(sums[i] + own[i] + biasH[i]));
};

interface Layer {
  readonly gates: number;
  readonly usual: readonly string[];
  readonly step: Step;
  readonly hasCell: boolean;
}

const layers: Readonly<Record<string, Layer>> = {
  LSTM: { gates: 4, usual: ['Sigmoid', 'Tanh', 'Tanh'], step: lstmStep, hasCell: true },
  GRU: { gates: 3, usual: ['Sigmoid', 'Tanh'], step: gruStep, hasCell: false },
  RNN: { gates: 1, usual: ['Tanh'], step: rnnStep, hasCell: false },
};

/** The activations of all directions. */
function functionsOf(node: Node, { usual }: Layer, directions: number): Activation[] {
  for (const name of ['activation_alpha', 'activation_beta']) {
    if (node.attributes[name] !== undefined)
      throw new BittrueError('unsupported', node.name, name, 'activations without numbers of their own');
  }
  const said = (node.attributes.activations ?? []) as readonly string[];
  const names = said.length === 0 ? Array.from({ length: directions }, () => usual).flat() : said;
  if (names.length !== directions * usual.length) throw misfit(node, [names.length], [directions * usual.length]);
  return names.map((name) => {
    const found = Object.hasOwn(activations, name.toLowerCase()) ? activations[name.toLowerCase()] : undefined;
    if (found === undefined)
      throw new BittrueError('name', node.name, name, 'Sigmoid, Tanh, Relu, Softsign or Softplus');
    return found;
  });
}

function recurrent(layer: Layer): Operator {
  const { gates, step, hasCell } = layer;
  return (node, inputs) => {
    const [x, w, r] = [0, 1, 2].map((place) => needed(node, inputs, place));
    if (x.shape.length !== 3 || w.shape.length !== 3 || r.shape.length !== 3) throw misfit(node, x.shape, w.shape);
    if (numberOf(node, 'input_forget', 0) !== 0)
      throw new BittrueError('unsupported', node.name, 'input_forget', 'gates that are not coupled');
    const direction = textOf(node, 'direction', 'forward');
    if (!['forward', 'reverse', 'bidirectional'].includes(direction))
      throw new BittrueError('name', node.name, direction, 'forward, reverse or bidirectional');
    const directions = direction === 'bidirectional' ? 2 : 1;
    const isBatchFirst = numberOf(node, 'layout', 0) !== 0;
    const [steps, batch] = isBatchFirst ? [x.shape[1], x.shape[0]] : x.shape;
    const width = x.shape[2];
    const hidden = r.shape[2];
    const rows = gates * hidden;
    if (w.shape.join() !== [directions, rows, width].join() || r.shape.join() !== [directions, rows, hidden].join())
      throw misfit(node, x.shape, w.shape, r.shape);
    const optional = (place: number, ...shape: number[]): Float64Array => {
      const given = inputs[place];
      const size = shape.reduce((product, axis) => product * axis, 1);
      if (given === undefined) return new Float64Array(size);
      if (given.shape.join() !== shape.join()) throw misfit(node, given.shape, shape);
      return reals(node, given);
    };
    const state = isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
    const biases = optional(3, directions, 2 * rows);
    const [h0, c0] = [optional(5, ...state), hasCell ? optional(6, ...state) : new Float64Array(0)];
    const peepholes = hasCell ? optional(7, directions, 3 * hidden) : new Float64Array(0);
    const lengths = integers(inputs[4]) ?? Array<number>(batch).fill(steps);
    if (lengths.length !== batch || lengths.some((one) => !(one >= 0 && one <= steps)))
      throw new BittrueError('range', node.name, `lengths ${lengths.join(', ')}`, `${batch} of at most ${steps}`);
    const functions = functionsOf(node, layer, directions);
    const limit = numberOf(node, 'clip', Infinity);
    const clip = (value: number): number => (value > limit ? limit : Math.max(value, -limit));

    const data = reals(node, x);
    const y = new Float64Array(steps * directions * batch * hidden);
    const [lastH, lastC] = [new Float64Array(directions * batch * hidden), new Float64Array(c0.length)];
    /** Where a sequence's state of a direction lies, in states. */
    const place = (d: number, b: number): number => (isBatchFirst ? b * directions + d : d * batch + b) * hidden;
    for (let d = 0; d < directions; d++) {
      const fed = new Float64Array(steps * batch * rows);
      multiplyTransposedInto(data, reals(node, w), fed, steps * batch, width, rows, { from: [0, d * rows * width, 0] });
      const own: Direction = {
        isReverse: direction === 'reverse' || d === 1,
        fed,
        r: reals(node, r).subarray(d * rows * hidden, (d + 1) * rows * hidden),
        biasX: biases.subarray(2 * d * rows, (2 * d + 1) * rows),
        biasH: biases.subarray((2 * d + 1) * rows, (2 * d + 2) * rows),
        peepholes: peepholes.subarray(d * 3 * hidden, (d + 1) * 3 * hidden),
        functions: functions.slice(d * layer.usual.length, (d + 1) * layer.usual.length),
        hidden,
      };
      for (let b = 0; b < batch; b++) {
        const at = place(d, b);
        const h = h0.slice(at, at + hidden);
        const c = c0.slice(at, at + hidden);
        for (let k = 0; k < lengths[b]; k++) {
          const t = own.isReverse ? lengths[b] - 1 - k : k;
          const from = (isBatchFirst ? b * steps + t : t * batch + b) * rows;
          const sums = fed.subarray(from, from + rows).map((sum, i) => sum + own.biasX[i]);
          const reached = new Float64Array(rows);
          multiplyTransposedInto(h, own.r, reached, 1, hidden, rows);
          step(own, clip, node, sums, reached, h, c);
          const to = isBatchFirst ? (b * steps + t) * directions + d : (t * directions + d) * batch + b;
          y.set(h, to * hidden);
        }
        lastH.set(h, at);
        if (hasCell) lastC.set(c, at);
      }
    }
    const { type } = x;
    const all: TypedTensor = {
      type,
      shape: isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden],
      data: y,
    };
    const last: TypedTensor = { type, shape: state, data: lastH };
    return hasCell ? [all, last, { type, shape: state, data: lastC }] : [all, last];
  };
}

/** The operators of this file. */
export const recurrentLayers: Readonly<Record<string, Operator>> = {
  LSTM: recurrent(layers.LSTM),
  GRU: recurrent(layers.GRU),
  RNN: recurrent(layers.RNN),
};
