/**
 * Blocks as data: codes of scales and elements, and what happened in each.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import type { BlockFormat } from '../../formats/index.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { decode, OVERFLOW, type Rounder, SATURATION, UNDERFLOW } from '../../rounding/index.ts';

/** A tensor in a block format. Blocks run along the last axis; a row's last one may be short. */
export interface Blocks {
  readonly kind: 'blocks';
  readonly format: BlockFormat;
  readonly rows: number;
  readonly width: number;
  readonly blocksPerRow: number;
  /** Over all of it: 1 where the format has none. */
  readonly tensorScale: number;
  /** [rows, blocksPerRow] */
  readonly scaleCodes: Uint16Array;
  /** [rows, width]; 0 in blocks whose scale is NaN */
  readonly codes: Uint32Array;
  /** For every block, how many elements were clipped at ±max. */
  readonly clips: Uint32Array;
  /** For every block, how many elements underflowed: tiny and inexact. */
  readonly underflows: Uint32Array;
  /** For every block, how many numbers other than zero became zero: a part of the underflows. */
  readonly zeroed: Uint32Array;
}

/** Blocks to be filled. */
export function emptyBlocks(format: BlockFormat, rows: number, width: number): Blocks {
  const blocksPerRow = Math.ceil(width / format.size);
  const counts = () => new Uint32Array(rows * blocksPerRow);
  return {
    kind: 'blocks',
    format,
    rows,
    width,
    blocksPerRow,
    tensorScale: 1,
    scaleCodes: new Uint16Array(rows * blocksPerRow),
    codes: new Uint32Array(rows * width),
    clips: counts(),
    underflows: counts(),
    zeroed: counts(),
  };
}

/** Puts a number, divided by its scale already, into its place. */
export function putElement(blocks: Blocks, block: number, index: number, x: number, rounder: Rounder): void {
  const value = rounder.round(x, 0);
  const { flags } = rounder;
  if ((flags & (OVERFLOW | SATURATION)) !== 0) blocks.clips[block]++;
  if ((flags & UNDERFLOW) !== 0 || (value === 0 && x !== 0)) blocks.underflows[block]++;
  if (value === 0 && x !== 0) blocks.zeroed[block]++;
  blocks.codes[index] = encodeValue(blocks.format.element, value, false);
}

/** Where block `block` starts and ends in the numbers. */
export function blockExtent({ blocksPerRow, width, format }: Blocks, block: number): readonly [number, number] {
  const row = Math.floor(block / blocksPerRow);
  const from = row * width + (block % blocksPerRow) * format.size;
  return [from, Math.min(from + format.size, (row + 1) * width)];
}

/**
 * The numbers that blocks represent, exact in binary64: tensor scale · scale · element. A NaN scale gives NaN.
 *
 * @throws {@link BittrueError} for something else than blocks
 * @example
 * import { mxfp4 } from 'bittrue/formats';
 * import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';
 * const x = { data: new Float64Array([7, 1, 0.3, 0.2]), shape: [4] };
 * [...dequantizeBlocks(quantizeBlocks(x, mxfp4))]; // [6, 1, 0.5, 0]
 */
export function dequantizeBlocks(blocks: Blocks): Float64Array {
  if (blocks?.kind !== 'blocks')
    throw new BittrueError('type', 'blocks', blocks, 'blocks, as quantizeBlocks makes them');
  const { format, scaleCodes, codes, tensorScale } = blocks;
  const values = new Map<number, number>();
  const out = new Float64Array(codes.length);
  for (let block = 0; block < scaleCodes.length; block++) {
    const scale = decode(format.scale, scaleCodes[block]) * tensorScale;
    const [from, to] = blockExtent(blocks, block);
    for (let i = from; i < to; i++) {
      let value = values.get(codes[i]);
      if (value === undefined) {
        value = decode(format.element, codes[i]);
        values.set(codes[i], value);
      }
      out[i] = value * scale;
    }
  }
  return out;
}
