/**
 * How a quantized checkpoint describes itself: the JSON under `layout` in its metadata.
 *
 * @module
 */
import { BittrueError } from '../errors/index.ts';
import type { Checkpoint } from '../files/index.ts';
import { e2m1fn, e2m3fn, e3m2fn } from '../formats/index.ts';
import { gridFormat } from '../quantization/index.ts';

/** A grid of LLM-FP4: a code is a sign, an exponent field p and a fraction; p = 0 holds the subnormals. */
export interface FloatGridLayout {
  readonly kind: 'float';
  readonly bits: number;
  readonly exponentBits: number;
  readonly mantissaBits: number;
  /** A code's value is ±2^(p − bias) · (1 + fraction). */
  readonly bias: number;
  /** The largest value of a code. */
  readonly max: number;
  /**
   * The OCP format of the same fields, where every code is a number in both, and by what to multiply its values for
   * these: `e2m1` has the largest value 12, `e2m1fn` 6. Null where there is none.
   */
  readonly ocp: { readonly format: string; readonly max: number; readonly times: number } | null;
}

/** Symmetric integers in two's complement; the lowest code is not used. */
export interface IntegerGridLayout {
  readonly kind: 'integer';
  readonly bits: number;
  readonly min: number;
  readonly max: number;
}

/** What the metadata's `layout` holds. */
export interface QuantizationLayout {
  /** Of packed codes: a code's lowest bit, and the first code of a byte, in the byte's lowest bits; rows at whole bytes. */
  readonly bitOrder: 'leastSignificantFirst';
  /** What codes and scales stand for. */
  readonly weight: 'value of code * scale';
  /** Every grid that is used, by its name. */
  readonly grids: Readonly<Record<string, FloatGridLayout | IntegerGridLayout>>;
  /** Weights as codes: their grid, and their shape before packing. */
  readonly codes: Readonly<Record<string, { readonly grid: string; readonly shape: readonly number[] }>>;
  /** The grids of the layers' inputs, by the name of the layer's weight. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** The schema that such a file's metadata names. */
export const CHECKPOINT_SCHEMA = 'quantizedCheckpoint/1';

/** `e2m1` and `int4` in full. */
export function describeGrid(name: string): FloatGridLayout | IntegerGridLayout {
  const integer = /^int(\d{1,2})$/.exec(name);
  if (integer !== null) {
    const bits = Number(integer[1]);
    const max = 2 ** (bits - 1) - 1;
    return { kind: 'integer', bits, min: -max, max };
  }
  const { bits, exponentBits, mantissaBits, bias, max } = gridFormat(name);
  const format = `${name}fn`;
  const same = Object.entries({ e2m1fn, e2m3fn, e3m2fn }).find(([other]) => other === format)?.[1];
  const ocp = same === undefined ? null : { format, max: same.max, times: max / same.max };
  return { kind: 'float', bits, exponentBits, mantissaBits, bias, max, ocp };
}

/** Whether a checkpoint holds codes of ours. */
export function isQuantized({ metadata }: Checkpoint): boolean {
  return metadata.schema === CHECKPOINT_SCHEMA;
}

/**
 * The layout of a quantized checkpoint.
 *
 * @throws {@link BittrueError} `file` for any other
 */
export function layoutOf(checkpoint: Checkpoint): QuantizationLayout {
  if (isQuantized(checkpoint)) {
    try {
      const layout = JSON.parse(checkpoint.metadata.layout) as QuantizationLayout;
      if (layout.bitOrder === 'leastSignificantFirst' && [layout.codes, layout.grids, layout.inputs].every(isObject)) {
        return layout;
      }
    } catch {
      // told below
    }
  }
  throw new BittrueError('file', checkpoint.name, checkpoint.metadata, 'a file of bittrue quantize');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
