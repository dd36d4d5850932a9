/**
 * What each scale rule makes of the same tensor.
 *
 * @module
 */
import { BittrueError } from '../../errors/index.ts';
import { checkBlockFormat } from '../../formats/check.ts';
import type { AnyBlock, ScaleRule } from '../../formats/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import { finiteRows } from '../matrix.ts';
import { dequantizeBlocks, total } from './blocks.ts';
import { quantizeBlocks } from './quantizeBlocks.ts';
import { blockRecipes } from './recipe.ts';

/** One rule's outcome. */
export interface ScaleRuleRow {
  readonly rule: ScaleRule;
  /** Mean of (x̂ − x)². */
  readonly meanSquaredError: number;
  /** Σ (x̂ − x)² / Σ x²; null for a tensor of zeros. */
  readonly relativeError: number | null;
  readonly clips: number;
  readonly underflows: number;
  readonly zeroed: number;
  readonly scaleUnderflows: number;
  readonly scaleOverflows: number;
  /** Blocks whose scale is larger than that of `floor`. */
  readonly raised: number;
}

/**
 * Quantizes a tensor by every rule for powers of two, all else as `ocp`.
 *
 * @throws {@link BittrueError} `value` for NaN and infinities, `unsupported` for scales with fraction bits, as nvfp4's
 * @example
 * import { mxfp4 } from 'bittrue/formats';
 * import { compareScaleRules } from 'bittrue/quantization';
 * const x = { data: new Float64Array([7.5, 3, 1, 0.5]), shape: [4] };
 * const rows = compareScaleRules(x, mxfp4);
 * rows.map(({ rule }) => rule); // ['floor', 'ceil', 'rceil', 'even', 'tosa']
 * rows.map(({ clips }) => clips); // [1, 0, 0, 0, 0]
 */
export function compareScaleRules(x: Tensor, format: AnyBlock): readonly ScaleRuleRow[] {
  const { data } = finiteRows('x', x);
  checkBlockFormat('format', format);
  if (format.scale.mantissaBits > 0) {
    throw new BittrueError('unsupported', 'format', format.name, 'a format whose scales are powers of two');
  }
  let energy = 0;
  for (let i = 0; i < data.length; i++) energy += data[i] * data[i];
  let floor: Uint32Array | null = null;
  return (['floor', 'ceil', 'rceil', 'even', 'tosa'] as const).map((rule) => {
    const blocks = quantizeBlocks(x, format, { recipe: { ...blockRecipes.ocp, name: rule, scaleRule: rule } });
    floor ??= blocks.scaleCodes;
    const lowest = floor;
    const values = dequantizeBlocks(blocks);
    let error = 0;
    for (let i = 0; i < values.length; i++) error += (values[i] - data[i]) * (values[i] - data[i]);
    return {
      rule,
      meanSquaredError: error / data.length,
      relativeError: energy === 0 ? null : error / energy,
      clips: total(blocks.clips),
      underflows: total(blocks.underflows),
      zeroed: total(blocks.zeroed),
      scaleUnderflows: total(blocks.scaleUnderflows),
      scaleOverflows: total(blocks.scaleOverflows),
      raised: blocks.scaleCodes.reduce((count, code, i) => count + (code > lowest[i] ? 1 : 0), 0),
    };
  });
}
