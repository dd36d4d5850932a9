/**
 * Blocks as data: codes of scales and elements, and what happened in each.
 *
 * @module
 */
import { BittrueError, fieldsOf } from '../../errors/index.ts';
import type { AnyBlock } from '../../formats/index.ts';
import { encodeValue } from '../../rounding/codes.ts';
import { decoder, valuesOf } from '../../rounding/decoder.ts';
import { SCALE_OVERFLOW, SCALE_UNDERFLOW } from '../../rounding/index.ts';
import { powerOfTwo } from '../../rounding/rounder.ts';

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

/** Some rows of blocks, a view: `count` rows from `row` on, a multiple of the rows of a block. */
export function rowsOfBlocks(blocks: Blocks, row: number, count: number): Blocks {
  const { blocksPerRow, width, codes, besideCodes, format } = blocks;
  const shared = format.rows ?? 1;
  const [from, to] = [(row / shared) * blocksPerRow, Math.ceil((row + count) / shared) * blocksPerRow];
  const part = (of: Uint32Array): Uint32Array => of.subarray(from, to);
  return {
    ...blocks,
    rows: count,
    scaleCodes: part(blocks.scaleCodes),
    ...(besideCodes === undefined ? {} : { besideCodes: part(besideCodes) }),
    codes: codes.subarray(row * width, (row + count) * width),
    clips: part(blocks.clips),
    underflows: part(blocks.underflows),
    zeroed: part(blocks.zeroed),
    scaleUnderflows: part(blocks.scaleUnderflows),
    scaleOverflows: part(blocks.scaleOverflows),
  };
}

/** Empties blocks. */
export function clearBlocks(blocks: Blocks): void {
  const { scaleCodes, besideCodes, codes, clips, underflows, zeroed, scaleUnderflows, scaleOverflows } = blocks;
  for (const all of [scaleCodes, besideCodes, codes, clips, underflows, zeroed, scaleUnderflows, scaleOverflows])
    all?.fill(0);
}

/** Puts a scale into its place, and counts what befell it. */
export function putScale(blocks: Blocks, block: number, scale: number, flags: number): void {
  blocks.scaleCodes[block] = encodeValue(blocks.format.scale, scale, false);
  if ((flags & SCALE_UNDERFLOW) !== 0) blocks.scaleUnderflows[block]++;
  if ((flags & SCALE_OVERFLOW) !== 0) blocks.scaleOverflows[block]++;
}

/** All blocks' counts of one kind together. */
export function total(counts: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]!;
  return sum;
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
  const out = new Float64Array(blocks.codes.length);
  readBlocks(blocks, out);
  return out;
}

/** Writes them to `out`. */
export function readBlocks(blocks: Blocks, out: Float64Array): void {
  const { scaleCodes, width } = blocks;
  const read = readerOf(blocks);
  for (let block = 0; block < scaleCodes.length; block++) {
    const [from, to, height] = blockExtent(blocks, block);
    for (let r = 0, start = from; r < height; r++, start += width) read(block, start, start + to - from, out);
  }
}

/** What reads a row of a block. */
type Reader = (block: number, from: number, to: number, out: Float64Array) => void;

function readerOf(blocks: Blocks): Reader {
  const { format, codes, besideCodes } = blocks;
  const { beside, element } = format;
  const read = decoder(element);
  const scaleOf = scaleReader(blocks);
  switch (beside?.kind) {
    case undefined: {
      const values = valuesOf(element);
      return (block, from, to, out) => {
        const scale = scaleOf(block);
        // For speed alone.
        if (values !== null) for (let i = from; i < to; i++) out[i] = values[codes[i]!]! * scale;
        else for (let i = from; i < to; i++) out[i] = read(codes[i]!) * scale;
      };
    }
    case 'zeroPoint':
      return (block, from, to, out) => {
        const scale = scaleOf(block);
        const zero = besideCodes![block]!;
        for (let i = from; i < to; i++) out[i] = (codes[i]! - zero) * scale;
      };
    case 'signs': {
      const scaleBelow = scaleReader(blocks, besideCodes);
      return (block, from, to, out) => {
        const scale = scaleOf(block);
        const negative = scaleBelow(block);
        for (let i = from; i < to; i++) {
          const value = read(codes[i]!);
          out[i] = value * (value < 0 || (value === 0 && 1 / value < 0) ? negative : scale);
        }
      };
    }
    case 'choice': {
      const other = decoder(beside.element);
      return (block, from, to, out) => {
        const scale = scaleOf(block);
        const isSecond = isOther(blocks, block);
        const own = isSecond ? other : read;
        const factor = isSecond ? scale * beside.ratio : scale;
        for (let i = from; i < to; i++) out[i] = own(codes[i]!) * factor;
      };
    }
    case 'exponents': {
      const factorsOf = groupFactors(format.size, beside.groups);
      return (block, from, to, out) => {
        const scale = scaleOf(block);
        const factors = factorsOf(besideCodes![block]!);
        for (let i = from; i < to; i++) out[i] = read(codes[i]!) * factors[i - from]! * scale;
      };
    }
  }
}

/** What a block's elements are multiplied by, its scale, times the tensor's; of other codes than the scales' likewise. */
export function scaleReader(
  { format, scaleCodes, tensorScale }: Blocks,
  codes: Uint32Array = scaleCodes,
): (block: number) => number {
  const read = decoder(format.scale);
  return (block) => Math.abs(read(codes[block]!)) * tensorScale;
}

/** Whether the sign of a block's scale says that its elements are of the second grid. */
export function isOther({ format, scaleCodes }: Blocks, block: number): boolean {
  return scaleCodes[block]! >= powerOfTwo(format.scale.bits - 1);
}

/** What gives 2 to the bits of all the groups that a place of a block lies in, for every place; the same room each time. */
function groupFactors(size: number, groups: readonly number[]): (bits: number) => Float64Array {
  const factors = new Float64Array(size);
  return (bits) => {
    factors.fill(1);
    let first = 0;
    for (const group of groups) {
      for (let g = 0; g < size / group; g++) {
        if (((bits >>> (first + g)) & 1) === 1) doubleGroup(factors, g * group, group);
      }
      first += size / group;
    }
    return factors;
  };
}

/** Doubles the factors of a group, that whose bit is set. */
export function doubleGroup(factors: Float64Array, from: number, group: number): void {
  for (let i = from; i < from + group; i++) factors[i]! *= 2;
}
