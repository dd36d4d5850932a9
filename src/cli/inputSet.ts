/**
 * Sets of inputs and weights, as options give them.
 *
 * @module
 */
import type { InputSet } from '../bounds/index.ts';
import { BittrueError, checkAs, checkName } from '../errors/index.ts';
import { parseFormat } from '../formats/index.ts';
import { wrap } from '../reports/text/layout.ts';
import { transposed } from '../tensors/transposed.ts';
import { type Io, look, print } from './io.ts';
import { namedTensor, namedTensors } from './namedTensor.ts';
import { numberOption, wholeOption } from './options.ts';
import { readRows } from './rows.ts';

/** The option that names a set. */
export interface InputFlags {
  readonly inputs: string;
}

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const interval = new RegExp(`^(${number})\\.\\.(${number})$`);

/** A format's numbers, an interval, a ball, a norm's outputs, or intervals from a file. */
export function inputSetOption(argument: string, text: string): InputSet {
  if (text === 'normOutputs') return { kind: 'normOutputs' };
  const ball = /^ball:(.*)$/.exec(text)?.[1];
  if (ball !== undefined) return { kind: 'ball', radius: numberOption(argument, ball) };
  const ends = interval.exec(text);
  if (ends !== null) {
    return {
      kind: 'intervals',
      low: numberOption(argument, ends[1] as string),
      high: numberOption(argument, ends[2] as string),
    };
  }
  if (text.endsWith('.npy')) {
    const { data, rows, width } = readRows(text);
    if (rows !== 2)
      throw new BittrueError('shape', text, `${rows} rows`, 'two rows: the lower ends, and the upper ones');
    return {
      kind: 'intervals',
      low: Float64Array.from(data.subarray(0, width)),
      high: Float64Array.from(data.subarray(width)),
    };
  }
  return {
    kind: 'format',
    format: checkAs(
      () => argument,
      () => parseFormat(text),
    ),
  };
}

/** Weights as they were read: K inputs by N outputs. */
export interface Weights {
  readonly weights: Float64Array;
  readonly k: number;
  readonly n: number;
  /** The axes of the file; null for VALUE*K. */
  readonly shape: readonly number[] | null;
  /** Whether the file has [N, K]. */
  readonly isTransposed: boolean;
}

/** The option that says which axis of the weights is which, as `sweep` has it. */
export const LAYOUT = [
  '--layout <AXES>',
  "of WEIGHTS: kn (default), or nk, a row an output, as torch's Linear has them (default of .safetensors and .gguf)",
] as const;

/**
 * A matrix of weights: a .npy file or an array of .npz of [K, N], or of [N, K] with `--layout nk`; a tensor of a checkpoint, [N, K]; or
 * `VALUE*K`, one channel of K equal weights.
 */
export function weightsOption(argument: string, text: string | undefined, layout: string | undefined): Weights {
  const asked = layout === undefined ? null : checkName('--layout', layout, ['kn', 'nk'] as const);
  if (text === undefined)
    throw new BittrueError('type', argument, undefined, `a .npy file of [K, N], ${namedTensors}, or VALUE*K`);
  const equal = new RegExp(`^(${number})\\*(\\d+)$`).exec(text);
  if (equal !== null) {
    if (layout !== undefined)
      throw new BittrueError('unsupported', '--layout', layout, 'a .npy file of weights with it');
    const k = wholeOption(argument, equal[2] as string, 2 ** 24);
    const weights = new Float64Array(k).fill(numberOption(argument, equal[1] as string));
    return { weights, k, n: 1, shape: null, isTransposed: false };
  }
  const named = namedTensor(text);
  const isTransposed = (asked ?? (named?.isCheckpoint ? 'nk' : 'kn')) === 'nk';
  const { data, shape } = named?.tensor ?? readRows(text);
  if (data.length === 0)
    throw new BittrueError('shape', text, `[${shape.join(', ')}]`, 'at least one row of at least one number');
  if (shape.length > 2) {
    const wanted =
      'a matrix [K, N]: kernels of a convolution are one, a row or a column an output channel, once reshaped';
    throw new BittrueError('shape', text, `[${shape.join(', ')}]`, wanted);
  }
  // One axis is one channel.
  const [rows = 0, columns = 1] = shape;
  const [k, n] = isTransposed && shape.length === 2 ? [columns, rows] : [rows, columns];
  const weights = Float64Array.from(data);
  return { weights: isTransposed ? transposed(weights, rows, columns) : weights, k, n, shape, isTransposed };
}

/** Says how weights of a file were read, and how they can be read instead. */
export function printWeights(io: Io, { shape, k, n, isTransposed }: Weights): void {
  if (shape === null) return;
  const counts = `K = ${k} input${k === 1 ? '' : 's'}, N = ${n} output${n === 1 ? '' : 's'}`;
  const [own, other] = isTransposed
    ? ['[N, K]', '--layout kn reads [K, N]']
    : ['[K, N]', "--layout nk reads [N, K], as torch's Linear has them"];
  const size = `weights ${shape.join(' × ')}`;
  const text = shape.length === 1 ? `${size}: ${counts}` : `${size} read as ${own}: ${counts}; ${other}`;
  for (const line of wrap(text, '  ', look(io))) print(io, line);
}

/** The same as data; nothing for VALUE*K. */
export function weightsData({ shape, k, n, isTransposed }: Weights): object {
  return shape === null ? {} : { weights: { shape, k, n, layout: isTransposed ? 'nk' : 'kn' } };
}

/** The way on where rows of a width do not meet K weights, and do meet the other axis. */
function otherLayout({ k, n, shape, isTransposed }: Weights, width: number): string {
  if (width !== n || n === k || shape?.length !== 2) return '';
  return isTransposed
    ? '; they fit with --layout kn, weights of [K, N]'
    : `; they fit with --layout nk, weights of [N, K] as torch has them`;
}

/** Refuses rows that are not as long as a channel: those that fit otherwise may be numbers of transposed weights. */
export function checkRowWidth(argument: string, weights: Weights, width: number): void {
  if (width === weights.k) return;
  throw new BittrueError(
    'shape',
    argument,
    `rows of ${width}`,
    `rows of K = ${weights.k} numbers${otherLayout(weights, width)}`,
  );
}

/** The same for intervals of a file. */
export function checkWidth(inputs: InputSet, weights: Weights): void {
  if (inputs.kind === 'intervals' && typeof inputs.low !== 'number')
    checkRowWidth('--inputs', weights, inputs.low.length);
}
