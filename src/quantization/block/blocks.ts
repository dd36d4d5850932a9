/**
 * Blocks as data: codes of scales and elements, and what happened in each.
 *
 * @module
 */
import { BittrueError, fieldsOf } from '../../errors/index.ts';
import type { AnyBlock } from '../../formats/index.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { decoder } from '../../rounding/decoder.ts';
import { decode, SCALE_OVERFLOW, SCALE_UNDERFLOW } from '../../rounding/index.ts';
import { CLIPPED, type Element, TINY, ZERO } from './elements.ts';

/** A tensor in a block format. Blocks run along the last axis; a row's last one may be short. */
export interface Blocks {
  readonly kind: 'blocks';
  readonly format: AnyBlock;
  readonly rows: number;
  readonly width: number;
  readonly blocksPerRow: number;
  /** Over all of it: 1 where the format has none. */
  readonly tensorScale: number;
  /** [rows, blocksPerRow] */
  readonly scaleCodes: Uint32Array;
  /** [rows, width]; 0 in blocks whose scale is NaN */
  readonly codes: Uint32Array;
  /** For every block, how many elements were clipped at ±max. */
  readonly clips: Uint32Array;
  /** For every block, how many elements underflowed: tiny and inexact, or zeroed. */
  readonly underflows: Uint32Array;
  /** For every block, how many numbers other than zero became zero, by themselves or by a scale of 0. */
  readonly zeroed: Uint32Array;
  /** For every block with a finite number other than zero, 1 where its scale became 0 or was raised to the smallest. */
  readonly scaleUnderflows: Uint32Array;
  /** For every block, 1 where its scale, rounded with unbounded exponent, exceeds the scale format. */
  readonly scaleOverflows: Uint32Array;
}

/** Blocks to be filled. */
export function emptyBlocks(format: AnyBlock, rows: number, width: number, tensorScale: number): Blocks {
  const blocksPerRow = Math.ceil(width / format.size);
  const counts = () => new Uint32Array(rows * blocksPerRow);
  return {
    kind: 'blocks',
    format,
    rows,
    width,
    blocksPerRow,
    tensorScale,
    scaleCodes: counts(),
    codes: new Uint32Array(rows * width),
    clips: counts(),
    underflows: counts(),
    zeroed: counts(),
    scaleUnderflows: counts(),
    scaleOverflows: counts(),
  };
}

/** Puts a scale into its place, and counts what befell it. */
export function putScale(blocks: Blocks, block: number, scale: number, flags: number): void {
  blocks.scaleCodes[block] = encodeValue(blocks.format.scale, scale, false);
  if ((flags & SCALE_UNDERFLOW) !== 0) blocks.scaleUnderflows[block]++;
  if ((flags & SCALE_OVERFLOW) !== 0) blocks.scaleOverflows[block]++;
}

/**
 * Puts an element into its place, and counts what became of the number: by what the block represents, so that under a
 * scale of 0 everything is zeroed, whatever its code.
 *
 * @param x - the number that it stands for
 */
export function putElement(
  blocks: Blocks,
  block: number,
  index: number,
  x: number,
  scale: number,
  element: Element,
): void {
  const { code, found } = element;
  blocks.codes[index] = code;
  if (found === 0 && scale !== 0) return;
  if ((found & ZERO) !== 0 || scale === 0) {
    if (x === 0) return;
    blocks.zeroed[block]++;
    blocks.underflows[block]++;
    return;
  }
  if ((found & TINY) !== 0) blocks.underflows[block]++;
  if ((found & CLIPPED) !== 0) blocks.clips[block]++;
}

/** All blocks' counts of one kind together. */
export function total(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Where block `block` starts and ends in the numbers. */
export function blockExtent({ blocksPerRow, width, format }: Blocks, block: number): readonly [number, number] {
  const row = Math.floor(block / blocksPerRow);
  const from = row * width + (block % blocksPerRow) * format.size;
  return [from, Math.min(from + format.size, (row + 1) * width)];
}

/**
 * The numbers that blocks represent, exact in binary64: tensor scale · scale · element. A NaN scale gives NaN; of a scale
 * with a sign the magnitude counts.
 *
 * @throws {@link BittrueError} for something else than blocks
 * @example
 * import { mxfp4 } from 'bittrue/formats';
 * import { dequantizeBlocks, quantizeBlocks } from 'bittrue/quantization';
 * const x = { data: new Float64Array([7, 1, 0.3, 0.2]), shape: [4] };
 * [...dequantizeBlocks(quantizeBlocks(x, mxfp4))]; // [6, 1, 0.5, 0]
 */
export function dequantizeBlocks(blocks: Blocks): Float64Array {
  if (fieldsOf(blocks).kind !== 'blocks')
    throw new BittrueError('type', 'blocks', blocks, 'blocks, as quantizeBlocks makes them');
  const { format, scaleCodes, codes } = blocks;
  const out = new Float64Array(codes.length);
  const read = decoder(format.element);
  for (let block = 0; block < scaleCodes.length; block++) {
    const scale = scaleUnder(blocks, block);
    const [from, to] = blockExtent(blocks, block);
    for (let i = from; i < to; i++) out[i] = read(codes[i]) * scale;
  }
  return out;
}

/** What a block's elements are multiplied by: its scale, times the tensor's. */
export function scaleUnder({ format, scaleCodes, tensorScale }: Blocks, block: number): number {
  return Math.abs(decode(format.scale, scaleCodes[block])) * tensorScale;
}
