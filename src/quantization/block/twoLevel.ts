/**
 * Scales under a scale of the tensor (NVFP4 and its kin): every operation in binary32.
 *
 * With A the tensor's largest magnitude, a a block's, M the element's largest number and `top` what the scale of the largest
 * block becomes, a producer computes, in one of three orders,
 *
 * ```text
 * reciprocals   S = min(top·M / A, max32)   s = round(a · (S · (1/M)))   elements x · min(1 / (s · (1/S)), max32)
 * quotients     S = min(top·M / A, max32)   s = round((a / M) · S)       elements x · min(1 / (s · (1/S)), max32)
 * decode        T = A / (top·M)             s = round((a / M) / T)       elements x / (T · s)
 * ```
 *
 * S is 1 where A or S itself is 0; without a tensor scale S and T are 1. Scales saturate. Where producers are silent: a NaN does
 * not count for A, and makes its own block's scale NaN.
 *
 * A producer with several candidates c maps a block's largest magnitude to each of them in turn (s is multiplied by M / c
 * before it is rounded), and keeps the one whose numbers (q · s · A) / (M · top) differ least from x, summed in order; the
 * earlier one where they are equal.
 *
 * A format with a second grid (`choice`) has every candidate once more: the scale is the same, elements are x · factor · inverse, and
 * the numbers that are compared are (q · s · A) · ratio / (M · top).
 *
 * A binary64 operation on binary32 numbers, rounded to binary32, is binary32's own: 53 bits are more than twice 24 and two.
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { BittrueError, checkInteger, checkName, checkObject, checkPositive, checkText } from '../../errors/index.ts';
import { type AnyBlock, binary32, type ElementFormat } from '../../formats/index.ts';
import { decoder } from '../../rounding/decoder.ts';
import { OVERFLOW, resolvePolicy } from '../../rounding/index.ts';
import { largest } from '../matrix.ts';
import { type BlockScale, type ChooseScale, placeElements, scaleFlags } from './blockScale.ts';
import { type Elements, elementsOf } from './elements.ts';
import { emptyRun, roomFor } from './run.ts';

/** How a producer chooses the scales of a format with a scale of the tensor. */
export interface TwoLevelRecipe {
  readonly levels: 2;
  readonly name: string;
  /** What the scale of the tensor's largest block becomes: the scale format's largest number, or a smaller one, read as binary32. */
  readonly top: 'largest' | number;
  /** The order of operations in binary32, as described at `twoLevelRecipes`. */
  readonly order: 'reciprocals' | 'quotients' | 'decode';
  /** What a block's largest magnitude may become, first choice first; `largest`: the element's largest number. */
  readonly candidates: readonly ('largest' | number)[];
  /** By what candidates are compared: the sum of |error|, of its square, or the largest |error|. */
  readonly error: 'absolute' | 'squared' | 'largest';
  /** The smallest scale: 0 where the format has it, or its smallest normal number. */
  readonly least: 'zero' | 'normal';
}

/**
 * The producers that are known, all with ties to even:
 *
 * - `transformerEngine`: S = top·M / A, s = round(a · (S · (1/M))), elements x · (1 / (s · (1/S))); A and a are the largest
 *   magnitudes of tensor and block, M the element's largest number, top the scale format's (quantization_ref_nvfp4.py).
 * - `torchao`: T = A / (top·M), s = round((a / M) / T), never below the smallest normal number, elements x / (T · s)
 *   (nvfp4_tensor.py).
 * - `fourOverSix`: S as before with top 256, s = round((a / M) · S), for e2m1fn once as it is and once times 1.5, so that the
 *   largest number becomes 6 or 4; the smaller squared error is kept (Cook et al., arXiv 2512.02010; its PyTorch reference).
 *   That reference leaves the order of the error's sum open; here it is that of the elements.
 * - `transformerEngineFourOverSix`: the same with top 448 and the absolute error, the defaults of quantize_4over6_nvfp4.cuh.
 * - `intFloat`: of IF4 and IF6, S and s as `fourOverSix` but top 448 and no 4, the smaller squared error of both grids (the authors'
 *   PyTorch reference, which leaves the order of that sum open too).
 */
export const twoLevelRecipes: Readonly<Record<string, TwoLevelRecipe>> = /* @__PURE__ */ Object.freeze({
  transformerEngine: recipe('transformerEngine', {}),
  torchao: recipe('torchao', { order: 'decode', least: 'normal' }),
  fourOverSix: recipe('fourOverSix', { order: 'quotients', top: 256, candidates: ['largest', 4], error: 'squared' }),
  transformerEngineFourOverSix: recipe('transformerEngineFourOverSix', {
    order: 'quotients',
    candidates: ['largest', 4],
  }),
  intFloat: recipe('intFloat', { order: 'quotients', error: 'squared' }),
});

