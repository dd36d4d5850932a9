export { checkLaws, describeLaws, type LawOptions } from './checkLaws.ts';
export { type AllReduce, allReduceLaws, layerNormLaws, type RowKernel, softmaxLaws } from './kernelLaws.ts';
export type { Law, LawCheck, LawVerdict } from './law.ts';
export * from './predicates.ts';
export { type QuantizerLawOptions, type QuantizerPair, quantizerLaws } from './quantizerLaws.ts';
export { type RoundingLawOptions, roundingLaws } from './roundingLaws.ts';
export { type Sum, type SumLawOptions, sumLaws } from './sumLaws.ts';
