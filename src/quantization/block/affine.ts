/**
 * Blocks with a zero point: unsigned integers q for which (q − zero) · scale stands.
 *
 * With lo and hi the ends of a block and Q its largest code,
 *
 * ```text
 * exact      scale = round((hi − lo) / Q)   zero = rne(−lo / scale)   q = clamp(rne(x / scale) + zero, 0 … Q)
 * binary32   d = (hi − lo) / Q              zero = rne(−lo / d)       q = clamp(rne(x / d) + zero, 0 … Q)   scale = round(d)
 * ```
 *
 * where `exact` rounds each quotient once, `binary32` the difference and each quotient to binary32; rne is the nearest integer, ties to
 * even. Zero points are clamped to their format.
 *
 * @module
 */

import { sumResidual, toOdd } from '../../arithmetic/residual.ts';
import { ValueUnit } from '../../arithmetic/valueUnit.ts';
import { BittrueError, checkName, checkNumber, checkObject, checkText } from '../../errors/index.ts';
import { type AnyBlock, binary32, defineInteger, type IntegerFormat } from '../../formats/index.ts';
import { resolvePolicy } from '../../rounding/index.ts';
import { MAGIC } from '../divide.ts';
import { scaleFlags } from './blockScale.ts';
import { type Filler, lost } from './filler.ts';
import { CLIPPED, countFound, ZERO } from './run.ts';

/** How a producer chooses scales and zero points. */
export interface AffineRecipe {
  readonly kind: 'affine';
  readonly name: string;
  /** The ends of a block: its own, or those of it and zero. */
  readonly range: 'own' | 'withZero';
  readonly arithmetic: 'exact' | 'binary32';
  /** The smallest hi − lo; 0: none. */
  readonly least: number;
  /** Ends of a block of zeros: 0 and 0, or −1 and 1. */
  readonly zeros: 'zero' | 'unit';
}

/**
 * The producers that are known:
 *
 * - `exact`: our choice, with zero in range.
 * - `gptq`: GPTQ (quant.py of IST-DASLab/gptq, symmetric off), elements under the scale before it is stored.
 * - `awq`: AWQ (pseudo_quantize_tensor of mit-han-lab/llm-awq): the block's own ends, at least 1e-5 apart. A block all above or all below
 *   zero is cut where the zero point is.
 *
 * NaN and infinities make a block NaN; their producers leave that open.
 */
export const affineRecipes: Readonly<Record<string, AffineRecipe>> = /* @__PURE__ */ Object.freeze({
  exact: recipe('exact', {}),
  gptq: recipe('gptq', { arithmetic: 'binary32', zeros: 'unit' }),
  awq: recipe('awq', { arithmetic: 'binary32', range: 'own', least: 1e-5 }),
});

function recipe(name: string, different: Partial<AffineRecipe>): AffineRecipe {
  return Object.freeze({
    kind: 'affine',
    name,
    range: 'withZero',
    arithmetic: 'exact',
    least: 0,
    zeros: 'zero',
    ...different,
  });
}

/** A checked recipe: a name, or a whole one. */
export function checkAffineRecipe(argument: string, value: unknown): AffineRecipe {
  if (typeof value === 'string') return affineRecipes[checkName(argument, value, Object.keys(affineRecipes))];
  const keys = ['kind', 'name', 'range', 'arithmetic', 'least', 'zeros'] as const;
  const found = checkObject(argument, value, keys) as unknown as AffineRecipe;
  checkName(`${argument}.kind`, found.kind, ['affine']);
  checkText(`${argument}.name`, found.name);
  checkName(`${argument}.range`, found.range, ['own', 'withZero']);
  checkName(`${argument}.arithmetic`, found.arithmetic, ['exact', 'binary32']);
  checkName(`${argument}.zeros`, found.zeros, ['zero', 'unit']);
  if (!(checkNumber(`${argument}.least`, found.least) >= 0)) {
    throw new BittrueError('range', `${argument}.least`, found.least, 'a number from 0');
  }
  return found;
}

const { fround } = Math;

/** Wide enough for any quotient that is not clamped anyway. */
const steps = /* @__PURE__ */ defineInteger({ bits: 40 });

/** What chooses scale and zero point. */
export function affineFiller(format: AnyBlock, zeroFormat: IntegerFormat, given: AffineRecipe): Filler {
  const { element, scale: scaleFormat } = format;
  const most = element.codes - 1;
  const isExact = given.arithmetic === 'exact';
  const scales = new ValueUnit(scaleFormat, resolvePolicy(scaleFormat, { overflow: 'saturate' }));
  const singles = new ValueUnit(binary32, resolvePolicy(binary32));
  const nearest = new ValueUnit(steps, resolvePolicy(steps, { overflow: 'saturate' }));
  /** rne(x / d); of a scale of 0 all is 0. */
  const stepsOf = (x: number, d: number): number => {
    if (d === 0) return 0;
    return isExact ? nearest.divide(x, d) : wholeOf(fround(fround(x) / d));
  };
  return (data, from, to) => {
    const ends = endsOf(data, from, to, given, isExact);
    if (ends === null) return lost;
    const [lo, hi] = ends;
    const isEmpty = lo === 0 && hi === 0;
    let d: number;
    let scale: number;
    if (isExact) {
      // What is lost of hi − lo sits in its last bit, below all that decides: a code times a midpoint of scales is far shorter.
      const width = Math.min(hi - lo, Number.MAX_VALUE);
      const rest = sumResidual(hi, -lo, width);
      scale = scales.divide(Math.max(given.least, rest === 0 || rest !== rest ? width : toOdd(width, rest)), most);
      d = scale;
    } else {
      const width = fround(Math.max(fround(given.least), fround(hi - lo)));
      d = singles.divide(width, most);
      scale = scales.round(d);
    }
    const flags = isEmpty ? 0 : scaleFlags(scaleFormat, scale, scales.flags);
    const zero = Math.min(zeroFormat.max, Math.max(0, -stepsOf(lo, d)));
    return {
      scale,
      flags,
      beside: zero,
      place(x, first, end, into) {
        for (let i = first; i < end; i++) {
          const wanted = stepsOf(x[i]!, d) + zero;
          const code = Math.min(most, Math.max(0, wanted));
          into.codes[i] = code;
          countFound(into, x[i]!, (code === wanted ? 0 : CLIPPED) | (code === zero || scale === 0 ? ZERO : 0));
        }
      },
    };
  };
}

/** The ends of a block; null where a number is not finite, in binary32 where that counts. */
function endsOf(
  data: Float64Array,
  from: number,
  to: number,
  { range, zeros }: AffineRecipe,
  isExact: boolean,
): readonly [number, number] | null {
  let lo = range === 'withZero' ? 0 : Infinity;
  let hi = range === 'withZero' ? 0 : -Infinity;
  let isZero = true;
  for (let i = from; i < to; i++) {
    const x = isExact ? data[i]! : fround(data[i]!);
    if (x - x !== 0) return null;
    if (x !== 0) isZero = false;
    if (x < lo) lo = x;
    if (x > hi) hi = x;
  }
  if (isZero) return zeros === 'unit' ? [-1, 1] : [0, 0];
  return [lo, hi];
}

/** A number of binary32 rounded to a whole one, ties to even; beyond 2^39 that. */
function wholeOf(x: number): number {
  return Math.min(2 ** 39, Math.max(-(2 ** 39), x)) + MAGIC - MAGIC;
}
