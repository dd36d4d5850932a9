/**
 * Blocks whose groups have a bit of exponent each, at levels within one another (HiFloat4: 64 numbers, groups of 8, groups of 4).
 *
 * With A the block's largest magnitude, M the element's largest number and L levels, r what rounds a product,
 *
 * ```text
 * s     = scale(bfloat16(A · bfloat16(1 / (M · 2^L))))      at least the smallest scale, at most the largest; ties to even
 * f     = bfloat16(1 / s)
 * bit   = r(G · f) / (factors of the levels above) ≥ 2^(levels from here on)      G: the group's largest magnitude
 * e     = r(x · f / all factors), rounded to the element
 * ```
 *
 * @module
 */
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { checkName, checkObject, checkText } from '../../errors/index.ts';
import { type AnyBlock, bfloat16, type Format } from '../../formats/index.ts';
import { resolvePolicy, SCALE_OVERFLOW, SCALE_UNDERFLOW } from '../../rounding/index.ts';
import { powerOfTwo } from '../../rounding/rounder.ts';
import { doubleGroup } from './blocks.ts';
import { elementsOf } from './elements.ts';
import { amaxOf, type Filler, lost } from './filler.ts';

/** How a producer chooses scale and exponents. */
export interface GroupRecipe {
  readonly kind: 'groups';
  readonly name: string;
  /** What products are rounded to, and numbers before them. */
  readonly products: 'binary32' | 'bfloat16';
  /** How elements are rounded. */
  readonly rounding: 'tiesToEven' | 'tiesToAway';
}

/**
 * The producers that are known, both Huawei's:
 *
 * - `hifloat4`: the library of the format's authors (quant_cy, hifx.py) and vLLM's kernel after it: products in binary32, elements
 *   ⌊4 · e + 1/2⌋ / 4, these two in binary32 too.
 * - `cann`: the kernels of CANN (gen_data of its HiFloat4 product): products in bfloat16, ties to even. It reads the scale code 0 as 0,
 *   the library as 2^−48; here it is the latter.
 *
 * NaN and infinities, which the library hands through beside its codes, make a block NaN.
 */
export const groupRecipes: Readonly<Record<string, GroupRecipe>> = /* @__PURE__ */ Object.freeze({
  hifloat4: Object.freeze({ kind: 'groups', name: 'hifloat4', products: 'binary32', rounding: 'tiesToAway' } as const),
  cann: Object.freeze({ kind: 'groups', name: 'cann', products: 'bfloat16', rounding: 'tiesToEven' } as const),
});

/** A checked recipe: a name, or a whole one. */
export function checkGroupRecipe(argument: string, value: unknown): GroupRecipe {
  if (typeof value === 'string') return groupRecipes[checkName(argument, value, Object.keys(groupRecipes))];
  const found = checkObject(argument, value, ['kind', 'name', 'products', 'rounding']) as unknown as GroupRecipe;
  checkName(`${argument}.kind`, found.kind, ['groups']);
  checkText(`${argument}.name`, found.name);
  checkName(`${argument}.products`, found.products, ['binary32', 'bfloat16']);
  checkName(`${argument}.rounding`, found.rounding, ['tiesToEven', 'tiesToAway']);
  return found;
}

const { fround } = Math;

/** What chooses scale and exponents. */
export function groupFiller(
  { element, scale: scaleFormat, size }: AnyBlock,
  groups: readonly number[],
  { products, rounding }: GroupRecipe,
): Filler {
  const half = new ValueUnit(bfloat16, resolvePolicy(bfloat16));
  const scales = new ValueUnit(scaleFormat, resolvePolicy(scaleFormat as Format, { overflow: 'saturate' }));
  const elements = elementsOf(element, rounding);
  const share = half.divide(1, element.max * 2 ** groups.length);
  const round = products === 'binary32' ? fround : (x: number): number => half.round(fround(x));
  const factors = new Float64Array(size);
  const numbers = new Float64Array(size);
  return (data, from, to) => {
    for (let i = from; i < to; i++) numbers[i - from] = round(data[i]!);
    const amax = amaxOf(numbers, 0, to - from);
    if (amax - amax !== 0) return lost;
    const wanted = half.round(fround(amax * share));
    const scale = scales.round(Math.min(scaleFormat.max, Math.max(scaleFormat.minNormal, wanted)));
    const factor = half.round(fround(1 / scale));
    const flags = wanted > scaleFormat.max ? SCALE_OVERFLOW : wanted < scaleFormat.minNormal ? SCALE_UNDERFLOW : 0;
    const bits = exponentBits(numbers.subarray(0, to - from), factors, groups, (x) => round(x * factor));
    return {
      scale,
      flags: amax === 0 ? 0 : flags,
      beside: bits,
      place(x, first, end, into) {
        for (let i = first; i < end; i++) {
          const product = round((round(x[i]!) / factors[i - first]!) * factor);
          // The library's own rounding: half a step is added in binary32, which can carry over.
          into.numbers[i] = rounding === 'tiesToAway' ? carried(product) : product;
        }
        elements.ofNumbers(x, first, end, into);
      },
    };
  };
}

/** ±⌊4 · |e| + 1/2⌋ / 4, where the sum is rounded to binary32: what lies just below half a step goes up too. */
function carried(e: number): number {
  const magnitude = Math.floor(fround(fround(Math.abs(e) * 4) + 0.5)) / 4;
  return e < 0 || Object.is(e, -0) ? -magnitude : magnitude;
}

/** The bits of all groups, the outermost level's first; `factors` becomes 2 to those of the groups that a place lies in. */
function exponentBits(
  numbers: Float64Array,
  factors: Float64Array,
  groups: readonly number[],
  over: (x: number) => number,
): number {
  factors.fill(1);
  let bits = 0;
  let first = 0;
  groups.forEach((group, level) => {
    const most = powerOfTwo(groups.length - level);
    for (let g = 0; g * group < numbers.length; g++) {
      const from = g * group;
      const amax = amaxOf(numbers, from, Math.min(from + group, numbers.length));
      if (!(over(amax) / factors[from]! >= most)) continue;
      bits |= 1 << (first + g);
      doubleGroup(factors, from, group);
    }
    first += factors.length / group;
  });
  return bits >>> 0;
}
