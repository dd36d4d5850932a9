/**
 * Producers of blocks, as data. OCP MX v1.0 leaves open what an all-zero block, infinities, NaN and scales out of range
 * give; the producers differ.
 *
 * @module
 */
import { BittrueError, checkList, checkName, checkObject, checkPositive, checkText } from '../../errors/index.ts';
import { type ScaleRule, scaleRules } from '../../formats/index.ts';
import { type RoundingMode, roundingModes } from '../../rounding/index.ts';

/**
 * What a block's largest magnitude A may become: the scale is the smallest power of two with A ≤ limit · scale or, with fraction bits,
 * A / limit, rounded once. The element's largest number gives the rules `rceil` and `amax`. A larger limit clips what lies beyond that
 * number and keeps more of the small ones, as overflow-aware scaling does (arXiv 2603.08713, whose own limits we could not read). Of
 * several limits every block takes the one whose numbers differ least from its own (the sum of squares in binary64, the first of equals).
 */
export interface ScaleLimit {
  readonly limit: number | readonly number[];
}

/** A table: the first of these scales, ascending numbers of the scale's format, with A ≤ M · scale, M the element's largest; else the last. */
export interface ScaleList {
  readonly scales: readonly number[];
}

/**
 * A block's scale from its largest magnitude, a positive finite number, and its numbers: a positive number, which is rounded once to
 * the scale's format, ties to even.
 */
export type ScaleFunction = (amax: number, numbers: readonly number[]) => number;

/** A scale rule of one's own. */
export type OwnRule = ScaleLimit | ScaleList | ScaleFunction;

/** How a producer fills blocks. Elements are clipped at ±max by all of them; a NaN makes the whole block NaN. */
export interface BlockRecipe {
  readonly name: string;
  /** `format`: the one that the block format names. */
  readonly scaleRule: ScaleRule | 'format' | OwnRule;
  /** Of elements; any but `stochastic`. */
  readonly rounding: Exclude<RoundingMode, 'stochastic'>;
  /** An all-zero block: the smallest scale (0 where the format has it), or the scale as if this were its largest magnitude. */
  readonly zero: 'smallest' | number;
  /** A scale above the scale format: the largest, infinity (NaN where the format has none), or NaN. */
  readonly tooLarge: 'largest' | 'infinity' | 'nan';
  /** A block with an infinity: NaN, or the largest scale (the infinity becomes max · scale). */
  readonly infinity: 'nan' | 'largest';
  /**
   * Elements are the numbers divided by the stored scale, exactly and rounded once (the default), or, by the rule `amax`
   * in binary32, the numbers times the reciprocal of the scale before it was rounded to its format.
   */
  readonly division?: 'exact' | 'reciprocal';
}

/**
 * The producers that are known:
 *
 * - `ocp`: the format's rule, ties to even, scales clipped to their range; our choice where the specification has none.
 *   gfloat's `quantize_block` does so too.
 * - `microxcaling`: `floor`, ties away (its function's default), zero as 2^−126, NaN above the range.
 * - `tosa`: CAST_TO_BLOCK_SCALED.
 * - `transformerEngine`: `rceil`; infinities take the largest scale.
 * - `bitsandbytes`: blocks of `nf4` under binary32 scales (csrc/kernels.cu): elements x · (1 / amax), both of binary32; blocks with
 *   infinities or NaN are ours, as are those of a bfloat16 or binary16 input, which it widens first.
 * - `ggml`: Q8_0 (quantize_row_q8_0_ref): d = amax / M in binary32, stored in binary16; elements x · (1 / d), ties away.
 *   What it does with infinities and NaN is undefined there; here the block is NaN.
 *
 * `ocp`, `bitsandbytes` and `ggml` fit scales with fraction bits, all but these two powers of two.
 */
export const blockRecipes: Readonly<Record<string, BlockRecipe>> = /* @__PURE__ */ Object.freeze({
  ocp: recipe('ocp', 'format', {}),
  microxcaling: recipe('microxcaling', 'floor', { rounding: 'tiesToAway', zero: 2 ** -126, tooLarge: 'nan' }),
  tosa: recipe('tosa', 'tosa', {}),
  transformerEngine: recipe('transformerEngine', 'rceil', { infinity: 'largest' }),
  bitsandbytes: recipe('bitsandbytes', 'amax', { tooLarge: 'infinity', division: 'reciprocal' }),
  ggml: recipe('ggml', 'amax', { rounding: 'tiesToAway', tooLarge: 'infinity', division: 'reciprocal' }),
});

function recipe(name: string, scaleRule: ScaleRule | 'format', different: Partial<BlockRecipe>): BlockRecipe {
  return Object.freeze({
    name,
    scaleRule,
    rounding: 'tiesToEven',
    zero: 'smallest',
    tooLarge: 'largest',
    infinity: 'nan',
    division: 'exact',
    ...different,
  });
}

function checkScaleRule(argument: string, rule: BlockRecipe['scaleRule']): void {
  if (typeof rule === 'function') return;
  if (typeof rule === 'string') {
    checkName(argument, rule, [...scaleRules, 'format']);
    return;
  }
  if (Object.hasOwn(Object(rule), 'scales')) {
    const scales = checkList(`${argument}.scales`, checkObject(argument, rule, ['scales']).scales);
    checkSome(`${argument}.scales`, scales).forEach((scale, i) => {
      const at = `${argument}.scales[${i}]`;
      if (checkPositive(at, scale) <= (i === 0 ? 0 : (scales[i - 1] as number))) {
        throw new BittrueError('value', at, scale, 'more than the scale before it');
      }
    });
    return;
  }
  const { limit } = checkObject(argument, rule, ['limit']);
  if (!Array.isArray(limit)) checkPositive(`${argument}.limit`, limit);
  else checkSome(`${argument}.limit`, limit).forEach((one, i) => void checkPositive(`${argument}.limit[${i}]`, one));
}

function checkSome(argument: string, list: readonly unknown[]): readonly unknown[] {
  if (list.length > 0) return list;
  throw new BittrueError('value', argument, list, 'at least one number');
}

/** A checked recipe: a name, or a whole one. */
export function checkRecipe(argument: string, value: unknown): BlockRecipe {
  if (typeof value === 'string') return blockRecipes[checkName(argument, value, Object.keys(blockRecipes))];
  const keys = ['name', 'scaleRule', 'rounding', 'zero', 'tooLarge', 'infinity', 'division'] as const;
  const found = checkObject(argument, value, keys) as unknown as BlockRecipe;
  checkText(`${argument}.name`, found.name);
  checkScaleRule(`${argument}.scaleRule`, found.scaleRule);
  checkName(
    `${argument}.rounding`,
    found.rounding,
    roundingModes.filter((mode) => mode !== 'stochastic'),
  );
  if (found.zero !== 'smallest') checkPositive(`${argument}.zero`, found.zero);
  checkName(`${argument}.tooLarge`, found.tooLarge, ['largest', 'infinity', 'nan']);
  checkName(`${argument}.infinity`, found.infinity, ['largest', 'nan']);
  checkName(`${argument}.division`, found.division ?? 'exact', ['exact', 'reciprocal']);
  return found;
}
