/**
 * Sets of inputs and weights, as options give them.
 *
 * @module
 */
import type { InputSet } from '../bounds/index.ts';
import { BittrueError, checkAs } from '../errors/index.ts';
import { parseFormat } from '../formats/index.ts';
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

/** A matrix of weights [K, N]: a .npy file, or `VALUE*K`, one channel of K equal weights. */
export function weightsOption(argument: string, text: string | undefined): { weights: Float64Array; n: number } {
  if (text === undefined) throw new BittrueError('type', argument, undefined, 'a .npy file of [K, N], or VALUE*K');
  const equal = new RegExp(`^(${number})\\*(\\d+)$`).exec(text);
  if (equal !== null) {
    const count = wholeOption(argument, equal[2] as string, 2 ** 24);
    return { weights: new Float64Array(count).fill(numberOption(argument, equal[1] as string)), n: 1 };
  }
  const { data, width } = readRows(text);
  return { weights: Float64Array.from(data), n: width };
}
