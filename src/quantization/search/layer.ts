/**
 * The layer that a search works on: operands, reference output, and the inner loops.
 *
 * @module
 */
import { BittrueError, checkFinite } from '../../errors/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { finiteRows } from '../matrix.ts';
import { channelMaxima } from '../preshift.ts';
import type { Room, SearchArithmetic } from './arithmetic.ts';
import { Metric } from './metric.ts';
import type { Settings } from './options.ts';

/** A layer with its reference output. */
export interface Layer {
  /** [rows, inputs] */
  readonly x: Float64Array;
  /** [outputs, inputs] */
  readonly w: Float64Array;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly metric: Metric;
  /** The largest magnitude of every input. */
  readonly maxima: Float64Array;
  readonly arithmetic: SearchArithmetic;
}

/** Checks the operands and forms the reference output; activations lie in `room`. */
export function checkLayer(x: Tensor, w: Tensor, settings: Settings, arithmetic: SearchArithmetic, room: Room): Layer {
  const activations = finiteRows('x', x);
  const weights = finiteRows('w', w);
  if (activations.width !== weights.width) {
    throw new BittrueError('shape', 'w', `[${w.shape.join(', ')}]`, `${activations.width} inputs, as x has`);
  }
  const { rows, width: inputs } = activations;
  const outputs = weights.rows;
  const xs = room.numbers(activations.data.length);
  xs.set(activations.data);
  const ws = weights.data instanceof Float64Array ? weights.data : new Float64Array(weights.data);
  const reference = arithmetic.product(xs, ws, inputs, new Float64Array(rows * outputs));
  const factors = settings.gradient === null ? null : squared(settings.gradient, rows, outputs);
  const metric = new Metric(reference, factors, outputs);
  return {
    x: xs,
    w: ws,
    rows,
    inputs,
    outputs,
    metric,
    maxima: checkMaxima(settings.maxima, channelMaxima(x)),
    arithmetic,
  };
}

function squared(gradient: Tensor, rows: number, outputs: number): Float64Array {
  const found = finiteRows('options.gradient', gradient);
  if (found.rows !== rows || found.width !== outputs) {
    const received = `[${found.rows}, ${found.width}]`;
    throw new BittrueError('shape', 'options.gradient', received, `[${rows}, ${outputs}]`);
  }
  return Float64Array.from(found.data, (value) => value * value);
}

/** The given maxima, none below those of the rows at hand. */
function checkMaxima(given: ArrayLike<number> | null, own: Float64Array): Float64Array {
  if (given === null) return own;
  if (given.length !== own.length) {
    throw new BittrueError('shape', 'options.maxima', `${given.length} numbers`, `${own.length}, one an input`);
  }
  return own.map((max, i) => {
    if (checkFinite(`options.maxima[${i}]`, given[i]) < max) {
      throw new BittrueError('range', `options.maxima[${i}]`, given[i], `at least ${max}, which x has`);
    }
    return given[i];
  });
}
