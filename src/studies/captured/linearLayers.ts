/**
 * Captured linear layers as studies take them: what went into them, and their weights.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { checkCheckpoint } from '../../files/checkpoint.ts';
import { type Checkpoint, readTensor } from '../../files/index.ts';
import { type CapturedInput, type CapturedInputsOptions, callsByLayer, capturedInputs } from '../../models/captured.ts';
import type { Tensor } from '../../tensors/index.ts';
import { transposed } from '../../tensors/transposed.ts';

/** Rows of numbers. */
interface Rows {
  readonly data: Float64Array;
  readonly shape: readonly [rows: number, width: number];
}

/** A linear layer with the rows of all of its calls. */
export interface CapturedLayer {
  /** `layers.0.mlp.down_proj`. */
  readonly name: string;
  /** [rows, in] */
  readonly x: Rows;
  /** [out, in] */
  readonly weight: Tensor;
}

/** A capture's linear layers, in its order, each with its inputs. */
export interface CapturedLayers {
  readonly names: readonly string[];
  /** Inputs of linear layers whose weights are nowhere. */
  readonly withoutWeights: readonly string[];
  /** Reads one. */
  readonly read: (name: string) => CapturedLayer;
}

/**
 * Finds the linear layers of a capture; nothing of their numbers is read before they are asked for.
 *
 * @throws {@link BittrueError} as `capturedInputs`; `name` where no linear layer has a weight
 */
export function capturedLayers(capture: Checkpoint, options: CapturedInputsOptions): CapturedLayers {
  checkCheckpoint(capture);
  const { inputs, withoutWeights } = capturedInputs(capture, options);
  const calls = callsByLayer(inputs.filter(({ kernel }) => kernel === 'linear'));
  if (calls.size === 0) {
    const wanted = 'inputs of linear layers, whose weights are in the capture or in a model (options.model)';
    throw new BittrueError('name', capture.name, 'none', wanted);
  }
  const read = (name: string): CapturedLayer => {
    const own = calls.get(name) as readonly CapturedInput[];
    const { weight, inOut } = own[0];
    if (weight === null) throw new BittrueError('file', `${capture.name}: ${name}`, 'no weight', 'its weight');
    const from = weight.of === 'model' ? (options.model as Checkpoint) : capture;
    const parts = own.map((input) => readTensor(capture, input.name));
    const width = parts[0].shape[parts[0].shape.length - 1] ?? 0;
    return {
      name,
      x: rowsOf(capture, own, parts, width),
      weight: matrixOf(readTensor(from, weight.name), weight.name, name, width, inOut),
    };
  };
  return { names: [...calls.keys()], withoutWeights, read };
}

/** All rows, one call behind the other. */
function rowsOf(
  { name: file }: Checkpoint,
  calls: readonly CapturedInput[],
  parts: readonly Tensor[],
  width: number,
): Rows {
  parts.forEach(({ data, shape }, i) => {
    if (data.length > 0 && shape[shape.length - 1] === width) return;
    const axes = `[${shape.join(', ')}]`;
    throw new BittrueError(
      'shape',
      `${file}: ${calls[i].name}`,
      axes,
      `at least one row of ${width || 'some'} numbers`,
    );
  });
  const data = new Float64Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  parts.forEach((part, i) => {
    const bad = part.data.findIndex((one) => !Number.isFinite(one));
    if (bad >= 0) {
      throw new BittrueError('value', `${file}: ${calls[i].name}[${bad}]`, part.data[bad], 'a finite number');
    }
    data.set(part.data, at);
    at += part.data.length;
  });
  return { data, shape: [data.length / width, width] };
}

/** [out, in], as torch keeps it; turned where it is [in, out]: GPT-2's Conv1D, or where only that fits. */
function matrixOf({ data, shape }: Tensor, from: string, layer: string, width: number, inOut: boolean): Tensor {
  const [rows, columns] = shape;
  const isInOut = inOut || (rows === width && columns !== width);
  if (shape.length !== 2 || (isInOut ? rows : columns) !== width) {
    const wanted = isInOut ? `[${width}, outputs], as ${layer} is wide` : `[outputs, ${width}], as ${layer} is wide`;
    throw new BittrueError('shape', from, `[${shape.join(', ')}]`, wanted);
  }
  return isInOut ? { data: transposed(data, rows, columns), shape: [columns, rows] } : { data, shape };
}
