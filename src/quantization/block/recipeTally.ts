/**
 * What a recipe makes of a tensor, counted band by band.
 *
 * @module
 */
import type { ElementFormat } from '../../formats/index.ts';
import { decoder } from '../../rounding/decoder.ts';
import type { Tensor } from '../../tensors/index.ts';
import { type Blocks, blockExtent, isOther, scaleReader, total } from './blocks.ts';
import { applyByBands, type NamedRecipe } from './namedRecipe.ts';

/** Counts of numbers and blocks, and what else there is to tell. */
export interface RecipeTally {
  zeroed: number;
  clips: number;
  scaleUnderflows: number;
  scaleOverflows: number;
  onTop: number;
  collapsed: number;
  /** The scales of blocks other than NaN: the smallest, the smallest above zero, the largest. */
  leastScale: number;
  leastPositive: number;
  mostScale: number;
  readonly error: SquaredError;
}

/** Of differences: Σ (x̂ − x)² in the order of the numbers, and the largest |x̂ − x|. */
export interface SquaredError {
  sum: number;
  largest: number;
}

/** Counts what a recipe makes of a tensor; the numbers that stand for it go to `values` where these are wanted. */
export function tallyRecipe(x: Tensor, recipe: NamedRecipe, values: Float64Array | null): RecipeTally {
  const tally: RecipeTally = {
    zeroed: 0,
    clips: 0,
    scaleUnderflows: 0,
    scaleOverflows: 0,
    onTop: 0,
    collapsed: 0,
    leastScale: Infinity,
    leastPositive: Infinity,
    mostScale: 0,
    error: { sum: 0, largest: 0 },
  };
  const { element, beside } = recipe.format;
  const isTop = topCodes(element);
  const isOtherTop = beside?.kind === 'choice' ? topCodes(beside.element) : isTop;
  let exact = new Float64Array(0);
  applyByBands(x, recipe, ({ blocks, from, values: found, row }) => {
    tally.zeroed += total(blocks.zeroed);
    tally.clips += total(blocks.clips);
    tally.scaleUnderflows += total(blocks.scaleUnderflows);
    tally.scaleOverflows += total(blocks.scaleOverflows);
    addScales(tally, blocks, scaleReader(blocks));
    if (beside?.kind === 'signs') addScales(tally, blocks, scaleReader(blocks, blocks.besideCodes));
    addTops(tally, blocks, from, isTop, isOtherTop);
    const start = row * blocks.width;
    if (exact.length !== found.length) exact = new Float64Array(found.length);
    exact.set(x.data.subarray(start, start + found.length));
    addError(tally.error, exact, found);
    values?.set(found, start);
  });
  return tally;
}

function addScales(tally: RecipeTally, { scaleCodes }: Blocks, scaleOf: (block: number) => number): void {
  for (let block = 0; block < scaleCodes.length; block++) {
    const scale = scaleOf(block);
    if (scale < tally.leastScale) tally.leastScale = scale;
    if (scale < tally.leastPositive && scale > 0) tally.leastPositive = scale;
    if (scale > tally.mostScale) tally.mostScale = scale;
  }
}

function addTops(
  tally: RecipeTally,
  blocks: Blocks,
  data: Float64Array,
  isTop: Uint8Array,
  isOtherTop: Uint8Array,
): void {
  const { codes, width, scaleCodes } = blocks;
  const scaleOf = scaleReader(blocks);
  for (let block = 0; block < scaleCodes.length; block++) {
    if (!(scaleOf(block) > 0)) continue;
    const [from, to, height] = blockExtent(blocks, block);
    const top = isOtherTop !== isTop && isOther(blocks, block) ? isOtherTop : isTop;
    let found = 0;
    for (let r = 0, start = from; r < height; r++, start += width) {
      for (let i = start; i < start + to - from; i++) found += top[codes[i]!]!;
    }
    tally.onTop += found;
    if (found === (to - from) * height && differ(data, from, to, height, width)) tally.collapsed++;
  }
}

/** Whether not all of a block's numbers are of one magnitude. */
function differ(data: Float64Array, from: number, to: number, height: number, width: number): boolean {
  const first = Math.abs(data[from]!);
  for (let r = 0, start = from; r < height; r++, start += width) {
    for (let i = start; i < start + to - from; i++) if (Math.abs(data[i]!) !== first) return true;
  }
  return false;
}

/** For every code whether it is of the largest magnitude; with a zero point, of the largest or the smallest number. */
function topCodes(element: ElementFormat): Uint8Array {
  const read = decoder(element);
  const isUnsigned = element.kind === 'integer' && !element.signed;
  return Uint8Array.from({ length: element.codes }, (_, code) =>
    Number(isUnsigned ? code === 0 || code === element.codes - 1 : Math.abs(read(code)) >= element.max),
  );
}

/** Adds the differences of some numbers. */
export function addError(error: SquaredError, exact: Float64Array, found: Float64Array): void {
  let { sum, largest } = error;
  for (let i = 0; i < found.length; i++) {
    const difference = found[i]! - exact[i]!;
    sum += difference * difference;
    const a = Math.abs(difference);
    if (a > largest) largest = a;
  }
  error.sum = sum;
  error.largest = sum !== sum ? Number.NaN : largest;
}