function recipe(name: string, different: Partial<TwoLevelRecipe>): TwoLevelRecipe {
  return Object.freeze({
    levels: 2,
    name,
    top: 'largest',
    order: 'reciprocals',
    candidates: Object.freeze(['largest'] as const),
    error: 'absolute',
    least: 'zero',
    ...different,
  });
}

/** A checked recipe: a name, or a whole one. */
export function checkTwoLevelRecipe(argument: string, value: unknown, { element, scale }: AnyBlock): TwoLevelRecipe {
  if (typeof value === 'string') return twoLevelRecipes[checkName(argument, value, Object.keys(twoLevelRecipes))];
  const keys = ['levels', 'name', 'top', 'order', 'candidates', 'error', 'least'] as const;
  const found = checkObject(argument, value, keys) as unknown as TwoLevelRecipe;
  checkInteger(`${argument}.levels`, found.levels, 2, 2);
  checkText(`${argument}.name`, found.name);
  checkName(`${argument}.order`, found.order, ['reciprocals', 'quotients', 'decode']);
  checkName(`${argument}.error`, found.error, ['absolute', 'squared', 'largest']);
  checkName(`${argument}.least`, found.least, ['zero', 'normal']);
  checkWithin(`${argument}.top`, found.top, scale.max);
  if (!Array.isArray(found.candidates) || found.candidates.length === 0) {
    throw new BittrueError('type', `${argument}.candidates`, found.candidates, "a list such as ['largest', 4]");
  }
  found.candidates.forEach((candidate, i) => void checkWithin(`${argument}.candidates[${i}]`, candidate, element.max));
  return found;
}

function checkWithin(argument: string, value: unknown, most: number): void {
  if (value === 'largest') return;
  if (checkPositive(argument, value) > most) throw new BittrueError('range', argument, value, `at most ${most}`);
}

const { fround } = Math;

/** What all blocks of a tensor share. */
interface Shared {
  readonly recipe: TwoLevelRecipe;
  /** Of binary32: quotients by numbers of more digits are rounded once. */
  readonly unit: ValueUnit;
  /** S, or T in the order `decode`. */
  readonly tensor: number;
  /** What a represented number q · s is multiplied by: A, then over M · top; both 1 without a tensor scale. */
  readonly amax: number;
  readonly over: number;
}

/** The tensor's scale, and how those of its blocks follow; numbers are rounded to binary32 first. */
export function twoLevelScales(
  format: AnyBlock,
  given: TwoLevelRecipe,
  data: ArrayLike<number>,
): { readonly tensorScale: number; readonly choose: ChooseScale } {
  const { element, scale } = format;
  const top = given.top === 'largest' ? scale.max : fround(given.top);
  const amax = format.tensorScale === null ? 1 : fround(largest(data, 0, data.length));
  const over = format.tensorScale === null ? 1 : element.max * top;
  const unit = new ValueUnit(binary32, resolvePolicy(binary32));
  const tensor = given.order === 'decode' ? tensorDecoding(unit, amax, over) : tensorEncoding(unit, amax, over);
  const shared = { recipe: given, unit, tensor, amax, over };
  const scales = new ValueUnit(scale, resolvePolicy(scale, { overflow: 'saturate' }));
  const candidates = given.candidates.map((candidate) => {
    const expansion = candidate === 'largest' ? 1 : unit.divide(element.max, candidate);
    return (amaxOfBlock: number): BlockScale => scaleOf(format, shared, scales, amaxOfBlock, expansion);
  });
  const tensorScale = given.order === 'decode' ? tensor : fround(1 / tensor);
  const isAlone = candidates.length === 1 && format.beside?.kind !== 'choice';
  return { tensorScale, choose: isAlone ? candidates[0]! : chooseBest(format, shared, candidates) };
}

/** S. */
function tensorEncoding(unit: ValueUnit, amax: number, over: number): number {
  if (amax === 0) return 1;
  const found = Math.min(unit.divide(over, amax), binary32.max);
  return found === 0 ? 1 : found;
}

/** T, which is 1 where it would be 0 or infinite. */
function tensorDecoding(unit: ValueUnit, amax: number, over: number): number {
  const found = unit.divide(amax, over);
  return found === 0 || found === Infinity ? 1 : found;
}

