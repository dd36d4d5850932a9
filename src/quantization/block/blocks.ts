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

/** A tensor in a block format. Blocks run along the last axis; those at its ends may be short. */
export interface Blocks {
  readonly kind: 'blocks';
  readonly format: AnyBlock;
  readonly rows: number;
  readonly width: number;
  readonly blocksPerRow: number;
  /** Over all of it: 1 where the format has none. */
  readonly tensorScale: number;
  /** [⌈rows / the format's rows⌉, blocksPerRow] */
  readonly scaleCodes: Uint32Array;
  /**
   * For every block what is beside its scale: the zero point, the code of the scale of negative numbers, or the bits of its groups'
   * exponents, the first group's lowest. Absent where the format has none, or says it by the sign of the scale.
   */
  readonly besideCodes?: Uint32Array;
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
  const { beside, rows: shared = 1 } = format;
  const blocksPerRow = Math.ceil(width / format.size);
  const blocks = Math.ceil(rows / shared) * blocksPerRow;
  const counts = () => new Uint32Array(blocks);
  return {
    kind: 'blocks',
    format,
    rows,
    width,
    blocksPerRow,
    tensorScale,
    scaleCodes: counts(),
    ...(beside === undefined || beside.kind === 'choice' ? {} : { besideCodes: counts() }),
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

/** Where the first row of block `block` starts and ends in the numbers, and how many rows it has. */
export function blockExtent(
  { blocksPerRow, rows, width, format }: Blocks,
  block: number,
): readonly [from: number, to: number, height: number] {
  const { size, rows: shared = 1 } = format;
  const row = Math.floor(block / blocksPerRow) * shared;
  const from = row * width + (block % blocksPerRow) * size;
  return [from, Math.min(from + size, (row + 1) * width), Math.min(shared, rows - row)];
}

/**
 * The numbers that blocks represent, exact in binary64: tensor scale · scale · element. A NaN scale gives NaN; of a scale
 * with a sign the magnitude counts. Elements of a second grid are integers times its ratio, and so rounded once.
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
  const { scaleCodes, codes, width } = blocks;
  const out = new Float64Array(codes.length);
  const read = readerOf(blocks);
  for (let block = 0; block < scaleCodes.length; block++) {
    const value = read(block);
    const [from, to, height] = blockExtent(blocks, block);
    for (let r = 0, start = from; r < height; r++, start += width) {
      for (let i = 0; i < to - from; i++) out[start + i] = value(codes[start + i]!, i);
    }
  }
  return out;
}

/** For a block what reads its codes: `i` is the number's place in a row of it. */
function readerOf(blocks: Blocks): (block: number) => (code: number, i: number) => number {
  const { format, besideCodes } = blocks;
  const { beside, element } = format;
  const read = decoder(element);
  switch (beside?.kind) {
    case undefined:
      return (block) => {
        const scale = scaleUnder(blocks, block);
        return (code) => read(code) * scale;
      };
    case 'zeroPoint':
      return (block) => {
        const scale = scaleUnder(blocks, block);
        const zero = besideCodes![block]!;
        return (code) => (code - zero) * scale;
      };
    case 'signs':
      return (block) => {
        const scale = scaleUnder(blocks, block);
        const negative = scaleBelow(blocks, block);
        return (code) => {
          const value = read(code);
          return value * (value < 0 || Object.is(value, -0) ? negative : scale);
        };
      };
    case 'choice': {
      const other = decoder(beside.element);
      return (block) => {
        const scale = scaleUnder(blocks, block);
        if (!isOther(blocks, block)) return (code) => read(code) * scale;
        const wide = scale * beside.ratio;
        return (code) => other(code) * wide;
      };
    }
    case 'exponents':
      return (block) => {
        const scale = scaleUnder(blocks, block);
        const factors = groupFactors(format.size, beside.groups, besideCodes![block]!);
        return (code, i) => read(code) * factors[i]! * scale;
      };
  }
}

/** What a block's elements are multiplied by: its scale, times the tensor's. */
export function scaleUnder({ format, scaleCodes, tensorScale }: Blocks, block: number): number {
  return Math.abs(decode(format.scale, scaleCodes[block])) * tensorScale;
}

/** What negative elements of blocks with two scales are multiplied by. */
export function scaleBelow({ format, besideCodes, tensorScale }: Blocks, block: number): number {
  return Math.abs(decode(format.scale, besideCodes![block]!)) * tensorScale;
}

/** Whether the sign of a block's scale says that its elements are of the second grid. */
export function isOther({ format, scaleCodes }: Blocks, block: number): boolean {
  return scaleCodes[block]! >= 2 ** (format.scale.bits - 1);
}

/** 2 to the bits of all the groups that a place of a block lies in, for every place. */
export function groupFactors(size: number, groups: readonly number[], bits: number): Float64Array {
  const factors = new Float64Array(size).fill(1);
  let first = 0;
  for (const group of groups) {
    for (let i = 0; i < size; i++) if (((bits >>> (first + Math.floor(i / group))) & 1) === 1) factors[i]! *= 2;
    first += size / group;
  }
  return factors;
}
