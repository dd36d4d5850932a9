/**
 * How a quantized checkpoint describes itself: the JSON under `layout` in its metadata.
 *
 * @module
 */

import { BittrueError } from '../../errors/index.ts';
import { checkCheckpoint } from '../../files/checkpoint.ts';
import type { Checkpoint } from '../../files/index.ts';
import { parseJsonObject } from '../../files/json.ts';
import { e2m1fn, e2m3fn, e3m2fn } from '../../formats/index.ts';
import { gridFormat } from '../../quantization/index.ts';
import { packedWidth } from '../../tensors/packing.ts';

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
export const CHECKPOINT_SCHEMA = 'quantized-checkpoint/1';

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
 * The layout of a quantized checkpoint: every grid as its name says, every weight's codes and scales, every input's scale.
 *
 * @throws {@link BittrueError} `file` for any other
 */
export function layoutOf(checkpoint: Checkpoint): QuantizationLayout {
  checkCheckpoint(checkpoint);
  const { metadata, name: file } = checkpoint;
  if (!isQuantized(checkpoint) || metadata.layout === undefined) {
    throw new BittrueError('file', file, metadata, 'a file of bittrue quantize');
  }
  const where = `${file}: layout`;
  const layout = parseJsonObject(new TextEncoder().encode(metadata.layout), where);
  if (layout.bitOrder !== 'leastSignificantFirst') {
    throw new BittrueError('file', `${where}.bitOrder`, layout.bitOrder, 'leastSignificantFirst');
  }
  const grids = objectOf(`${where}.grids`, layout.grids);
  for (const [name, grid] of Object.entries(grids)) checkGrid(`${where}.grids.${name}`, name, grid);
  const checkName = (argument: string, grid: unknown): void => {
    if (typeof grid === 'string' && Object.hasOwn(grids, grid)) return;
    throw new BittrueError('file', argument, grid, `one of ${Object.keys(grids).join(', ')}`);
  };
  for (const [name, codes] of Object.entries(objectOf(`${where}.codes`, layout.codes))) {
    const { grid, shape } = objectOf(`${where}.codes.${name}`, codes);
    checkName(`${where}.codes.${name}.grid`, grid);
    checkCodes(checkpoint, name, shape, (grids[grid as string] as { bits: number }).bits);
  }
  for (const [name, grid] of Object.entries(objectOf(`${where}.inputs`, layout.inputs))) {
    checkName(`${where}.inputs.${name}`, grid);
    checkCounts(checkpoint, `${name}.input.scale`, [1]);
    const shifts = checkpoint.entries.get(`${name}.input.shifts`);
    if (shifts !== undefined && shifts.dtype !== 'I32') {
      throw new BittrueError('file', `${file}: ${name}.input.shifts`, shifts.dtype, 'I32');
    }
  }
  return layout as unknown as QuantizationLayout;
}

function objectOf(argument: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BittrueError('file', argument, value, 'an object');
}

/** A grid by another reader's bias or width would give other numbers: what is written must be what the name says. */
function checkGrid(argument: string, name: string, grid: unknown): void {
  const given = objectOf(argument, grid);
  const isName = /^(int([2-9]|1[0-6])|e[1-8]m\d)$/.test(name);
  const wanted = isName ? describeGrid(name) : null;
  if (wanted === null)
    throw new BittrueError('file', argument, name, 'a grid such as e2m1 or int4, of at most 16 bits');
  for (const [key, value] of Object.entries(wanted)) {
    if (JSON.stringify(given[key]) === JSON.stringify(value)) continue;
    throw new BittrueError('file', `${argument}.${key}`, given[key], JSON.stringify(value));
  }
}

/** The codes of a weight and its scales: one, or one a row. */
function checkCodes(checkpoint: Checkpoint, name: string, shape: unknown, bits: number): void {
  const where = `${checkpoint.name}: ${name}`;
  const isShape = Array.isArray(shape) && shape.every((axis) => Number.isSafeInteger(axis) && axis >= 1);
  if (!isShape || shape.length === 0) throw new BittrueError('file', `${where}: shape`, shape, 'axes ≥ 1');
  const width: number = shape[shape.length - 1];
  const rows: number = shape.slice(0, -1).reduce((product, axis) => product * axis, 1);
  const codes = checkpoint.entries.get(`${name}.codes`);
  const bytes = rows * packedWidth(width, bits);
  if (codes?.dtype !== 'U8' || codes.length !== bytes) {
    const found = codes === undefined ? 'none' : `${codes.dtype}, ${codes.length} bytes`;
    throw new BittrueError('file', `${where}.codes`, found, `U8, ${bytes} bytes for [${shape.slice(0, 8).join(', ')}]`);
  }
  checkCounts(checkpoint, `${name}.scales`, [1, rows]);
}

/** A tensor of as many floating-point numbers as one of the counts. */
function checkCounts(checkpoint: Checkpoint, name: string, counts: readonly number[]): void {
  const entry = checkpoint.entries.get(name);
  const count = entry?.shape.reduce((product, axis) => product * axis, 1);
  if (entry !== undefined && /^B?F\d+$/.test(entry.dtype) && counts.includes(count as number)) return;
  const found = entry === undefined ? 'none' : `${count} of ${entry.dtype}`;
  throw new BittrueError('file', `${checkpoint.name}: ${name}`, found, `${counts.join(' or ')} floating-point numbers`);
}
