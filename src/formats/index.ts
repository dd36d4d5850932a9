export * from './block.ts';
export { blockName, parseBlock } from './blockName.ts';
export * from './catalogue.ts';
export { defineFloat, type FloatParameters } from './float.ts';
export type * from './format.ts';
export { formatName, parseFormat } from './formatName.ts';
export { defineInteger, type IntegerParameters } from './integer.ts';
export { defineP3109, type P3109Parameters } from './p3109.ts';
export { type ScaleRule, scaleRules } from './scaleRule.ts';