/** The scale of a block of that largest magnitude, NaN where it holds one. */
function scaleOf(
  { element, scale: format }: AnyBlock,
  { recipe: { order, least }, unit, tensor }: Shared,
  scales: ValueUnit,
  largest: number,
  expansion: number,
): BlockScale {
  if (largest !== largest) return { scale: largest, flags: 0, factor: null, divisor: null, inverse: null };
  const single = fround(largest);
  let wanted: number;
  if (order === 'reciprocals') wanted = fround(single * fround(tensor * unit.divide(1, element.max)));
  else {
    const quotient = unit.divide(single, element.max);
    wanted = fround(order === 'decode' ? quotient / tensor : quotient * tensor);
  }
  wanted = fround(wanted * expansion);
  const raised = least === 'normal' && wanted < format.minNormal;
  const scale = scales.round(raised ? format.minNormal : wanted);
  // A finite number that binary32 does not hold overflows on its way; an infinity is none.
  const flags = single === Infinity && largest !== Infinity ? OVERFLOW : scales.flags;
  const told = largest === 0 || largest === Infinity ? 0 : scaleFlags(format, scale, flags, raised);
  if (order === 'decode') return { scale, flags: told, factor: null, divisor: fround(tensor * scale), inverse: null };
  const factor = Math.min(fround(1 / fround(scale * fround(1 / tensor))), binary32.max);
  return { scale, flags: told, factor, divisor: null, inverse: null };
}

/** What rounds to a grid, and the numbers that its codes stand for under a scale, as a producer computes them. */
interface Grid {
  readonly elements: Elements;
  readonly under: (scale: number) => Float64Array;
}

/** So many scales are remembered. */
const REMEMBERED = 1024;

function gridOf(element: ElementFormat, ratio: number, { unit, amax, over }: Shared): Grid {
  const read = decoder(element);
  const isSingle = fround(over) === over;
  const known = new Map<number, Float64Array>();
  const numbersUnder = (scale: number): Float64Array =>
    Float64Array.from({ length: element.codes }, (_, code) => {
      // By a ratio of 1 nothing changes.
      const scaled = fround(fround(fround(read(code) * scale) * amax) * ratio);
      return isSingle ? fround(scaled / over) : unit.divide(scaled, over);
    });
  return {
    elements: elementsOf(element, 'tiesToEven'),
    under(scale) {
      const found = known.get(scale);
      if (found !== undefined) return found;
      if (known.size === REMEMBERED) known.clear();
      const numbers = numbersUnder(scale);
      known.set(scale, numbers);
      return numbers;
    },
  };
}

/** The candidate whose numbers differ least from the block's; those of a second grid after those of the first. */
function chooseBest(
  { element, beside }: AnyBlock,
  shared: Shared,
  candidates: readonly ((largest: number) => BlockScale)[],
): ChooseScale {
  const { order, error } = shared.recipe;
  const first = gridOf(element, 1, shared);
  const second = beside?.kind === 'choice' ? gridOf(beside.element, beside.ratio, shared) : null;
  const into = emptyRun();
  const errorOf = (found: BlockScale, data: Float64Array, from: number, to: number): number => {
    const { elements, under } = found.inverse === null ? first : second!;
    placeElements(elements, data, from, to, found, roomFor(into, to));
    const { codes } = into;
    const numbers = under(found.scale);
    let sum = 0;
    for (let i = from; i < to; i++) {
      const difference = fround(numbers[codes[i]!]! - fround(data[i]!));
      if (error === 'largest') sum = Math.max(sum, Math.abs(difference));
      else sum = fround(sum + (error === 'squared' ? fround(difference * difference) : Math.abs(difference)));
    }
    return sum;
  };
  const inverses = beside?.kind === 'choice' ? [null, beside.inverse] : [null];
  return (largest, data, from, to) => {
    const scales = candidates.map((scale) => scale(largest));
    if (largest !== largest) return scales[0]!;
    if (order === 'decode' && second !== null) {
      const expected = 'a recipe that multiplies, for a choice of grids';
      throw new BittrueError('unsupported', 'options.recipe', 'a divisor', expected);
    }
    let best: BlockScale | null = null;
    let least = Infinity;
    for (const inverse of inverses) {
      for (const { scale, flags, factor, divisor } of scales) {
        const found = { scale, flags, factor, divisor, inverse };
        const sum = errorOf(found, data, from, to);
        if (best !== null && !(sum < least)) continue;
        best = found;
        least = sum;
      }
    }
    return best!;
  };
}
