/**
 * What most users need, re-exported flat: formats, one rounding, kernels, targets, reports.
 *
 * `layerNorm(x, { rows, width, target: 'h100' })` runs a kernel bit for bit as a chip does and returns its output and a report
 * of every overflow, underflow and lost addend with its place. The rooms beside this page hold the rest, each under a path of
 * its own: `bittrue/bounds`, `bittrue/quantization`, `bittrue/testing` and so on.
 *
 * @module
 */
export { createUnit } from './arithmetic/unit.ts';
export { createEngine } from './engine/engine.ts';
export { createTensor } from './engine/tensor.ts';
export { BittrueError, type ErrorCode } from './errors/error.ts';
export { compareReports } from './events/compare.ts';
export { mergeReports } from './events/merge.ts';
export { bfloat16, binary16, binary32, e2m1fn, e4m3fn, e5m2, int8 } from './formats/catalogue.ts';
export { defineFloat } from './formats/float.ts';
export { formatName, parseFormat } from './formats/formatName.ts';
export { defineInteger } from './formats/integer.ts';
export { add } from './kernels/add.ts';
export { attention } from './kernels/attention.ts';
export { cast } from './kernels/cast.ts';
export { castCodes } from './kernels/castCodes.ts';
export { dot } from './kernels/dot.ts';
export { epilogue } from './kernels/epilogue.ts';
export { layerNorm } from './kernels/layerNorm.ts';
export { matmul } from './kernels/matmul.ts';
export { multiply } from './kernels/multiply.ts';
export { rmsNorm } from './kernels/rmsNorm.ts';
export { softmax } from './kernels/softmax.ts';
export { sum } from './kernels/sum.ts';
export { unary } from './kernels/unary.ts';
export { formatReport } from './reports/text/report.ts';
export { decode, encode } from './rounding/codes.ts';
export { roundDecimal } from './rounding/decimal.ts';
export { explain } from './rounding/explain.ts';
export { round, roundWithFlags } from './rounding/round.ts';
export { defineTarget } from './targets/define.ts';
export { findTarget, targets } from './targets/table.ts';
