export * from './block.ts';
export { blockNotation, parseBlock } from './blockNotation.ts';
export * from './catalogue.ts';
export { defineFloat, type FloatParameters } from './float.ts';
export type * from './format.ts';
export { defineInteger, type IntegerParameters } from './integer.ts';
export { notation, parseFormat } from './notation.ts';
export { defineP3109, type P3109Parameters } from './p3109.ts';
export { type ScaleRule, scaleRules } from './scaleRule.ts';
