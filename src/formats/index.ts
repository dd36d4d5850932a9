/**
 * Number formats as data: floats, integers, blocks with shared scales.
 *
 * A format says how many bits, which bias, which special values; `catalogue` has those with names (IEEE 754, bfloat16, FP8, FP6,
 * FP4, MX, P3109, fnuz, integers), `parseFormat` reads a name or a notation such as `float:e5m4`, `defineFloat`, `defineInteger`
 * and `defineBlock` make others.
 *
 * @module
 */
export type { Binades } from './binades.ts';
export * from './block.ts';
export type * from './blockFormat.ts';
export { blockName, parseBlock } from './blockName.ts';
export * from './catalogue.ts';
export * from './codebook.ts';
export { defineFloat, type FloatParameters } from './float.ts';
export type * from './format.ts';
export { formatName, parseFormat } from './formatName.ts';
export { defineInteger, type IntegerParameters } from './integer.ts';
export { defineP3109, type P3109Parameters } from './p3109.ts';
export { type ScaleRule, scaleRules } from './scaleRule.ts';
