/**
 * Quantizers as data: integer, float (LLM-FP4), block; their calibration, and FPQ's search.
 *
 * `quantizeInteger`, `quantizeFloat` and `quantizeShifted` apply one to a tensor, `quantizeBlocks` groups with shared scales (MX,
 * NVFP4), `createCalibration` and `observe` find ranges in data, `searchLayer` is the search of LLM-FP4. Every clipped and zeroed
 * number is counted.
 *
 * @module
 */

export { type AffineRecipe, affineRecipes } from './block/affine.ts';
export { type Blocks, dequantizeBlocks } from './block/blocks.ts';
export {
  type CompareRecipesOptions,
  compareRecipes,
  type ExponentCounts,
  type RecipeComparison,
  type RecipeRow,
  totalRecipes,
} from './block/compareRecipes.ts';
export { compareScaleRules, type ScaleRuleRow } from './block/compareScaleRules.ts';
export { type GroupRecipe, groupRecipes } from './block/groupExponents.ts';
export { type HadamardStage, hadamard } from './block/hadamard.ts';
export {
  type AppliedRecipe,
  applyRecipe,
  type NamedRecipe,
  parseRecipe,
  type RecipeStage,
  type StochasticStage,
  usualRecipes,
} from './block/namedRecipe.ts';
export { type AnyRecipe, type BlockOptions, quantizeBlocks } from './block/quantizeBlocks.ts';
export {
  type BlockRecipe,
  blockRecipes,
  type OwnRule,
  type ScaleFunction,
  type ScaleLimit,
  type ScaleList,
} from './block/recipe.ts';
export { scaleExponent } from './block/scaleExponent.ts';
export { type TwoLevelRecipe, twoLevelRecipes } from './block/twoLevel.ts';
export { type Calibration, type CalibrationOptions, createCalibration, observe } from './calibration.ts';
export {
  biases,
  type FloatQuantizer,
  type FloatQuantizerOptions,
  floatCodes,
  floatGridValues,
  floatQuantizer,
  floatQuantizerForMax,
  quantizeFloat,
} from './float.ts';
export { type Granularity, granularities } from './granularity.ts';
export { gridFormat, gridNames, usualGrid } from './grid.ts';
export {
  type IntegerQuantizer,
  type IntegerQuantizerOptions,
  integerCodes,
  integerQuantizer,
  integerQuantizerForRanges,
  quantizeInteger,
} from './integer.ts';
export {
  quantizeShifted,
  type ShiftedQuantizer,
  type ShiftedQuantizerOptions,
  type ShiftReading,
  shiftedGridValues,
  shiftedQuantizer,
  shiftReadings,
  shiftWeights,
} from './preshift.ts';
export type { Range } from './range.ts';
export { type SearchOptions, type SearchProgress, type SearchStep, searchPresets } from './search/options.ts';
export { type SearchResult, searchLayer, type TraceRow } from './search/searchLayer.ts';
export { searchTensor, type TensorSearchOptions } from './search/searchTensor.ts';
